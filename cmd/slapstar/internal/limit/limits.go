package limit

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"slapstar/starlib/lang"
)

// Limits are what evaluating and planning may take.
type Limits struct {
	Memory Size          // of the process
	Time   time.Duration // without what is waited for
}

// Default are the limits that hold unless somebody asks for others.
var Default = Limits{Memory: 2 << 30, Time: 30 * time.Second}

// leastMemory is what the program needs for itself, and some more.
const leastMemory = 64 << 20

// Check returns an error for limits that nothing could keep to.
func (l Limits) Check() error {
	switch {
	case l.Memory < leastMemory:
		return fmt.Errorf("--max-memory: got %v, want at least %v", l.Memory, Size(leastMemory))
	case l.Time <= 0:
		return fmt.Errorf("--max-time: got %v, want a time above 0", l.Time)
	}
	return nil
}

// Values is how much memory the values of an evaluation may take, in bytes: half, since
// as much may be garbage before it is collected.
func (l Limits) Values() uint64 { return uint64(l.Memory) / 2 }

// An ExceededError says which limit was passed.
type ExceededError struct{ message string }

func (e *ExceededError) Error() string { return e.message }

func (l Limits) timeError() error {
	return lang.Hint(&ExceededError{fmt.Sprintf("stopped: evaluating and planning took longer than %v (--max-time)", l.Time)},
		fmt.Sprintf("is there something that does not end? --max-time %v allows more", 2*l.Time))
}

func (l Limits) memoryError() error {
	return lang.Hint(&ExceededError{fmt.Sprintf("stopped: evaluating and planning took more than %v of memory (--max-memory)", l.Memory)},
		fmt.Sprintf("is there something that grows without end? --max-memory %v allows more", 2*l.Memory))
}

func nestingError() error {
	return &ExceededError{fmt.Sprintf("stopped: something is nested so deep that it took more than %v of the stack", Size(maxStack))}
}

// A Size is a number of bytes. It is a flag: a whole number with MiB or GiB.
type Size uint64

var units = []struct {
	name string
	size Size
}{{"GiB", 1 << 30}, {"MiB", 1 << 20}}

func (s Size) String() string {
	for _, u := range units {
		if s >= u.size && s%u.size == 0 {
			return fmt.Sprintf("%d%s", uint64(s/u.size), u.name)
		}
	}
	return fmt.Sprintf("%dMiB", uint64(s)>>20)
}

// Set implements [flag.Value].
func (s *Size) Set(text string) error {
	for _, u := range units {
		number, ok := strings.CutSuffix(text, u.name)
		n, err := strconv.ParseUint(number, 10, 24)
		if ok && err == nil {
			*s = Size(n) * u.size
			return nil
		}
	}
	return errors.New("want a size such as 512MiB or 2GiB")
}
