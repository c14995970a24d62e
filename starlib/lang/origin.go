package lang

import (
	"strings"
	"unsafe"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"slapstar/engine"
)

// What is known of a Master is text like other text: all of Starlark works on it. Where it
// came from is carried beside it, by its identity: its bytes stand in a place where those
// of no other text do. A variable, a list, a dictionary or a function hands on the text
// itself, and with it the origin. What flows of a value to come (see derive) makes of such
// a text another one with an origin; whatever else makes new bytes, which have none.
// Texts that are merely equal have nothing to do with each other.

// An origin is what a text is made of. Its bytes begin at a place where those of no other
// text with an origin do, and go on for n: others that begin there have no origin.
type origin struct {
	first *byte       // holds the bytes, so that no other text gets the same place
	text  engine.Text // nil: it is a piece, of which nobody has asked yet
	cut   *cut        // what has made the piece
	index int32       // of the piece
	n     int32
}

// origins are the texts of an evaluation that know what they are made of. A text without
// bytes has none. There may be many: they are not copied when there are more, and places,
// by which one is found, is nothing that the garbage collector looks into.
type origins struct {
	places map[uintptr]int32 // of the first byte
	blocks [][]origin        // of blockSize
	count  int               // of origins
	held   int               // bytes, about
}

// blockSize is how many origins are together.
const blockSize = 256

// put adds the origin of a string.
func (o *origins) put(s string, of origin) {
	if o.places == nil {
		o.places = map[uintptr]int32{}
	}
	n := o.count
	o.count++
	if n%blockSize == 0 {
		o.blocks = append(o.blocks, make([]origin, 0, blockSize))
	}
	of.first, of.n = unsafe.StringData(s), int32(len(s))
	o.blocks[n/blockSize] = append(o.blocks[n/blockSize], of)
	o.places[uintptr(unsafe.Pointer(of.first))] = int32(n)
}

// find returns the origin of a string; nil: it has none.
func (o *origins) find(s string) *origin {
	n, there := o.places[uintptr(unsafe.Pointer(unsafe.StringData(s)))]
	if !there {
		return nil
	}
	found := &o.blocks[n/blockSize][n%blockSize]
	if int(found.n) != len(s) {
		return nil
	}
	return found
}

// mostOrigins is about how many bytes the texts with origins may take, and what is known of
// them. Further ones have none.
const mostOrigins = 64 << 20

// partSize is about what a part of a text takes, in bytes.
const partSize = 128

// remember returns a known text that is not hidden as a string, which knows what it is made
// of.
func (e *Evaluation) remember(s string, t engine.Text) starlark.String {
	if s == "" || !t.HasSources() {
		return starlark.String(s)
	}
	return e.keep(strings.Clone(s), t)
}

// keep is remember of a string that nothing else holds, and that is not empty.
func (e *Evaluation) keep(s string, t engine.Text) starlark.String {
	e.put(s, origin{text: t}, len(t))
	return starlark.String(s)
}

// put adds the origin of a string that nothing else holds, unless there are too many.
func (e *Evaluation) put(s string, o origin, parts int) {
	if e.origins.held += len(s) + partSize*parts; e.origins.held <= mostOrigins {
		e.origins.put(s, o)
	}
}

// origin returns what a string is made of; nil: it is not known.
func (e *Evaluation) origin(s starlark.String) engine.Text {
	if len(e.origins.places) == 0 || s == "" {
		return nil
	}
	o := e.origins.find(string(s))
	if o == nil {
		return nil
	}
	if o.cut != nil {
		o.text, o.cut = o.cut.piece(string(s), int(o.index)), nil
	}
	return o.text
}

// StringText returns the text of a string, with the origin that it has.
func (e *Evaluation) StringText(s starlark.String) engine.Text {
	if t := e.origin(s); t != nil {
		return t
	}
	return engine.Literal(string(s))
}

// asText returns a string, or a text, as a text.
func (e *Evaluation) asText(v starlark.Value) *Text {
	if s, ok := v.(starlark.String); ok {
		return &Text{e: e, text: e.StringText(s)}
	}
	return v.(*Text)
}

