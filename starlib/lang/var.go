package lang

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"go.starlark.net/starlark"

	"slapstar/slap/marshal"
)

// A Var is an input that was given. It is one of two: text, which becomes what
// the default of var is, or a JSON value.
type Var struct {
	Text     string
	JSON     json.RawMessage // not nil: the value; Text is unused
	Explicit bool            // it was given for this run: that no file asks for it is an error
}

// Value reads an input as what its default is; nil: there is none.
func (given Var) Value(otherwise starlark.Value) (starlark.Value, error) {
	if given.JSON != nil {
		v, err := fromJSON(given.JSON)
		if err == nil && otherwise != nil && otherwise != starlark.None && v.Type() != otherwise.Type() {
			err = fmt.Errorf("got %s, want %s, as the default is", v.Type(), otherwise.Type())
		}
		return v, err
	}
	if err := marshal.CheckText(given.Text); err != nil {
		return nil, err
	}
	switch otherwise.(type) {
	case starlark.Int:
		v, err := fromJSON([]byte(given.Text))
		if _, ok := v.(starlark.Int); err != nil || !ok {
			return nil, fmt.Errorf("got %q, want a whole number, as the default is", given.Text)
		}
		return v, nil
	case starlark.Bool:
		v, err := strconv.ParseBool(strings.ToLower(given.Text))
		if err != nil {
			return nil, fmt.Errorf("got %q, want true or false, as the default is", given.Text)
		}
		return starlark.Bool(v), nil
	case *starlark.List, *starlark.Dict, starlark.Float:
		v, err := fromJSON([]byte(given.Text))
		if err != nil || v.Type() != otherwise.Type() {
			return nil, fmt.Errorf("got %q, want a %s in JSON, as the default is", given.Text, otherwise.Type())
		}
		return v, nil
	}
	return starlark.String(given.Text), nil
}

// fromJSON reads a JSON value.
func fromJSON(data []byte) (starlark.Value, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, errors.New("there is something behind the JSON value")
	}
	return jsonValue(v)
}

func jsonValue(v any) (starlark.Value, error) {
	switch v := v.(type) {
	case bool:
		return starlark.Bool(v), nil
	case string:
		return starlark.String(v), marshal.CheckText(v)
	case json.Number:
		const maxDigits = 5000
		if len(v) > maxDigits {
			return nil, fmt.Errorf("a number has more than %d digits", maxDigits)
		}
		if !strings.ContainsAny(v.String(), ".eE") {
			n, _ := new(big.Int).SetString(v.String(), 10) // the decoder has read it
			return starlark.MakeBigInt(n), nil
		}
		f, err := v.Float64()
		return starlark.Float(f), err
	case []any:
		items := make([]starlark.Value, len(v))
		for i, item := range v {
			var err error
			if items[i], err = jsonValue(item); err != nil {
				return nil, err
			}
		}
		return starlark.NewList(items), nil
	case map[string]any:
		d := starlark.NewDict(len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			item, err := jsonValue(v[key])
			if err != nil {
				return nil, err
			}
			d.SetKey(starlark.String(key), item) // a new dictionary takes any text
		}
		return d, nil
	}
	return starlark.None, nil
}
