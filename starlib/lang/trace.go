package lang

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/internal/function"
)

// builtinFunc is what a builtin does.
type builtinFunc = func(*starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error)

// traced is an operation through which a value to come flows, so that the origin of a known
// one does as well: what it has made of the values it makes of texts again, which gives the
// same letters and says where they come from. Those of the arguments that is returns true
// for are texts then; named arguments always are. What cannot be done with texts, or gives
// something else, has no origin.
func traced(do builtinFunc, is func(position int) bool) builtinFunc {
	return func(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		e := Current(thread)
		if len(e.origins.places) == 0 || e.tracing {
			return do(thread, b, args, kwargs)
		}
		lifted, named, found := e.liftArguments(args, kwargs, is)
		v, err := do(thread, b, args, kwargs)
		if err != nil || !found {
			return v, err
		}
		return e.again(v, func() (starlark.Value, error) { return do(thread, b, lifted, named) }), nil
	}
}

// only is one argument.
func only(position int) func(int) bool { return func(n int) bool { return n == position } }

// butFirst is all arguments but the first one.
func butFirst(position int) bool { return position > 0 }

func (e *Evaluation) liftArguments(args starlark.Tuple, kwargs []starlark.Tuple, is func(int) bool) (lifted starlark.Tuple, named []starlark.Tuple, found bool) {
	lifted, named = append(starlark.Tuple{}, args...), append([]starlark.Tuple{}, kwargs...)
	for i, v := range args {
		if is(i) {
			other, ok := e.lift(v)
			lifted[i], found = other, found || ok
		}
	}
	for i, pair := range kwargs {
		if other, ok := e.lift(pair[1]); ok {
			named[i], found = starlark.Tuple{pair[0], other}, true
		}
	}
	return lifted, named, found
}

// again returns what do makes, if that is the same text as v, and else v. Nothing that goes
// wrong in it counts.
func (e *Evaluation) again(v starlark.Value, do func() (starlark.Value, error)) starlark.Value {
	switch v.(type) {
	case starlark.String, *Text:
	default:
		return v
	}
	e.tracing = true
	defer func() { e.tracing = false }()
	w, err := do()
	if err != nil {
		return v
	}
	switch w := w.(type) {
	case starlark.String:
		if s, ok := v.(starlark.String); ok && s == w {
			return w
		}
	case *Text:
		if t, ok := v.(*Text); ok && t.form == w.form && t.cut.Name == "" && t.text.Equal(w.text) {
			return w
		}
	}
	return v
}

// sum is x + y.
func (e *Evaluation) sum(x, y starlark.String) starlark.String {
	s := string(x) + string(y)
	if len(e.origins.places) == 0 {
		return starlark.String(s)
	}
	left, right := e.origin(x), e.origin(y)
	if left == nil && right == nil {
		return starlark.String(s)
	}
	if left == nil {
		left = engine.Literal(string(x))
	}
	if right == nil {
		right = engine.Literal(string(y))
	}
	if x == "" || y == "" { // s is the other one
		return e.remember(s, engine.Join(left, right))
	}
	return e.keep(s, engine.Join(left, right))
}

// percentMade returns what layout % value has made with the origins of the values. That is
// done at once for a layout of %s, %d and %%, as most are.
func (e *Evaluation) percentMade(thread *starlark.Thread, layout string, value, made starlark.Value) starlark.Value {
	if len(e.origins.places) == 0 || e.tracing {
		return made
	}
	if s, ok := made.(starlark.String); ok {
		if t, ok := e.simplePercent(layout, value); ok {
			return e.remember(string(s), t)
		}
	}
	lifted, found := e.lift(value)
	if !found {
		return made
	}
	return e.again(made, func() (starlark.Value, error) { return percentOf(thread, layout, lifted) })
}

// simplePercent is layout % value of a layout that is simple enough; else it reports false.
func (e *Evaluation) simplePercent(layout string, value starlark.Value) (engine.Text, bool) {
	values, isTuple := value.(starlark.Tuple)
	if !isTuple {
		values = starlark.Tuple{value}
	}
	var first [6]engine.Part
	made := engine.Text(first[:0])
	text := ""
	add := func(t engine.Text) {
		if text != "" {
			made = append(made, engine.Part{Literal: text})
		}
		made, text = append(made, t...), ""
	}
	known := false
	for n := 0; ; {
		before, rest, found := strings.Cut(layout, "%")
		if text += before; !found {
			add(nil)
			return slices.Clone(made), known && n == len(values)
		}
		if rest == "" {
			return nil, false
		}
		layout = rest[1:]
		if rest[0] == '%' {
			text += "%"
			continue
		}
		if n == len(values) {
			return nil, false
		}
		v := values[n]
		n++
		switch v := v.(type) {
		case starlark.String:
			if rest[0] != 's' {
				return nil, false
			}
			if t := e.origin(v); t != nil {
				known = true
				add(t)
			} else {
				text += string(v)
			}
		case starlark.Int:
			if rest[0] != 's' && rest[0] != 'd' {
				return nil, false
			}
			text += v.String()
		default:
			return nil, false
		}
	}
}

