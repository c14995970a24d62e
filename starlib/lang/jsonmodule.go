package lang

import (
	"fmt"
	"maps"
	"strings"

	"go.starlark.net/lib/json"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"slapstar/engine"
)

// jsonModule is the module json, whose encode takes values that are not known yet,
// secrets and credentials: they become a part of the document, and the rest of it is
// known.
var jsonModule = func() *starlarkstruct.Module {
	m := &starlarkstruct.Module{Name: json.Module.Name, Members: maps.Clone(json.Module.Members)}
	m.Members["encode"] = starlark.NewBuiltin("json.encode", EncodeJSON)
	m.Members["decode"] = starlark.NewBuiltin("json.decode", decodeJSON)
	m.Members["indent"] = starlark.NewBuiltin("json.indent", indentJSON)
	return m
}()

func decodeJSON(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	for _, v := range args {
		switch v := v.(type) {
		case *Text:
			return decodeCredential(thread, v, args[1:], kwargs)
		case starlark.String:
			if err := checkNesting(string(v)); err != nil {
				return nil, err
			}
		}
	}
	return starlark.Call(thread, json.Module.Members["decode"], args, kwargs)
}

// decodeCredential is json.decode of a document that the Master has and that holds what
// looks like a credential: what does not is as in any other document. The error tells
// nothing of the text.
func decodeCredential(thread *starlark.Thread, t *Text, more starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	document := t.text.Document()
	if document == nil {
		return nil, t.Refuse("json.decode")
	}
	text, _ := t.text.Known()
	if err := checkNesting(text); err != nil {
		return nil, err
	}
	v, err := starlark.Call(thread, json.Module.Members["decode"], append(starlark.Tuple{starlark.String(text)}, more...), kwargs)
	if err != nil {
		return nil, fmt.Errorf("json.decode: %v is no JSON document", *t.text.Credential())
	}
	return t.e.leaves(v, *document), nil
}

// leaves returns a value of a document with what looks like a credential in it hidden.
// A truth and None tell nothing.
func (e *Evaluation) leaves(v starlark.Value, d engine.CredentialDocument) starlark.Value {
	switch v := v.(type) {
	case *starlark.Dict:
		for _, item := range v.Items() {
			key, _ := starlark.AsString(item[0])
			v.SetKey(item[0], e.leaves(item[1], d.Member(key))) // the key is there
		}
	case *starlark.List:
		for i := range v.Len() {
			v.SetIndex(i, e.leaves(v.Index(i), d)) // it is new, and not frozen
		}
	case starlark.String:
		return e.Value(d.Text(string(v)))
	case starlark.Int, starlark.Float:
		if t := d.Text(v.String()); t.Hidden() {
			return &Text{e: e, text: t, number: true}
		}
	}
	return v
}

// maxIndent is the longest prefix or indentation of json.indent, which every line
// gets.
const maxIndent = 40

func indentJSON(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	for i, v := range args {
		if t, ok := v.(*Text); ok {
			return nil, t.Refuse("json.indent")
		}
		if s, ok := v.(starlark.String); ok && i == 0 {
			if err := checkNesting(string(s)); err != nil {
				return nil, err
			}
		}
	}
	for _, pair := range kwargs {
		if n, _ := length(pair[1]); n > maxIndent {
			return nil, fmt.Errorf("json.indent: %s has %d characters, want at most %d", pair[0], n, maxIndent)
		}
	}
	return starlark.Call(thread, json.Module.Members["indent"], args, kwargs)
}

// rawDelete replaces the one escape of the Starlark module that JSON does not have,
// as engine.Quote does.
var rawDelete = strings.NewReplacer(`\\`, `\\`, `\x7f`, "\x7f")

// EncodeJSON is json.encode.
func EncodeJSON(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	e := Current(thread)
	if err := CheckSize("json.encode", args...); err != nil {
		return nil, err
	}
	outer := e.encoding
	e.encoding = newFormatting(thread)
	defer func() { e.encoding = outer }()
	document, err := starlark.Call(thread, json.Module.Members["encode"], args, kwargs)
	if err != nil {
		return nil, err
	}
	if s, ok := document.(starlark.String); ok {
		document = starlark.String(rawDelete.Replace(string(s)))
	}
	return e.encoding.result(document)
}
