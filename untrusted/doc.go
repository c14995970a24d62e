// Package untrusted runs every command of slapstar on repositories of strangers: those
// in hostile/ try to run, read, write, reach, show or use up something, and those in
// honest/ show what still works. SECURITY.md says what is promised.
//
// A repository is a txtar archive. Lines of its comment that begin with a word of
// directives (see untrusted_test.go) say what files cannot: links, pipes, large files,
// and what a command has to say. In its files {{OUTSIDE}} is a folder beside the
// repository, {{PROGRAM}} a program there, and {{URL}} a server that nobody may ask.
package untrusted
