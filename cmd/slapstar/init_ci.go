package main

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/examples/ci"
)

// ciSystems are those that there are files for.
func ciSystems() []string { return slices.Sorted(maps.Keys(ci.Systems)) }

// ciFiles are the files for a system.
func ciFiles(system string) ([]run.NewFile, error) {
	if system == "" {
		return nil, nil
	}
	files, ok := ci.Systems[system]
	if !ok {
		return nil, usagef("--ci: got %q, want %s", system, strings.Join(ciSystems(), " or "))
	}
	var list []run.NewFile
	for _, f := range files {
		list = append(list, run.NewFile{Path: f.Path, Text: f.Text, Mode: 0o644})
	}
	return list, nil
}

// sayCI says what is left to do until a CI system takes its files.
func (o initOptions) sayCI(e *env) {
	switch o.ci {
	case "gitlab":
		view.Say(e.Err, filepath.Join(o.folder, "gitlab-ci.yml")+" belongs into a project of its own, which only those can change who may apply: docs/howto/merge-requests.md says how GitLab takes it from there")
	case "github":
		view.Say(e.Err, "GitHub reads .github/workflows at the root of the repository; docs/howto/merge-requests.md says what they need")
	}
}