// A lifter replaces strings that have origins by texts, in a value and in what it holds.
type lifter struct {
	e    *Evaluation
	done map[any]starlark.Value // containers that are replaced, or being replaced

	depth int // what is deeper than maxDepth can be neither compared nor written
}

// lift returns a value with texts in place of the strings that have origins, and whether
// there are any. Containers that hold some are copied.
func (e *Evaluation) lift(v starlark.Value) (starlark.Value, bool) {
	if len(e.origins.places) == 0 {
		return v, false
	}
	if s, ok := v.(starlark.String); ok {
		if t := e.origin(s); t != nil {
			return &Text{e: e, text: t}, true
		}
		return v, false
	}
	if !e.holds(v, map[any]bool{}, 0) {
		return v, false
	}
	return (&lifter{e: e, done: map[any]starlark.Value{}}).lift(v), true
}

// containerOf identifies a value that holds others; nil: it does not.
func containerOf(v starlark.Value) any {
	switch v := v.(type) {
	case *starlark.Dict, *starlark.List, *starlarkstruct.Struct:
		return v
	case starlark.Tuple:
		return IdentityOf(v)
	}
	return nil
}

// holds reports whether there are strings with origins in a value. A key has none: a
// parameter cannot be called by what is to come.
func (e *Evaluation) holds(v starlark.Value, seen map[any]bool, depth int) bool {
	if s, ok := v.(starlark.String); ok {
		return e.origin(s) != nil
	}
	v = undocumented(v)
	container := containerOf(v)
	if container == nil || seen[container] || depth > maxDepth {
		return false
	}
	seen[container] = true
	found := false
	eachElement(v, func(element starlark.Value) bool {
		found = e.holds(element, seen, depth+1)
		return !found
	})
	return found
}

// eachElement calls do for what a container holds, until that returns false.
func eachElement(v starlark.Value, do func(starlark.Value) bool) {
	switch v := v.(type) {
	case *starlark.Dict:
		for _, item := range v.Items() {
			if !do(item[1]) {
				return
			}
		}
	case *starlarkstruct.Struct:
		for _, name := range v.AttrNames() {
			if field, _ := v.Attr(name); !do(field) {
				return
			}
		}
	case starlark.Indexable:
		for i := range v.Len() {
			if !do(v.Index(i)) {
				return
			}
		}
	}
}

func (l *lifter) lift(v starlark.Value) starlark.Value {
	if s, ok := v.(starlark.String); ok {
		if t := l.e.origin(s); t != nil {
			return &Text{e: l.e, text: t}
		}
		return v
	}
	v = undocumented(v)
	container := containerOf(v)
	if container == nil || l.depth > maxDepth {
		return v
	}
	if done := l.done[container]; done != nil {
		return done
	}
	l.depth++
	defer func() { l.depth-- }()
	switch v := v.(type) {
	case *starlark.Dict:
		d := starlark.NewDict(v.Len())
		l.done[container] = d
		for _, item := range v.Items() {
			d.SetKey(item[0], l.lift(item[1])) // it is a key already
		}
		return d
	case *starlark.List:
		elements := make([]starlark.Value, v.Len())
		list := starlark.NewList(elements)
		l.done[container] = list
		for i := range elements {
			elements[i] = l.lift(v.Index(i))
		}
		return list
	case starlark.Tuple:
		elements := make(starlark.Tuple, len(v))
		l.done[container] = elements
		for i, element := range v {
			elements[i] = l.lift(element)
		}
		return elements
	case *starlarkstruct.Struct:
		l.done[container] = v // a struct that holds itself does so by a list
		fields := starlark.StringDict{}
		for _, name := range v.AttrNames() {
			field, _ := v.Attr(name)
			fields[name] = l.lift(field)
		}
		s := starlarkstruct.FromStringDict(v.Constructor(), fields)
		l.done[container] = s
		return s
	}
	return v
}