// flow returns what a function made of a text as a string that says so.
func (e *Evaluation) flow(result string, f function.Function, of engine.Text) starlark.String {
	if of == nil || nestedDerivations(of) >= maxDerivations {
		return starlark.String(result)
	}
	derived, err := engine.Derive(f, of)
	if value, known := derived.Known(); err != nil || !known || value != result {
		return starlark.String(result)
	}
	return e.remember(result, derived)
}

// tracedMethod returns what a method of a string made with the origin of the string.
func (e *Evaluation) tracedMethod(receiver starlark.Value, name string, args starlark.Tuple, kwargs []starlark.Tuple, v starlark.Value) starlark.Value {
	s, isText := receiver.(starlark.String)
	if !isText || len(e.origins.places) == 0 || e.tracing {
		return v
	}
	if name == "join" && len(args) == 1 {
		if lifted, ok := e.lift(args[0]); ok {
			return e.again(v, func() (starlark.Value, error) { return joinTexts(e, s, lifted) })
		}
		return v
	}
	of, method := e.origin(s), textMethods[name]
	if of == nil || method == nil {
		return v
	}
	switch v := v.(type) {
	case starlark.String:
		return e.again(v, func() (starlark.Value, error) { return method(&Text{e: e, text: of}, "."+name, args, kwargs) })
	case *starlark.List:
		c := &cut{e: e, of: of, name: name, args: args, kwargs: kwargs}
		c.mark(v, func(i int, piece starlark.String) { v.SetIndex(i, piece) }) // it is new, and not frozen
	case starlark.Tuple:
		c := &cut{e: e, of: of, name: name, args: args, kwargs: kwargs}
		c.mark(v, func(i int, piece starlark.String) { v[i] = piece })
	}
	return v
}

// A cut is what .split and its like have done to a text: each piece is one of the text.
type cut struct {
	e      *Evaluation
	of     engine.Text
	name   string
	args   starlark.Tuple
	kwargs []starlark.Tuple
	made   *Text // the list that comes of a text to come; nil: nobody has asked yet, or there is none
}

// mark gives the pieces places of their own, with their origins.
func (c *cut) mark(list starlark.Indexable, set func(int, starlark.String)) {
	if nestedDerivations(c.of) >= maxDerivations {
		return
	}
	var b strings.Builder
	n := 0
	for i := range list.Len() {
		piece, _ := starlark.AsString(list.Index(i))
		n += len(piece)
	}
	b.Grow(n)
	for i := range list.Len() {
		piece, _ := starlark.AsString(list.Index(i))
		b.WriteString(piece)
	}
	all := b.String()
	for i := range list.Len() {
		if piece, _ := starlark.AsString(list.Index(i)); piece != "" {
			c.e.put(all[:len(piece)], origin{cut: c, index: int32(i)}, 1)
			set(i, starlark.String(all[:len(piece)]))
			all = all[len(piece):]
		}
	}
}

// piece is what a piece is made of, without going through the text for each; nil: that is
// not known.
func (c *cut) piece(s string, index int) engine.Text {
	if c.made == nil {
		made, err := textMethods[c.name](&Text{e: c.e, text: c.of}, "."+c.name, c.args, c.kwargs)
		all, ok := made.(*Text)
		if err != nil || !ok || all.form != aList {
			return nil
		}
		c.made = all
	}
	f := function.Function{Name: c.made.cut.Name, Args: append([]string{strconv.Itoa(index)}, c.made.cut.Args...)}
	return engine.Text{{Literal: s, Derived: &engine.Derivation{Function: f, Of: c.of}}}
}

// joinTexts is separator.join(list) where the list holds texts.
func joinTexts(e *Evaluation, separator starlark.String, list starlark.Value) (starlark.Value, error) {
	elements, ok := list.(starlark.Iterable)
	if !ok {
		return nil, fmt.Errorf("join: got %s, want an iterable", list.Type())
	}
	var texts []engine.Text
	for v := range starlark.Elements(elements) {
		t, ok := e.TextOf(v)
		if isText, _ := v.(*Text); !ok || isText != nil && isText.form != aString {
			return nil, fmt.Errorf("join: in list, want string, got %s", v.Type())
		}
		if len(texts) > 0 {
			texts = append(texts, e.StringText(separator))
		}
		texts = append(texts, t)
	}
	return e.Value(engine.Join(texts...)), nil
}

// indexedName is the name of indexed. No file can write it.
const indexedName = "[n]"

// indexed is put around what an index is taken of: `[n]`[x] is x, or a text for a string
// that knows what it is made of.
type indexed struct {
	hidden
	e *Evaluation
}

var _ starlark.Mapping = indexed{}

// Get implements the index expression.
func (x indexed) Get(v starlark.Value) (starlark.Value, bool, error) {
	if s, ok := v.(starlark.String); ok {
		if t := x.e.origin(s); t != nil {
			return &Text{e: x.e, text: t}, true, nil
		}
	}
	return v, true, nil
}
