package mask

import (
	"slices"
	"strings"
	"sync"
)

// Masked stands for a value that is not to be shown.
const Masked = "(secret)"

// Inside is how long a value has to be, in bytes, to be looked for inside of other text.
const Inside = 6

// A Filter knows the secrets of a run. A nil Filter knows none. It may be used
// concurrently.
type Filter struct {
	mu     sync.RWMutex
	values map[string]bool     // as they were given: a whole value that is hidden
	forms  map[string][]string // by their first Inside bytes, the longest first
	known  map[string]bool     // all forms
	starts map[string]bool     // the beginnings of forms that are shorter than Inside
	begins []bool              // by the first two bytes of forms

	shown           []func(string) string
	showCredentials bool
}

// New returns a Filter that knows nothing yet. Each of shown is how the program writes
// text for people: what it makes of a secret is hidden too.
func New(shown ...func(string) string) *Filter {
	return &Filter{shown: shown, values: map[string]bool{}, forms: map[string][]string{}, known: map[string]bool{}, starts: map[string]bool{}, begins: make([]bool, 1<<16)}
}

// Add makes a secret known. An empty one is none.
func (f *Filter) Add(value string) {
	if f == nil || value == "" {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.values[value] {
		return
	}
	f.values[value] = true
	if len(value) < Inside {
		return
	}
	for _, form := range formsOf(value) {
		f.add(form)
		for _, show := range f.shown {
			if text := show(form); len(text) >= Inside {
				f.add(text)
			}
		}
	}
}

// AddCredential makes a credential known, unless [Filter.ShowCredentials] was called.
func (f *Filter) AddCredential(value string) {
	if f == nil {
		return
	}
	f.mu.RLock()
	show := f.showCredentials
	f.mu.RUnlock()
	if !show {
		f.Add(value)
	}
}

// ShowCredentials makes the Filter ignore credentials from now on. Secrets it hides all
// the same.
func (f *Filter) ShowCredentials() {
	if f != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.showCredentials = true
	}
}

func (f *Filter) add(form string) {
	head := form[:Inside]
	if f.known[form] {
		return
	}
	f.known[form] = true
	at, _ := slices.BinarySearchFunc(f.forms[head], form, func(a, b string) int { return len(b) - len(a) })
	f.forms[head] = slices.Insert(f.forms[head], at, form)
	for n := 1; n < Inside; n++ {
		f.starts[form[:n]] = true
	}
	f.begins[pair(form)] = true
}

// Holds reports whether a value is a secret, or holds one.
func (f *Filter) Holds(value string) bool {
	if f == nil {
		return false
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.values[value] || f.inside(value)
}

// HoldsInside reports whether a text holds a secret that is looked for inside of text.
func (f *Filter) HoldsInside(text string) bool {
	if f == nil {
		return false
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.inside(text)
}

// pair is what a text begins with, as a number.
func pair(s string) int { return int(s[0])<<8 | int(s[1]) }

func (f *Filter) inside(text string) bool {
	for i := 0; i+Inside <= len(text) && len(f.forms) > 0; i++ {
		if n, _ := f.match(text[i:]); n > 0 {
			return true
		}
	}
	return false
}

// Value returns a value with its secrets hidden: all of it, if it is one.
func (f *Filter) Value(value string) string {
	if f == nil {
		return value
	}
	f.mu.RLock()
	whole := f.values[value]
	f.mu.RUnlock()
	if whole {
		return Masked
	}
	return f.Text(value)
}

// Text returns a text with the secrets in it hidden.
func (f *Filter) Text(text string) string {
	if f == nil {
		return text
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	hidden, _ := f.hide(text, true)
	return hidden
}

// match returns the length of the longest form that text begins with, and whether text
// may be the beginning of a longer one.
func (f *Filter) match(text string) (n int, open bool) {
	if len(text) >= 2 && !f.begins[pair(text)] {
		return 0, false
	}
	if len(text) < Inside {
		return 0, f.starts[text]
	}
	for _, form := range f.forms[text[:Inside]] {
		switch {
		case strings.HasPrefix(text, form):
			return len(form), open
		case strings.HasPrefix(form, text):
			open = true
		}
	}
	return 0, open
}

// hide hides what it finds. Unless text is all that comes, it stops where a secret may
// begin that the rest is the beginning of, and returns that rest. Secrets that overlap
// are hidden as one.
func (f *Filter) hide(text string, all bool) (hidden, rest string) {
	if len(f.forms) == 0 {
		return text, ""
	}
	var b strings.Builder
	done := 0
	for i := 0; i < len(text); i++ {
		if i+1 < len(text) && !f.begins[pair(text[i:])] && text[i] != Masked[0] {
			continue // as almost everywhere
		}
		if strings.HasPrefix(text[i:], Masked) { // it is hidden already
			i += len(Masked) - 1
			continue
		}
		n, open := f.match(text[i:])
		if open && !all {
			b.WriteString(text[done:i])
			return b.String(), text[i:]
		}
		if n == 0 {
			continue
		}
		end := i + n
		for j := i + 1; j < end; j++ {
			more, open := f.match(text[j:])
			if open && !all {
				b.WriteString(text[done:i])
				return b.String(), text[i:]
			}
			end = max(end, j+more)
		}
		b.WriteString(text[done:i] + Masked)
		done, i = end, end-1
	}
	if done == 0 {
		return text, ""
	}
	b.WriteString(text[done:])
	return b.String(), ""
}
