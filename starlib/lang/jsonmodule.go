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
	m.Members["encode_indent"] = starlark.NewBuiltin("json.encode_indent", encodeIndentJSON)
	m.Members["dumps"] = starlark.NewBuiltin("json.dumps", dumpsJSON)
	m.Members["loads"] = starlark.NewBuiltin("json.loads", decodeJSON)
	return m
}()

func decodeJSON(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var document, otherwise starlark.Value
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "x", &document, "default?", &otherwise); err != nil {
		return nil, err
	}
	if t, ok := otherwise.(*Text); ok { // it would be told from the document
		return nil, t.Refuse(b.Name())
	}
	switch v := document.(type) {
	case *Text:
		if later, ok := decodeLater(v); ok && otherwise == nil {
			return later, nil
		}
		return decodeCredential(thread, v, otherwise)
	case starlark.String:
		if err := measureJSON(string(v)).check(b.Name(), 0); err != nil {
			return nil, err
		}
		if e := Current(thread); sourceOf(e.origin(v)) != nil {
			return decodeSource(thread, e, v, args, kwargs)
		}
	}
	return starlark.Call(thread, json.Module.Members["decode"], args, kwargs)
}

// decodeSource is json.decode of a document that an instance has published: each text in it
// knows where it stands there.
func decodeSource(thread *starlark.Thread, e *Evaluation, document starlark.String, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	decode := json.Module.Members["decode"]
	v, err := starlark.Call(thread, decode, starlark.Tuple{document}, nil)
	if err != nil { // there may be a default
		return starlark.Call(thread, decode, args, kwargs)
	}
	return leaves{e: e, at: sourceOf(e.origin(document)), plain: true}.of(v, engine.CredentialDocument{}, nil), nil
}

// decodeCredential is json.decode of a document that the Master has and that holds what
// looks like a credential: what does not is as in any other document. The error tells
// nothing of the text. The default may be nil.
func decodeCredential(thread *starlark.Thread, t *Text, otherwise starlark.Value) (starlark.Value, error) {
	document := t.text.Document()
	if document == nil {
		return nil, t.Refuse("json.decode")
	}
	text, _ := t.text.Known()
	if err := measureJSON(text).check("json.decode", 0); err != nil {
		return nil, err
	}
	v, err := starlark.Call(thread, json.Module.Members["decode"], starlark.Tuple{starlark.String(text)}, nil)
	if err != nil && otherwise != nil {
		return otherwise, nil // it comes from the files, and nothing in it is hidden
	}
	if err != nil {
		return nil, fmt.Errorf("json.decode: %v is no JSON document", *t.text.Credential())
	}
	return leaves{e: t.e, at: sourceOf(t.text)}.of(v, *document, nil), nil
}

// maxIndent is the longest prefix or indentation of json.indent, which every line
// gets.
const maxIndent = 40

func indentJSON(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	all := given(args, kwargs)
	for _, v := range all {
		if t, ok := v.(*Text); ok {
			return nil, t.Refuse(b.Name())
		}
	}
	for _, pair := range kwargs {
		if n, _ := length(pair[1]); n > maxIndent {
			return nil, fmt.Errorf("%s: %s has %d characters, want at most %d", b.Name(), pair[0], n, maxIndent)
		}
	}
	if len(args) > 0 {
		if s, ok := args[0].(starlark.String); ok {
			if err := measureJSON(string(s)).check(b.Name(), maxIndent); err != nil {
				return nil, err
			}
		}
	}
	return starlark.Call(thread, json.Module.Members["indent"], args, kwargs)
}

// encodeIndentJSON is json.encode and json.indent, with the limits of both.
func encodeIndentJSON(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	document, err := EncodeJSON(thread, b, args, nil)
	if err != nil {
		return nil, err
	}
	return indentJSON(thread, b, starlark.Tuple{document}, kwargs)
}

// dumpsJSON is json.encode, or with indent json.encode_indent, as Python calls them. The
// members are always in order, and there are no blanks without indent.
//
//	json.dumps(value, indent=None, sort_keys=False)
func dumpsJSON(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var v, indent starlark.Value
	var sorted bool
	if err := UnpackArgs(b.Name(), args, kwargs, "value", &v, "indent??", &indent, "sort_keys?", &sorted); err != nil {
		return nil, err
	}
	document := starlark.Tuple{v}
	switch n := indent.(type) {
	case nil:
		return EncodeJSON(thread, b, document, nil)
	case starlark.String:
		return encodeIndentJSON(thread, b, document, []starlark.Tuple{{starlark.String("indent"), n}})
	case starlark.Int:
		if i, ok := n.Int64(); ok && 0 <= i && i <= maxIndent {
			return encodeIndentJSON(thread, b, document, []starlark.Tuple{{starlark.String("indent"), starlark.String(strings.Repeat(" ", int(i)))}})
		}
	}
	return nil, fmt.Errorf("%s: for parameter indent: got %s, want a number up to %d", b.Name(), indent, maxIndent)
}

// rawDelete replaces the one escape of the Starlark module that JSON does not have,
// as engine.Quote does.
var rawDelete = strings.NewReplacer(`\\`, `\\`, `\x7f`, "\x7f")

// A jsonMeasure is what a document holds, as far as can be told without reading it.
type jsonMeasure struct {
	bytes    int
	depth    int // the deepest
	elements int
	margin   int // the depths of all lines, added up
	digits   int // of the longest number
}

func measureJSON(document string) jsonMeasure {
	m := jsonMeasure{bytes: len(document), elements: 1}
	depth, digits := 0, 0
	inside, escaped := false, false
	for i := 0; i < len(document); i++ {
		c := document[i]
		if inside {
			switch {
			case escaped:
				escaped = false
			case c == '\\':
				escaped = true
			case c == '"':
				inside = false
			}
			continue
		}
		if '0' <= c && c <= '9' {
			digits++
			m.digits = max(m.digits, digits)
			continue
		}
		digits = 0
		switch c {
		case '"':
			inside = true
		case '[', '{':
			depth++
			m.depth = max(m.depth, depth)
			m.elements++
			m.margin += 2 * depth // of its end, too
		case ']', '}':
			depth--
		case ',':
			m.elements++
			m.margin += max(depth, 0)
		}
	}
	return m
}

// check refuses a document that would take too much; each line of what is written of it
// gets as many bytes as indent for each level.
func (m jsonMeasure) check(use string, indent int) error {
	switch {
	case m.depth > maxDepth:
		return &sizeError{use, fmt.Sprintf("values are nested more than %d deep", maxDepth)}
	case m.elements > maxElements:
		return tooMany(use)
	case m.digits > maxDigits:
		return tooManyDigits(use)
	case m.bytes+indent*(m.margin+m.elements) > maxText && indent > 0:
		return tooLong(use)
	}
	return nil
}

// EncodeJSON is json.encode.
func EncodeJSON(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	return traced(encodeJSON, only(0))(thread, b, args, kwargs)
}

func encodeJSON(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	e := Current(thread)
	m := meter{ranges: true}
	if err := m.check("json.encode", given(args, kwargs)...); err != nil {
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
