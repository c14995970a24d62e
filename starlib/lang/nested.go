package lang

import (
	"fmt"
	"unsafe"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// A meter adds up what values hold. Something that is held many times counts as
// often: it is written, compared and hashed as often.
type meter struct {
	elements, bytes int
	anyBytes        bool // the bytes do not matter: nothing is written
	functions       bool // what functions hold counts, too
	ranges          bool // so do the numbers of a range, which JSON writes one by one

	inside map[*starlark.Function]bool // that are being looked into
	fault  string                      // what is wrong with the value but for its size
}

// add reports whether a value is within the limits.
func (m *meter) add(v starlark.Value, depth int) bool {
	m.elements++
	if depth > maxDepth {
		m.fault = fmt.Sprintf("values are nested more than %d deep", maxDepth)
	}
	if m.fault != "" || m.elements > maxElements {
		return false
	}
	switch v := v.(type) {
	case starlark.String:
		return m.text(len(v))
	case starlark.Bytes:
		return m.text(len(v))
	case *Document:
		return m.add(v.held, depth)
	case *starlark.Dict:
		for _, item := range v.Items() {
			if !m.add(item[0], depth+1) || !m.add(item[1], depth+1) {
				return false
			}
		}
	case *starlark.Set:
		for item := range v.Elements() {
			if !m.add(item, depth+1) {
				return false
			}
		}
	case *starlarkstruct.Struct:
		for _, name := range v.AttrNames() {
			if field, _ := v.Attr(name); !m.add(field, depth+1) {
				return false
			}
		}
	case *starlark.Function:
		return !m.functions || m.function(v, depth)
	case *starlark.Builtin:
		return !m.functions || v.Receiver() == nil || m.add(v.Receiver(), depth+1)
	case starlark.Indexable:
		if v.Type() == "range" && !m.ranges { // it holds its ends, and is written, compared and hashed by them
			return true
		}
		if v.Len() > maxElements {
			m.elements = maxElements + 1
			return false
		}
		for i := range v.Len() {
			if !m.add(v.Index(i), depth+1) {
				return false
			}
		}
	}
	return true
}

func (m *meter) text(n int) bool {
	m.bytes += n
	return m.anyBytes || m.bytes <= maxText
}

// function adds the defaults of a function, and what it uses of the functions around it.
// One that holds itself would be gone through for ever.
func (m *meter) function(f *starlark.Function, depth int) bool {
	if m.inside[f] {
		m.fault = fmt.Sprintf("function %s holds itself", f.Name())
		return false
	}
	if m.inside == nil {
		m.inside = map[*starlark.Function]bool{}
	}
	m.inside[f] = true
	defer delete(m.inside, f)
	for i := range f.NumParams() {
		if v := f.ParamDefault(i); v != nil && !m.add(v, depth+1) {
			return false
		}
	}
	for i := range f.NumFreeVars() {
		if _, v := f.FreeVar(i); v != nil && !m.add(v, depth+1) {
			return false
		}
	}
	return true
}

// check adds values, and returns an error for the first that is beyond the limits.
func (m *meter) check(use string, values ...starlark.Value) error {
	for _, v := range values {
		if m.add(v, 0) {
			continue
		}
		switch {
		case m.fault != "":
			return &sizeError{use, m.fault}
		case m.elements <= maxElements:
			return tooLong(use)
		}
		return tooMany(use)
	}
	return nil
}

// CheckSize refuses values that hold too much to be written.
func CheckSize(use string, values ...starlark.Value) error {
	return new(meter).check(use, values...)
}

// CheckNested refuses values that hold too much to be compared or hashed.
func CheckNested(use string, values ...starlark.Value) error {
	m := meter{anyBytes: true}
	return m.check(use, values...)
}

// checkKept refuses a value that holds too much to be frozen.
func checkKept(use string, v starlark.Value) error {
	m := meter{functions: true}
	return m.check(use, v)
}

// keysName is the name of keys. No file can write it.
const keysName = "[]"

// keys are put around each key of a dictionary that is no literal: `[]`[key] is the key,
// or an error where it would take too long to hash. Like the marker it is an index
// expression, which is cheaper than a call.
type keys struct{ hidden }

var _ starlark.Mapping = keys{}

// Get implements the index expression.
func (keys) Get(key starlark.Value) (starlark.Value, bool, error) {
	switch key.(type) {
	case starlark.String, starlark.Int, starlark.Bool:
		return key, true, nil
	case *Text:
		key = Number(key)
	}
	return key, true, CheckNested("a key", key)
}

// An Identity tells whether two tuples are the same one. They have none in Starlark, and
// a tuple can hold another many times over.
type Identity struct {
	first *starlark.Value
	n     int
}

// IdentityOf returns the identity of a tuple.
func IdentityOf(t starlark.Tuple) Identity { return Identity{unsafe.SliceData(t), len(t)} }

// makeStruct is struct, of which the names are not too long to be compared.
func makeStruct(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	for _, pair := range kwargs {
		if n, _ := length(pair[0]); n > maxName {
			return nil, tooLongName()
		}
	}
	return starlarkstruct.Make(thread, b, args, kwargs)
}
