// Package adopt makes declarations of what a Master has: an [engine.Config] whose plan
// against the same Master is empty, and whose values may stand in a repository.
//
// Three things are decided here. A value that looks like a credential, or that holds one of
// the account, becomes a secret. A value that an instance has published becomes a reference
// to it where instance and key are certain: see [publishers]. What no file can declare is
// left out, and said.
//
// The package knows nothing of files, flags and networks.
package adopt
