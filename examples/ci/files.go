// Package ci has the pipelines of this folder, for slapstar init --ci.
package ci

import (
	"embed"
	"path"
)

//go:embed gitlab-ci.yml github/*.yml
var files embed.FS

// A File is one of a pipeline.
type File struct {
	Path string // below the folder that it is for, with slashes
	Text []byte
}

// Systems are the CI systems that there are pipelines for, by name. The file of GitLab
// stands in a project of its own, so that no merge request changes it: it has no name that
// GitLab would take it by.
var Systems = map[string][]File{
	"gitlab": {read("gitlab-ci.yml", "gitlab-ci.yml")},
	"github": workflows("check", "plan", "apply", "drift"),
}

func workflows(names ...string) []File {
	var list []File
	for _, name := range names {
		list = append(list, read("github/"+name+".yml", path.Join(".github/workflows", name+".yml")))
	}
	return list
}

// read reads a file that is part of the program.
func read(name, as string) File {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	return File{Path: as, Text: text}
}
