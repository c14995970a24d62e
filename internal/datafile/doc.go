// Package datafile reads files of data, in JSON, YAML, TOML or CSV, into the same few
// types, and says in which line and column something is wrong.
//
// The files may be a stranger's: what is nested deep, and what the aliases of YAML make
// large, is refused before it takes memory. The package does not know Starlark, and opens
// no file.
package datafile

import (
	"encoding/json"
	"fmt"
	"path"
	"strings"
)

// Limits of a file.
const (
	maxDepth  = 200     // of values in values
	maxValues = 500_000 // of a file, with what aliases repeat
)

// An Object has members in the order of the file. The other values are nil, bool, string,
// [encoding/json.Number] and []any.
type Object struct {
	Keys   []string
	Values map[string]any
}

func newObject(size int) *Object { return &Object{Values: make(map[string]any, size)} }

// MarshalJSON writes the members in order.
func (o *Object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, key := range o.Keys {
		if i > 0 {
			b = append(b, ',')
		}
		name, err := json.Marshal(key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(o.Values[key])
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, name...), ':'), value...)
	}
	return append(b, '}'), nil
}

// add adds a member; it reports false for one that is there.
func (o *Object) add(key string, v any) bool {
	if _, there := o.Values[key]; there {
		return false
	}
	o.Keys = append(o.Keys, key)
	o.Values[key] = v
	return true
}

// An Error says where in a file something is wrong. Lines and columns count from 1; the
// column is 0 where it is not known.
type Error struct {
	File         string
	Line, Column int
	Message      string
}

func (e *Error) Error() string {
	if e.Column == 0 {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
}

// kinds are what the names of files end with.
var kinds = map[string]func(name string, data []byte) (any, error){
	".json": parseJSON, ".yaml": parseYAML, ".yml": parseYAML, ".toml": parseTOML, ".csv": parseCSV,
}

// Kind returns what a name ends with if that says the kind of the file; else nothing.
func Kind(name string) string {
	if kind := strings.ToLower(path.Ext(name)); kinds[kind] != nil {
		return kind
	}
	return ""
}

// Kinds are what names may end with.
func Kinds() []string { return sortedKeys(kinds) }

// Parse reads a file of the kind that its name says. The error is an [*Error] for what is
// wrong in the file.
func Parse(name string, data []byte) (any, error) { return ParseAs(Kind(name), name, data) }

// ParseAs is Parse of a kind, such as ".yaml".
func ParseAs(kind, name string, data []byte) (any, error) {
	parse := kinds[kind]
	if parse == nil {
		return nil, fmt.Errorf("%s: the name does not say what kind of data it is: it has to end with one of %s", name, strings.Join(Kinds(), ", "))
	}
	data = withoutMark(data)
	if err := checkText(name, data); err != nil {
		return nil, err
	}
	return parse(name, data)
}
