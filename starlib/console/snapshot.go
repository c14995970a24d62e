package console

import (
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"slapstar/starlib/lang"
)

// A snapshot holds what the containers that some names lead to contain, so that
// it can be put back into the same containers.
type snapshot struct {
	lists map[*starlark.List][]starlark.Value
	dicts map[*starlark.Dict][]starlark.Tuple
	sets  map[*starlark.Set][]starlark.Value
	seen  map[any]bool // of what does not change itself: tuples, structs and functions
}

func takeSnapshot(names starlark.StringDict) *snapshot {
	s := &snapshot{
		lists: map[*starlark.List][]starlark.Value{},
		dicts: map[*starlark.Dict][]starlark.Tuple{},
		sets:  map[*starlark.Set][]starlark.Value{},
		seen:  map[any]bool{},
	}
	var todo []starlark.Value // a stack of its own: values may be nested deep
	for _, v := range names {
		todo = append(todo, v)
	}
	for len(todo) > 0 {
		v := todo[len(todo)-1]
		todo = append(todo[:len(todo)-1], s.add(v)...)
	}
	return s
}

// add notes one container and returns what it holds, if that is not noted yet.
func (s *snapshot) add(v starlark.Value) []starlark.Value {
	switch v := v.(type) {
	case *starlark.List:
		if _, again := s.lists[v]; again {
			return nil
		}
		var items []starlark.Value
		for i := range v.Len() {
			items = append(items, v.Index(i))
		}
		s.lists[v] = items
		return items
	case *starlark.Dict:
		if _, again := s.dicts[v]; again {
			return nil
		}
		s.dicts[v] = v.Items()
		var items []starlark.Value
		for _, item := range s.dicts[v] {
			items = append(items, item[0], item[1])
		}
		return items
	case *starlark.Set:
		for item := range v.Elements() { // elements are hashable, so they do not change
			s.sets[v] = append(s.sets[v], item)
		}
		if v.Len() == 0 {
			s.sets[v] = nil
		}
	case starlark.Tuple:
		if s.again(lang.IdentityOf(v)) {
			return nil
		}
		return v
	case *starlarkstruct.Struct:
		if s.again(v) {
			return nil
		}
		var fields []starlark.Value
		for _, name := range v.AttrNames() {
			field, _ := v.Attr(name)
			fields = append(fields, field)
		}
		return fields
	case *starlark.Builtin:
		if receiver := v.Receiver(); receiver != nil {
			return []starlark.Value{receiver}
		}
	case *starlark.Function:
		if !s.again(v) {
			return heldBy(v)
		}
	}
	return nil
}

func (s *snapshot) again(v any) bool {
	before := s.seen[v]
	s.seen[v] = true
	return before
}

// heldBy is what a function holds besides globals.
func heldBy(f *starlark.Function) []starlark.Value {
	var held []starlark.Value
	for i := range f.NumParams() {
		if value := f.ParamDefault(i); value != nil {
			held = append(held, value)
		}
	}
	for i := range f.NumFreeVars() {
		if _, value := f.FreeVar(i); value != nil {
			held = append(held, value)
		}
	}
	return held
}

// restore puts everything back. What is frozen refuses, and cannot have changed.
func (s *snapshot) restore() {
	for list, items := range s.lists {
		if list.Clear() == nil {
			for _, item := range items {
				list.Append(item)
			}
		}
	}
	for dict, items := range s.dicts {
		if dict.Clear() == nil {
			for _, item := range items {
				dict.SetKey(item[0], item[1])
			}
		}
	}
	for set, items := range s.sets {
		if set.Clear() == nil {
			for _, item := range items {
				set.Insert(item)
			}
		}
	}
}
