package datafile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// parseJSON reads one JSON value.
func parseJSON(name string, data []byte) (any, error) {
	p := jsonParser{name: name, data: data, d: json.NewDecoder(bytes.NewReader(data))}
	p.d.UseNumber()
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := p.d.Token(); !errors.Is(err, io.EOF) {
		return nil, p.fail("there is something behind the value")
	}
	return v, nil
}

type jsonParser struct {
	name   string
	data   []byte
	d      *json.Decoder
	values int
}

// fail is an error where the last token ended, or at its beginning.
func (p *jsonParser) fail(message string) error {
	return at(p.name, p.data, int(p.d.InputOffset()), message)
}

func (p *jsonParser) token() (json.Token, error) {
	t, err := p.d.Token()
	syntax, isSyntax := errors.AsType[*json.SyntaxError](err)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, at(p.name, p.data, len(p.data), "the file ends in the middle of a value")
	case isSyntax:
		return nil, at(p.name, p.data, p.culprit(syntax), syntax.Error())
	case err != nil:
		return nil, p.fail(err.Error())
	}
	return t, nil
}

// culprit returns where the character is that an error names: the decoder counts it in,
// or not.
func (p *jsonParser) culprit(err *json.SyntaxError) int {
	i := int(err.Offset)
	if quoted, ok := strings.CutPrefix(err.Error(), "invalid character '"); ok && i < len(p.data) && i > 0 && p.data[i-1] != quoted[0] && p.data[i] == quoted[0] {
		return i
	}
	return i - 1
}

func (p *jsonParser) value(depth int) (any, error) {
	p.values++
	switch {
	case depth > maxDepth:
		return nil, p.fail(tooDeep)
	case p.values > maxValues:
		return nil, p.fail(tooLarge)
	}
	t, err := p.token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('['):
		list := []any{}
		for p.d.More() {
			v, err := p.value(depth + 1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := p.token()
		return list, err
	case json.Delim('{'):
		return p.object(depth)
	}
	if n, ok := t.(json.Number); ok && len(n) > maxDigits {
		return nil, p.fail(tooManyDigits)
	}
	return t, nil
}

func (p *jsonParser) object(depth int) (any, error) {
	o := newObject(0)
	for p.d.More() {
		t, err := p.token()
		if err != nil {
			return nil, err
		}
		key, _ := t.(string) // the decoder takes no other
		end := p.d.InputOffset()
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if !o.add(key, v) {
			return nil, at(p.name, p.data, int(end)-1, fmt.Sprintf("the key %q is there already", key))
		}
	}
	_, err := p.token()
	return o, err
}
