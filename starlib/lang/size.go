package lang

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
	"go.starlark.net/syntax"
)

// Limits on values. Starlark counts steps, and one step can make a value of any
// size.
const (
	maxText     = 64 << 20  // bytes of one text
	maxElements = 2_000_000 // of one list, and of all that a value holds
	maxDepth    = 1000      // of values in values
	maxBits     = 1 << 20   // of an integer
	maxMemory   = 1 << 30   // bytes that the program may grow by during an evaluation, unless the Source says otherwise
)

// memoryInterval is after how many steps the memory is looked at.
const memoryInterval = 200_000

// A sizeError is a value that would be too large.
type sizeError struct{ use, what string }

func (e *sizeError) Error() string { return fmt.Sprintf("%s: %s", e.use, e.what) }

func tooLong(use string) error {
	return &sizeError{use, fmt.Sprintf("the text would be longer than %d MiB", maxText>>20)}
}

func tooMany(use string) error {
	return &sizeError{use, fmt.Sprintf("there would be more than %d million elements", maxElements/1_000_000)}
}

// A meter adds up what values hold. Something that is held many times counts as
// often: it is written as often.
type meter struct {
	elements, bytes int
	deep            bool
}

// add reports whether a value is within the limits.
func (m *meter) add(v starlark.Value, depth int) bool {
	m.elements++
	if m.deep = m.deep || depth > maxDepth; m.deep || m.elements > maxElements || m.bytes > maxText {
		return false
	}
	switch v := v.(type) {
	case starlark.String:
		m.bytes += len(v)
	case starlark.Bytes:
		m.bytes += len(v)
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
	}
	if list, ok := v.(starlark.Indexable); ok {
		if _, isText := v.(starlark.String); isText {
			return m.bytes <= maxText
		}
		if list.Len() > maxElements {
			m.elements = maxElements + 1
			return false
		}
		for i := range list.Len() {
			if !m.add(list.Index(i), depth+1) {
				return false
			}
		}
	}
	return m.elements <= maxElements && m.bytes <= maxText
}

// CheckSize refuses values that hold too much to be written.
func CheckSize(use string, values ...starlark.Value) error {
	var m meter
	for _, v := range values {
		if m.add(v, 0) {
			continue
		}
		switch {
		case m.deep:
			return &sizeError{use, fmt.Sprintf("values are nested more than %d deep", maxDepth)}
		case m.bytes > maxText:
			return tooLong(use)
		}
		return tooMany(use)
	}
	return nil
}

// length is that of a text or a sequence; 0 for anything else.
func length(v starlark.Value) (n int, isText bool) {
	switch v := v.(type) {
	case starlark.String:
		return len(v), true
	case starlark.Bytes:
		return len(v), true
	case starlark.Sequence:
		return v.Len(), false
	}
	return 0, false
}

// Sizes from which on a single value counts for the memory at once.
const (
	largeText = 1 << 20 // bytes
	largeList = 1 << 16 // elements
)

func checkLength(thread *starlark.Thread, use string, n int, isText bool) error {
	switch {
	case isText && n > maxText:
		return tooLong(use)
	case !isText && n > maxElements:
		return tooMany(use)
	case isText && n > largeText, !isText && n > largeList:
		return Current(thread).checkMemory()
	}
	return nil
}

// checkMemory returns an error when the values take too much memory. What nobody
// holds any more does not count.
func (e *Evaluation) checkMemory() error {
	if heap() <= e.baseMemory+e.maxMemory {
		return nil
	}
	runtime.GC()
	if heap() <= e.baseMemory+e.maxMemory {
		return nil
	}
	return fmt.Errorf("stopped: the values take more than %s of memory", sizeText(e.maxMemory))
}

func sizeText(bytes uint64) string {
	if bytes >= 1<<30 && bytes%(1<<30) == 0 {
		return fmt.Sprintf("%d GiB", bytes>>30)
	}
	return fmt.Sprintf("%d MiB", bytes>>20)
}

// plus is the operator +.
func plus(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	x, y := args[0], args[1]
	n, isText := length(x)
	m, _ := length(y)
	if err := checkLength(thread, "+", n+m, isText); err != nil {
		return nil, err
	}
	return starlark.Binary(syntax.PLUS, x, y)
}

// plusAssign checks the operands of += and returns the right one: a list is
// extended in its place.
func plusAssign(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	n, isText := length(args[0])
	m, _ := length(args[1])
	return args[1], checkLength(thread, "+=", n+m, isText)
}

// times is the operator *.
func times(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	x, y := args[0], args[1]
	i, isInt := x.(starlark.Int)
	j, alsoInt := y.(starlark.Int)
	var err error
	switch {
	case isInt && alsoInt:
		if bits(i)+bits(j) > maxBits {
			err = &sizeError{"*", fmt.Sprintf("the number would have more than %d bits", maxBits)}
		}
	case isInt:
		err = checkRepeat(thread, y, i)
	case alsoInt:
		err = checkRepeat(thread, x, j)
	}
	if err != nil {
		return nil, err
	}
	return starlark.Binary(syntax.STAR, x, y)
}

