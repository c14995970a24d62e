package starlib

import (
	"encoding/json"
	"fmt"
	"strings"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap/marshal"
	"slapstar/starlib/lang"
)

// What a Master cannot be sent, or would be sent by mistake, is refused where it is
// declared: apply would find out half way.

// checkText refuses a value that travels as text.
func checkText(t engine.Text) error {
	text := sent(t)
	if err := marshal.CheckText(text); err != nil {
		return err
	}
	if err := lang.CheckShown(text); err != nil {
		return err
	}
	return checkInside(text)
}

// checkInside looks into a text that is a JSON document, where what stands for a value that
// is not shown can have escapes.
func checkInside(text string) error {
	if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") || !strings.Contains(text, `\u`) {
		return nil
	}
	d := json.NewDecoder(strings.NewReader(text))
	for {
		token, err := d.Token()
		if err != nil { // it ends, or is no document
			return nil
		}
		if s, ok := token.(string); ok {
			if err := lang.CheckShown(s); err != nil {
				return err
			}
		}
	}
}

// sent is a text as it is sent, without what is not known yet.
func sent(t engine.Text) string { return t.Marked(func(p engine.Part) string { return p.Literal }) }

// checkDocument refuses what a JSON document cannot carry through XML, and says under
// which path it stands. The document has been written, so v is finite.
func checkDocument(v starlark.Value) (path string, err error) {
	switch v := v.(type) {
	case starlark.String:
		return "", checkJSONText(string(v))
	case *lang.Text:
		return "", checkJSONText(sent(v.Value()))
	case starlark.IterableMapping:
		for _, item := range v.Items() {
			if path, err := checkMember(item[0], item[1]); err != nil {
				return path, err
			}
		}
	case starlark.Iterable:
		n := 0
		for item := range starlark.Elements(v) {
			if path, err := checkDocument(item); err != nil {
				return fmt.Sprintf("[%d]%s", n, path), err
			}
			n++
		}
	case starlark.HasAttrs:
		for _, name := range v.AttrNames() {
			value, err := v.Attr(name)
			if err != nil || value == nil {
				continue
			}
			if path, err := checkMember(starlark.String(name), value); err != nil {
				return path, err
			}
		}
	}
	return "", nil
}

func checkMember(key, v starlark.Value) (path string, err error) {
	name, _ := starlark.AsString(key)
	if err := checkJSONText(name); err != nil {
		return "." + name, err
	}
	if path, err = checkDocument(v); err != nil {
		path = "." + name + path
	}
	return path, err
}

// checkJSONText refuses what stands in a string of JSON, which has escapes for control
// characters, and cannot be sent.
func checkJSONText(s string) error {
	err := marshal.CheckText(s)
	if err != nil {
		escaped := []byte(s)
		for i, c := range escaped {
			if c < ' ' {
				escaped[i] = ' '
			}
		}
		err = marshal.CheckText(string(escaped))
	}
	if err != nil {
		return err
	}
	return lang.CheckShown(s)
}
