package project

import (
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"go.starlark.net/starlark"

	"slapstar/starlib/lang"
)

// environment declares an environment.
//
//	environment(name, entry, cfg=None, vars={}, secrets=None, policy=[], locked=False)
func environment(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	made := Environment{Origin: lang.OriginOf(thread)}
	var name environmentName
	var entry localPath
	var cfg anyPath
	var given inputs
	var from secretSource
	var policy policies
	err := lang.UnpackArgs(b.Name(), args, kwargs, "name", &name, "entry", &entry, "cfg??", &cfg, "vars??", &given,
		"secrets??", &from, "policy??", &policy, "locked??", &made.Locked)
	if err != nil {
		return nil, err
	}
	made.Name, made.Entry, made.Cfg, made.Secrets, made.Policy = string(name), string(entry), string(cfg), string(from), policy
	if made.Vars, err = given.encode(thread); err != nil {
		return nil, fmt.Errorf("%s: for parameter vars: %w", b.Name(), err)
	}
	return starlark.None, current(thread).add(thread, made)
}

// An environmentName is one that no file has, and that a shell takes as it is.
type environmentName string

var environmentNames = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)

// Unpack implements [starlark.Unpacker].
func (n *environmentName) Unpack(v starlark.Value) error {
	var name lang.Name
	if err := name.Unpack(v); err != nil {
		return err
	}
	switch ext := path.Ext(string(name)); {
	case ext == ".star" || ext == ".json":
		return fmt.Errorf("got %q, which reads as the name of a file", string(name))
	case !environmentNames.MatchString(string(name)):
		return fmt.Errorf("got %q, want letters, digits, dots, - and _, such as \"prod\"", string(name))
	}
	*n = environmentName(name)
	return nil
}

// A localPath is one below the root: relative to it, or from //.
type localPath string

// Unpack implements [starlark.Unpacker].
func (p *localPath) Unpack(v starlark.Value) error {
	var name lang.Name
	if err := name.Unpack(v); err != nil {
		return err
	}
	text := string(name)
	below := path.Clean(strings.TrimPrefix(text, "//"))
	if below == "." || !filepath.IsLocal(filepath.FromSlash(below)) {
		return lang.Hint(fmt.Errorf("got %q, which is not below the folder of %s", text, File), `write a path from that folder, such as "envs/prod/main.star"`)
	}
	*p = localPath(below)
	return nil
}

// An anyPath is one below the root, or one that says where it begins: the configuration of
// a person lies elsewhere.
type anyPath string

// Unpack implements [starlark.Unpacker].
func (p *anyPath) Unpack(v starlark.Value) error {
	var name lang.Name
	if err := name.Unpack(v); err != nil {
		return err
	}
	if text := string(name); strings.HasPrefix(text, "~/") || path.IsAbs(text) && !strings.HasPrefix(text, "//") {
		*p = anyPath(path.Clean(text))
		return nil
	}
	var below localPath
	err := below.Unpack(v)
	*p = anyPath(below)
	return err
}

// policies are paths below the root.
type policies []string

// Unpack implements [starlark.Unpacker].
func (p *policies) Unpack(v starlark.Value) error {
	var names lang.Names
	if err := names.Unpack(v); err != nil {
		return err
	}
	for _, name := range names {
		var below localPath
		if err := below.Unpack(starlark.String(name)); err != nil {
			return err
		}
		*p = append(*p, string(below))
	}
	return nil
}

// A secretSource says where secrets come from that no flag gives.
type secretSource string

var secretSources = regexp.MustCompile(`^(env:[A-Za-z_][A-Za-z0-9_]*\*|file:[^*]*[^*/]/\*)$`)

// Unpack implements [starlark.Unpacker].
func (s *secretSource) Unpack(v starlark.Value) error {
	var text lang.Name
	if err := text.Unpack(v); err != nil {
		return err
	}
	if !secretSources.MatchString(string(text)) {
		return lang.Hint(fmt.Errorf("got %q, want \"env:PREFIX*\" or \"file:FOLDER/*\"", string(text)),
			`with "env:PROD_*" secret("db") is $PROD_DB, with "file:/run/secrets/prod/*" it is the file db there`)
	}
	if folder, ok := strings.CutPrefix(string(text), "file:"); ok {
		var p anyPath
		if err := p.Unpack(starlark.String(strings.TrimSuffix(folder, "/*"))); err != nil {
			return err
		}
		text = lang.Name("file:" + string(p) + "/*")
	}
	*s = secretSource(text)
	return nil
}

// inputs are those that an environment gives to its files.
type inputs struct{ dict *starlark.Dict }

// Unpack implements [starlark.Unpacker].
func (in *inputs) Unpack(v starlark.Value) error {
	dict, ok := v.(*starlark.Dict)
	if !ok {
		return fmt.Errorf("got %s, want a dict of names and values", v.Type())
	}
	in.dict = dict
	return nil
}

// encode returns the values as JSON.
func (in inputs) encode(thread *starlark.Thread) (map[string]json.RawMessage, error) {
	if in.dict == nil {
		return nil, nil
	}
	list := map[string]json.RawMessage{}
	for _, item := range in.dict.Items() {
		var name lang.Name
		if err := name.Unpack(item[0]); err != nil {
			return nil, fmt.Errorf("a name: %w", err)
		}
		document, err := lang.EncodeJSON(thread, nil, starlark.Tuple{item[1]}, nil)
		if err != nil {
			return nil, fmt.Errorf("the value of %q: %s", string(name), strings.TrimPrefix(err.Error(), "json.encode: "))
		}
		text, ok := starlark.AsString(document)
		if !ok {
			return nil, errors.New("a value is not known")
		}
		list[string(name)] = json.RawMessage(text)
	}
	return list, nil
}
