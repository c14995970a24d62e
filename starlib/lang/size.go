package lang

import (
	"fmt"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Limits on values. Starlark counts steps, and one step can make a value of any
// size.
const (
	maxText     = 64 << 20  // bytes of one text
	maxElements = 2_000_000 // of one list, and of all that a value holds
	maxDepth    = 1000      // of values in values
	maxName     = 1000      // bytes of a name in the files
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
	return &MemoryError{e.maxMemory}
}

// A MemoryError says that the values of an evaluation take too much memory.
type MemoryError struct{ Limit uint64 } // bytes

func (e *MemoryError) Error() string {
	return fmt.Sprintf("stopped: the values take more than %s of memory", sizeText(e.Limit))
}

func sizeText(bytes uint64) string {
	if bytes >= 1<<30 && bytes%(1<<30) == 0 {
		return fmt.Sprintf("%d GiB", bytes>>30)
	}
	return fmt.Sprintf("%d MiB", bytes>>20)
}

// plus is the operator +.
func plus(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	x, y := Number(args[0]), Number(args[1])
	if err := checkSum("+", x, y); err != nil {
		return nil, err
	}
	n, isText := length(x)
	m, _ := length(y)
	if err := checkLength(thread, "+", n+m, isText); err != nil {
		return nil, err
	}
	if left, ok := x.(starlark.String); ok {
		if right, ok := y.(starlark.String); ok {
			return Current(thread).sum(left, right), nil
		}
	}
	return starlark.Binary(syntax.PLUS, x, y)
}

// plusAssign checks the operands of += and returns the right one: a list is
// extended in its place.
func plusAssign(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	args = numbersIn(args)
	if err := checkSum("+=", args[0], args[1]); err != nil {
		return nil, err
	}
	n, isText := length(args[0])
	m, _ := length(args[1])
	y := args[1]
	if x, ok := args[0].(starlark.String); ok { // what Starlark adds then asks the text
		if s, ok := y.(starlark.String); ok {
			if e := Current(thread); e.origin(x) != nil || e.origin(s) != nil {
				y = e.asText(s)
			}
		}
	}
	return y, checkLength(thread, "+=", n+m, isText)
}

// times is the operator *.
func times(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	x, y := Number(args[0]), Number(args[1])
	i, isInt := x.(starlark.Int)
	j, alsoInt := y.(starlark.Int)
	var err error
	switch {
	case isInt && alsoInt:
		err = checkBits("*", bits(i)+bits(j))
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
// in one step. One that compares or hashes what they hold is deep.
func whole(name string, deep bool) *starlark.Builtin {
	original := starlark.Universe[name].(*starlark.Builtin)
	return closed(name, starlark.NewBuiltin(name, func(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		for _, v := range given(args, kwargs) {
			if err := checkWhole(thread, name, deep, v); err != nil {
				return nil, err
			}
		}
		if name == "zip" {
			if err := checkZip(thread, args); err != nil {
				return nil, err
			}
		}
		return starlark.Call(thread, original, args, kwargs)
	}))
}

// given are the values of all arguments.
func given(args starlark.Tuple, kwargs []starlark.Tuple) starlark.Tuple {
	if len(kwargs) == 0 {
		return args
	}
	all := slices.Clip(args)
	for _, pair := range kwargs {
		all = append(all, pair[1])
	}
	return all
}

// checkWhole checks a value that is gone through.
func checkWhole(thread *starlark.Thread, use string, deep bool, v starlark.Value) error {
	if n, isText := length(v); n > largeList {
		if err := checkLength(thread, use, n, isText); err != nil {
			return err
		}
	}
	if _, isSequence := v.(starlark.Sequence); deep && isSequence {
		return CheckNested(use, v)
	}
	return nil
}

// checkZip checks how many elements the tuples will have together.
func checkZip(thread *starlark.Thread, args starlark.Tuple) error {
	shortest := maxElements
	for _, v := range args {
		n, _ := length(v)
		shortest = min(shortest, n)
	}
	return checkLength(thread, "zip", shortest*len(args), false)
}

// spread checks what follows the * of f(*args).
func spread(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	n, isText := length(args[0])
	return args[0], checkLength(thread, "the arguments after *", n, isText)
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
			e.Stop(memory)
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