func bits(i starlark.Int) int {
	if _, small := i.Int64(); small {
		return 63
	}
	return i.BigInt().BitLen()
}

func checkRepeat(thread *starlark.Thread, v starlark.Value, count starlark.Int) error {
	n, isText := length(v)
	times, ok := count.Int64()
	if n == 0 || ok && times <= 0 {
		return nil
	}
	if !ok || times > maxText {
		times = maxText + 1
	}
	return checkLength(thread, "*", n*int(times), isText)
}

// whole wraps a function of the universe that goes through all of its arguments
// in one step.
func whole(name string) *starlark.Builtin {
	original := starlark.Universe[name].(*starlark.Builtin)
	return closed(name, starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		for _, v := range args {
			if n, isText := length(v); n > largeList {
				if err := checkLength(thread, name, n, isText); err != nil {
					return nil, err
				}
			}
		}
		return starlark.Call(thread, original, args, kwargs)
	}))
}

// spread checks what follows the * of f(*args).
func spread(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	n, isText := length(args[0])
	return args[0], checkLength(thread, "the arguments after *", n, isText)
}

// sized is a method of strings and lists whose result may be larger than all that
// went into it; most returns how large.
func sized(name string, most func(receiver starlark.Value, args starlark.Tuple) (n int, isText bool)) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		receiver, args := args[0], args[1:]
		if _, isText := receiver.(starlark.String); isText {
			if err := refuseTexts("."+name, args...); err != nil {
				return nil, err
			}
		}
		n, isText := most(receiver, args)
		if err := checkLength(thread, "."+name, n, isText); err != nil {
			return nil, err
		}
		method, err := attribute(receiver, name)
		if err != nil {
			return nil, err
		}
		return starlark.Call(thread, method, args, kwargs)
	})
}

func joinedLength(receiver starlark.Value, args starlark.Tuple) (int, bool) {
	separator, ok := receiver.(starlark.String)
	if !ok || len(args) != 1 {
		return 0, false
	}
	n, _ := length(args[0])
	if n > maxElements {
		return n, false
	}
	total := n * len(separator)
	if list, ok := args[0].(starlark.Indexable); ok && total <= maxText {
		for i := range list.Len() {
			m, _ := length(list.Index(i))
			if total += m; total > maxText {
				break
			}
		}
	}
	return total, true
}

func replacedLength(receiver starlark.Value, args starlark.Tuple) (int, bool) {
	s, ok := receiver.(starlark.String)
	if !ok || len(args) < 2 {
		return 0, false
	}
	before, ok := args[0].(starlark.String)
	after, ok2 := args[1].(starlark.String)
	if !ok || !ok2 {
		return 0, false
	}
	return len(s) + strings.Count(string(s), string(before))*max(0, len(after)-len(before)), true
}

func extendedLength(receiver starlark.Value, args starlark.Tuple) (int, bool) {
	n, isText := length(receiver)
	if len(args) != 1 {
		return n, isText
	}
	m, _ := length(args[0])
	return n + m, isText
}

// formattedLength bounds what a layout can become: each of its marks may be the
// longest operand.
func formattedLength(layout string, mark string, operands []starlark.Value) int {
	longest := 0
	for _, v := range operands {
		var m meter
		m.add(v, 0)
		longest = max(longest, m.bytes+4*m.elements)
	}
	return len(layout) + strings.Count(layout, mark)*longest
}

// checkNesting refuses JSON whose decoding would not end well.
func checkNesting(document string) error {
	depth := 0
	inside, escaped := false, false
	for i := 0; i < len(document); i++ {
		switch c := document[i]; {
		case escaped:
			escaped = false
		case inside:
			escaped = c == '\\'
			inside = c != '"'
		case c == '"':
			inside = true
		case c == '[', c == '{':
			if depth++; depth > maxDepth {
				return &sizeError{"json.decode", fmt.Sprintf("values are nested more than %d deep", maxDepth)}
			}
		case c == ']', c == '}':
			depth--
		}
	}
	return nil
}

// watchMemory makes the evaluation end when the steps or the memory are used up.
func (e *Evaluation) watchMemory(steps uint64) {
	e.baseMemory = heap()
	e.thread.SetMaxExecutionSteps(min(memoryInterval, steps))
	e.thread.OnMaxSteps = func(t *starlark.Thread) {
		memory := e.checkMemory()
		switch done := t.ExecutionSteps(); {
		case done >= steps:
			e.Stop(Hint(fmt.Errorf("stopped after %d million steps", steps/1_000_000), loopHint))
		case memory != nil:
			e.Stop(Hint(memory, loopHint))
		default:
			t.SetMaxExecutionSteps(min(done+memoryInterval, steps))
		}
	}
}

// heap is how much memory the objects of the program take, in bytes.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
