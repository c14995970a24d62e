package proxy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"slapstar/slap"
	"slapstar/slap/marshal"
)

// Limits on a parameter value. They keep what is stored readable for every
// interface; no real parameter comes near them.
const (
	maxDepth  = 32   // nested lists and dictionaries
	maxDigits = 4300 // of a number, as in Python

	maxJSONValues = 200_000 // in a document: one that breaks its schema in each of them takes 1 kB for each
)

// checkValue refuses what could be stored and not be read any more: text that
// no XML carries, values nested too deep, objects.
func checkValue(v any, depth int) error {
	if depth > maxDepth {
		return &badRequestError{fmt.Sprintf("a value is nested more than %d deep", maxDepth)}
	}
	each := func(items []any) error {
		for _, item := range items {
			if err := checkValue(item, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	switch v := v.(type) {
	case string:
		if err := marshal.CheckText(v); err != nil {
			return &badRequestError{err.Error()}
		}
	case *big.Int:
		if v.BitLen() > maxDigits*10/3 {
			return &badRequestError{fmt.Sprintf("a number has more than %d digits", maxDigits)}
		}
	case *marshal.Object:
		return &badRequestError{"a value is an object of class " + v.Class}
	case []any:
		return each(v)
	case marshal.Tuple:
		return each(v)
	case marshal.Set:
		return each(v)
	case map[string]any:
		for key, item := range v {
			if err := each([]any{key, item}); err != nil {
				return err
			}
		}
	case map[any]any:
		for key, item := range v {
			if err := each([]any{key, item}); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkJSON refuses a JSON document with a number or a text that cannot be
// stored, or with too many values.
func checkJSON(doc any) error {
	left := maxJSONValues
	return checkJSONValue(doc, &left)
}

// checkJSONValue is [checkJSON] with how many values there may still be.
func checkJSONValue(v any, left *int) error {
	if *left--; *left < 0 {
		return &badRequestError{fmt.Sprintf("there are more than %d values", maxJSONValues)}
	}
	switch v := v.(type) {
	case string:
		return checkValue(v, 0)
	case json.Number:
		if len(v) > maxDigits {
			return &badRequestError{fmt.Sprintf("a number has more than %d digits", maxDigits)}
		}
		if _, ok := new(big.Int).SetString(v.String(), 10); ok {
			return nil
		}
		if _, err := v.Float64(); err != nil {
			return &badRequestError{fmt.Sprintf("the number %s is out of range", v)}
		}
	case []any:
		for _, item := range v {
			if err := checkJSONValue(item, left); err != nil {
				return err
			}
		}
	case map[string]any:
		for key, item := range v {
			if err := checkValue(key, 0); err != nil {
				return err
			}
			if err := checkJSONValue(item, left); err != nil {
				return err
			}
		}
	}
	return nil
}

// fromJSON turns a decoded JSON value into one of package marshal.
func fromJSON(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return n
		}
		if n, ok := new(big.Int).SetString(v.String(), 10); ok {
			return n
		}
		f, _ := v.Float64() // checkJSON has looked at it
		return f
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = fromJSON(item)
		}
		return list
	case map[string]any:
		dict := make(map[string]any, len(v))
		for key, item := range v {
			dict[key] = fromJSON(item)
		}
		return dict
	}
	return v
}

// toJSON turns a value of package marshal into one that JSON can carry.
func toJSON(v any) any {
	list := func(items []any) any {
		list := make([]any, len(items))
		for i, item := range items {
			list[i] = toJSON(item)
		}
		return list
	}
	switch v := v.(type) {
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return slap.Text(v)
		}
		return json.Number(marshal.FormatFloat(v)) // 2.0 is not 2 to a client in Python
	case complex128:
		return slap.Text(v)
	case []any:
		return list(v)
	case marshal.Tuple:
		return list(v)
	case marshal.Set:
		return list(v)
	case map[string]any:
		dict := make(map[string]any, len(v))
		for key, item := range v {
			dict[key] = toJSON(item)
		}
		return dict
	case map[any]any:
		dict := make(map[string]any, len(v))
		for key, item := range v {
			dict[slap.Text(key)] = toJSON(item)
		}
		return dict
	}
	return v
}

// repr is Python's repr of a value.
func repr(v any) string {
	text := slap.Text([]any{v}) // a text stands for itself, but not in a list
	return text[1 : len(text)-1]
}

// jsonTexts returns the texts that are stored for JSON values, Python's str of
// each.
func jsonTexts(values map[string]json.RawMessage) slap.Parameters {
	p := make(slap.Parameters, len(values))
	for key, raw := range values {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		var text string
		if json.Unmarshal(raw, &text) != nil || string(raw) == "null" {
			text = jsonRepr(d)
		}
		p[key] = text
	}
	return p
}

// jsonRepr reads one value and returns Python's repr of it, where a dictionary
// has the order of the document.
func jsonRepr(d *json.Decoder) string {
	token, _ := d.Token() // what is read here has been decoded before
	delim, ok := token.(json.Delim)
	if !ok {
		return repr(fromJSON(token))
	}
	var keys, items []string
	for d.More() {
		if delim == '{' {
			key, _ := d.Token()
			name := repr(key)
			if i := slices.Index(keys, name); i >= 0 { // the last one counts, at the place of the first
				items[i] = name + ": " + jsonRepr(d)
				continue
			}
			keys = append(keys, name)
			items = append(items, name+": "+jsonRepr(d))
			continue
		}
		items = append(items, jsonRepr(d))
	}
	d.Token() // the closing one
	closing := map[json.Delim]string{'[': "]", '{': "}"}[delim]
	return delim.String() + strings.Join(items, ", ") + closing
}

// jsonValues returns JSON values as package marshal has them.
func jsonValues(values map[string]json.RawMessage) map[string]any {
	typed := make(map[string]any, len(values))
	for key, raw := range values {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		var v any
		d.Decode(&v) // it has been decoded before
		typed[key] = fromJSON(v)
	}
	return typed
}
