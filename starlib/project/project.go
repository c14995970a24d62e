// Package project evaluates the project file, slapstar.star at the root of a repository,
// into plain data: which environments there are, and what each is made of.
//
// The file sees environment and required_version, and none of the names that declare.
// Paths are checked as text: the package does not know what is on disk, nor of a Master.
package project

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/starlib/lang"
)

// File is the name of a project file. Its folder is the root of the project.
const File = "slapstar.star"

// A Project is what a project file says.
type Project struct {
	Environments []Environment // in the order of the file
	NotCompared  []string      // constraints on the version that passed, since this slapstar is no release
}

// An Environment is an entry file with all that belongs to it. Paths are below the root
// of the project, with slashes, unless it is said otherwise.
type Environment struct {
	Name    string
	Entry   string
	Cfg     string                     // the configuration; empty: that which belongs to Entry; absolute, or from ~/, if it is so written
	Vars    map[string]json.RawMessage // inputs of the files, as JSON
	Secrets string                     // env:PREFIX* or file:FOLDER/*; empty: none
	Policy  []string
	Locked  bool // products are those of the lock

	Origin engine.Origin
}

// Same reports whether two declarations say the same, wherever they stand.
func (e Environment) Same(other Environment) bool {
	a, errA := json.Marshal(e.withoutOrigin())
	b, errB := json.Marshal(other.withoutOrigin())
	return errA == nil && errB == nil && string(a) == string(b)
}

func (e Environment) withoutOrigin() Environment {
	e.Origin = engine.Origin{}
	return e
}

// Names are those of the environments, in the order of the file.
func (p *Project) Names() []string {
	var names []string
	for _, e := range p.Environments {
		names = append(names, e.Name)
	}
	return names
}

// Find returns the environment of that name, or nil.
func (p *Project) Find(name string) *Environment {
	i := slices.IndexFunc(p.Environments, func(e Environment) bool { return e.Name == name })
	if i < 0 {
		return nil
	}
	return &p.Environments[i]
}

// maxEnvironments bounds what a file declares.
const maxEnvironments = 1000

// An evaluation is one of a project file.
type evaluation struct {
	version string
	project Project
}

// Exec evaluates a project file. Version is that of slapstar, as [Release] takes it. The
// error is a [*lang.Error] for all that the author of the file can mend.
func Exec(ctx context.Context, source lang.Source, version string) (*Project, error) {
	e := &evaluation{version: version}
	l, err := lang.New(ctx, source, starlark.StringDict{
		"environment":      starlark.NewBuiltin("environment", environment),
		"required_version": starlark.NewBuiltin("required_version", requiredVersion),
	}, e)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	if _, _, err := l.Entry(); err != nil {
		return nil, err
	}
	if problems := l.Problems(); len(problems) > 0 {
		return nil, &lang.Error{Problems: problems}
	}
	return &e.project, nil
}

// add adds an environment. Its mistakes are noted, so that others are found as well.
func (e *evaluation) add(thread *starlark.Thread, made Environment) error {
	if before := e.project.Find(made.Name); before != nil {
		lang.Current(thread).Note(lang.NewProblem(made.Origin, lang.Hint(
			fmt.Errorf("environment: %q is declared already, at %v", made.Name, before.Origin.Position()), "each environment has another name")))
		return nil
	}
	if len(e.project.Environments) == maxEnvironments {
		return fmt.Errorf("environment: there are more than %d", maxEnvironments)
	}
	e.project.Environments = append(e.project.Environments, made)
	return nil
}

func current(thread *starlark.Thread) *evaluation {
	return lang.Current(thread).Owner().(*evaluation)
}
