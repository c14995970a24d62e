package function

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"slapstar/slap/marshal"
)

// Number writes a number of a JSON document as json.encode does of what json.decode made
// of it.
func Number(text string) string {
	if strings.ContainsAny(text, ".eE") {
		if f, err := parseFloat(text); err == nil {
			return formatFloat(f)
		}
	} else if n, ok := new(big.Int).SetString(text, 10); ok {
		return n.String()
	}
	return text
}

// decode reads a JSON value.
func decode(text string) (any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, errors.New("want JSON")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("want one JSON value")
	}
	return v, nil
}

// written is str(value) of a value that the text has as JSON.
func written(text string, _ []string) (string, error) {
	v, err := decode(text)
	if err != nil {
		return "", err
	}
	if s, ok := v.(string); ok {
		return s, nil
	}
	var b strings.Builder
	write(&b, v)
	return b.String(), nil
}

// represented is repr(text), or with an argument repr(value) of a value that the text has
// as JSON.
func represented(text string, args []string) string {
	v, err := decode(text)
	if err != nil || !slices.Contains(args, OfJSON) {
		return Quote(text)
	}
	var b strings.Builder
	write(&b, v)
	return b.String()
}

// write writes a value as Starlark does, with the members of dictionaries in order.
func write(b *strings.Builder, v any) {
	switch v := v.(type) {
	case nil:
		b.WriteString("None")
	case bool:
		b.WriteString(map[bool]string{true: "True", false: "False"}[v])
	case json.Number:
		b.WriteString(Number(v.String()))
	case string:
		b.WriteString(Quote(v))
	case []any:
		b.WriteByte('[')
		for i, item := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			write(b, item)
		}
		b.WriteByte(']')
	case map[string]any:
		b.WriteByte('{')
		for i, key := range slices.Sorted(maps.Keys(v)) {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(Quote(key) + ": ")
			write(b, v[key])
		}
		b.WriteByte('}')
	}
}

// parameterText is a value that the text has as JSON, as a parameter of plain XML.
func parameterText(text string, _ []string) (string, error) {
	v, err := decode(text)
	if err != nil {
		return "", err
	}
	switch v := v.(type) {
	case json.Number:
		if f, err := strconv.ParseFloat(v.String(), 64); err == nil && strings.ContainsAny(v.String(), ".eE") {
			return marshal.FormatFloat(f), nil
		}
	case map[string]any, []any:
		return "", errors.New("got a list or an object, want text or a number: parameter XML carries no nested values")
	}
	return written(text, nil)
}

// numeric is the text of which int or float makes a number, of a value that the text has as
// JSON. A whole number is cut off for int.
func numeric(text string, whole bool) (string, error) {
	v, err := decode(text)
	if err != nil {
		return "", err
	}
	switch v := v.(type) {
	case string:
		return v, nil
	case bool:
		return map[bool]string{true: "1", false: "0"}[v], nil
	case json.Number:
		f, err := strconv.ParseFloat(v.String(), 64)
		if !whole || err != nil || !strings.ContainsAny(v.String(), ".eE") {
			return v.String(), nil
		}
		n, _ := big.NewFloat(f).Int(nil)
		return n.String(), nil
	}
	return "", fmt.Errorf("got %s, want a number, or text that is one", map[bool]string{true: "null", false: "a list or an object"}[v == nil])
}
