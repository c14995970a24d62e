package starlib

import (
	"fmt"
	"regexp"
	"strings"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/starlib/lang"
)

// fileOutput makes a value for other tools.
//
//	output(name, value, secret=False)
//
// The value is text, a number, a truth, None, or lists and dictionaries of these; parts of it
// may be to come.
func fileOutput(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	e := current(thread)
	o, err := e.unpackOutput(thread, b, args, kwargs)
	if err != nil {
		_, err = e.noted(thread, err)
		return starlark.None, err
	}
	if e.hooks != nil {
		return nil, lang.Hint(fmt.Errorf("%s: outputs are those of a file, and this is a prompt", b.Name()),
			"write it into a file: slapstar output FILE shows its outputs; here the value alone shows it")
	}
	e.config.Outputs = append(e.config.Outputs, o)
	e.outputs[o.Name] = o
	return starlark.None, nil
}

func (e *Evaluation) unpackOutput(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (*engine.FileOutput, error) {
	var name outputName
	var value starlark.Value
	o := &engine.FileOutput{Origin: lang.OriginOf(thread)}
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "name", &name, "value", &value, "secret?", &o.Secret); err != nil {
		return nil, err
	}
	o.Name = string(name)
	if twin := e.outputs[o.Name]; twin != nil {
		return nil, fmt.Errorf("%s: output %q is declared already, at %v", b.Name(), o.Name, twin.Origin)
	}
	wrong := func(err error) error { return fmt.Errorf("%s: for parameter value: %w", b.Name(), err) }
	if _, ok := value.(*lang.Mistake); ok {
		return nil, lang.ErrMistake
	}
	if h, ok := value.(interface{ InstanceName() string }); ok {
		return nil, lang.Hint(wrong(fmt.Errorf("got the instance %q, want a value of it", h.InstanceName())),
			`write: getConnectionParameter("url"), or output() for all that it publishes`)
	}
	document, err := lang.EncodeJSON(thread, nil, starlark.Tuple{value}, nil)
	if err != nil {
		return nil, wrong(err)
	}
	if path, err := checkDocument(value); err != nil {
		if path != "" {
			err = fmt.Errorf("key %q: %w", strings.TrimPrefix(path, "."), err)
		}
		return nil, wrong(err)
	}
	o.Value, _ = e.TextOf(document)
	if o.Secret {
		return o, nil
	}
	_, alone := value.(*lang.Text)
	if what := guarded(o.Value, alone); what != "" {
		return nil, lang.Hint(fmt.Errorf("%s: the value of %q holds %s, and an output that is not marked is shown", b.Name(), o.Name, what), "write: secret = True")
	}
	return o, nil
}

// guarded says which part of a value has to be marked as secret where the files alone tell it:
// a secret, or a connection parameter of which the name looks like that of a credential. It is
// empty where there is none. That something which is published looks like a credential is no
// mistake in the files: it may come long after they were planned.
//
// alone says that the value is one text. A list or a document that the files take whole may
// have any names in it.
func guarded(t engine.Text, alone bool) string {
	for _, p := range t {
		switch {
		case p.Secret != "":
			return fmt.Sprintf("the secret %q", p.Secret)
		case p.Reference != nil && p.Reference.LooksCredential():
			return fmt.Sprintf("%v, which will look like a credential", *p.Reference)
		case p.Credential != nil && p.From != nil && p.From.LooksCredential() && (alone || p.From.Path == ""):
			return fmt.Sprintf("%v, which looks like a credential", *p.Credential)
		}
		if what := guarded(p.Inner(), alone); what != "" {
			return what
		}
	}
	return ""
}

// An outputName is the name of an output: other tools make variables of it.
type outputName string

var outputNames = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// longestOutputName is the longest name of an output, in bytes.
const longestOutputName = 100

// Unpack implements [starlark.Unpacker].
func (n *outputName) Unpack(v starlark.Value) error {
	var name lang.Name
	if err := name.Unpack(v); err != nil {
		return err
	}
	if len(name) > longestOutputName {
		return fmt.Errorf("got %d bytes, want at most %d", len(name), longestOutputName)
	}
	if !outputNames.MatchString(string(name)) {
		err := fmt.Errorf("got %q, want a letter or _ and then letters, digits, _ and -", string(name))
		if better := strings.Map(toOutputName, string(name)); outputNames.MatchString(better) {
			return lang.Hint(err, fmt.Sprintf("write %q", better))
		}
		return err
	}
	*n = outputName(name)
	return nil
}

// toOutputName replaces what no name of an output has.
func toOutputName(r rune) rune {
	if outputNames.MatchString("_" + string(r)) {
		return r
	}
	return '_'
}
