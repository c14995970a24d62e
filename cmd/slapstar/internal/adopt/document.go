package adopt

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"slapstar/engine"
	"slapstar/slap/credential"
)

func decode(text string) (v any, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("there is something after the JSON document")
	}
	return v, nil
}

// A documentEncoder writes a JSON document again, with secrets and references in it.
type documentEncoder struct {
	a        *adopter
	instance string
	parts    []engine.Text
	text     strings.Builder // that is not among the parts yet
	secrets  int
	whole    bool // a part of it that is hidden cannot be one by itself, so all of it has to be
}

func (e *documentEncoder) value(v any, path string, hidden bool) {
	switch v := v.(type) {
	case map[string]any:
		e.text.WriteString("{")
		for n, key := range slices.Sorted(maps.Keys(v)) {
			if n > 0 {
				e.text.WriteString(",")
			}
			e.whole = e.whole || e.a.hidden.looks(key)
			e.literal(key)
			e.text.WriteString(":")
			e.value(v[key], path+"."+key, hidden || credential.Key(key))
		}
		e.text.WriteString("}")
	case []any:
		e.text.WriteString("[")
		for n, item := range v {
			if n > 0 {
				e.text.WriteString(",")
			}
			e.value(item, fmt.Sprintf("%s[%d]", path, n), hidden)
		}
		e.text.WriteString("]")
	case string:
		e.leaf(v, path, hidden)
	case json.Number:
		if hidden {
			e.number(v.String(), path)
		} else {
			e.text.WriteString(v.String())
		}
	default:
		e.literal(v)
	}
}

func (e *documentEncoder) literal(v any) {
	data, _ := json.Marshal(v) // it was decoded
	e.text.Write(data)
}

func (e *documentEncoder) part(t engine.Text) {
	e.parts = append(e.parts, engine.Literal(e.text.String()), t)
	e.text.Reset()
}

func (e *documentEncoder) leaf(value, path string, hidden bool) {
	if ref, certain := e.a.reference(e.instance, value); certain && !e.a.Text[e.instance] {
		e.part(engine.Text{{Quoted: engine.Refer(ref)}})
		return
	}
	switch {
	case !e.a.leafSecret(value, hidden):
		e.literal(value)
	case sendable(value) != nil: // as a secret it stands alone
		e.whole = true
	default:
		e.secrets++
		e.part(engine.Text{{Quoted: engine.Secret(e.a.naming.secret(e.instance, path, value), value)}})
	}
}

// number hides a number: it stands in the text of the document without quotes.
func (e *documentEncoder) number(value, path string) {
	e.secrets++
	e.part(engine.Secret(e.a.naming.secret(e.instance, path, value), value))
}

func (e *documentEncoder) result() engine.Text {
	return engine.Join(append(e.parts, engine.Literal(e.text.String()))...)
}
