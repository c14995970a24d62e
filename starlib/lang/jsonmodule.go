package lang

import (
	"fmt"
	"maps"
	"strings"

	"go.starlark.net/lib/json"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// jsonModule is the module json, whose encode takes values that are not known yet
// and secrets: they become a part of the document, and the rest of it is known.
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
			return nil, v.Refuse("json.decode")
		case starlark.String:
			if err := checkNesting(string(v)); err != nil {
				return nil, err
			}
		}
	}
	return starlark.Call(thread, json.Module.Members["decode"], args, kwargs)
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
