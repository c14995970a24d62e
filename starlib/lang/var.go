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

// A Type is what the value of an input has to be, as Starlark calls it: int, float,
// string, bool, list or dict. The empty one is that of any value.
type Type string

// Value reads an input as a type; why is who says so, such as "as the default is".
func (given Var) Value(as Type, why string) (starlark.Value, error) {
	if given.JSON != nil {
		v, err := fromJSON(given.JSON)
		if err != nil {
			return nil, err
		}
		return as.Check(v, why)
	}
	if err := marshal.CheckText(given.Text); err != nil {
		return nil, err
	}
	switch as {
	case "int":
		v, err := fromJSON([]byte(given.Text))
		if _, ok := v.(starlark.Int); err != nil || !ok {
			return nil, fmt.Errorf("got %q, want a whole number, %s", given.Text, why)
		}
		return v, nil
	case "bool":
		v, err := strconv.ParseBool(strings.ToLower(given.Text))
		if err != nil {
			return nil, fmt.Errorf("got %q, want true or false, %s", given.Text, why)
		}
		return starlark.Bool(v), nil
	case "list", "dict", "float":
		v, err := fromJSON([]byte(given.Text))
		if err == nil {
			v, err = as.Check(v, why)
		}
		if err != nil {
			return nil, fmt.Errorf("got %q, want a %s in JSON, %s", given.Text, as, why)
		}
		return v, nil
	}
	return starlark.String(given.Text), nil
}

// Check returns a value of the type; a whole number is a float, too.
func (as Type) Check(v starlark.Value, why string) (starlark.Value, error) {
	if i, ok := v.(starlark.Int); ok && as == "float" {
		return i.Float(), nil
	}
	if as != "" && v.Type() != string(as) {
		return nil, fmt.Errorf("got %s, want %s, %s", v.Type(), as, why)
	}
	return v, nil
}

// Unpack implements [starlark.Unpacker]: the function of that name, or the name.
func (as *Type) Unpack(v starlark.Value) error {
	name, ok := starlark.AsString(v)
	if b, isFunction := v.(*starlark.Builtin); isFunction {
		name, ok = b.Name(), true
	}
	if name == "str" {
		name = "string"
	}
	if !ok || !slices.Contains([]string{"int", "float", "string", "bool", "list", "dict"}, name) {
		return fmt.Errorf("got %s, want int, float, str, bool, list or dict", v)
	}
	*as = Type(name)
	return nil
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
