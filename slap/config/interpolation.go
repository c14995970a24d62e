package config

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/ini.v1"
)

// Limits of interpolation. The depth is that of Python. Without the others a few lines
// could make a value of any length, or take any time to make a short one.
const (
	maxInterpolation      = 64 << 10 // bytes of a value
	maxInterpolationDepth = 10
	maxReplaced           = 4 << 20 // bytes that references of all values are replaced by
	replacementCost       = 16      // what a reference counts for, besides them
)

var reference = regexp.MustCompile(`^%\(([^)]+)\)s`)

// interpolate replaces what a value of a section refers to, as Python's
// BasicInterpolation does: %(name)s is the value of another key, %% is %, and any other %
// is a mistake, which is kept as r.wrong. Line is that of the key.
func (r *reader) interpolate(line int, section, value string, depth int) string {
	if depth > maxInterpolationDepth {
		r.fail(line, section, "got a value that refers to other keys more than %d deep", maxInterpolationDepth)
	}
	var b strings.Builder
	for r.wrong == nil {
		i := strings.IndexByte(value, '%')
		if i < 0 {
			break
		}
		b.WriteString(value[:i])
		value = value[i:]
		name := reference.FindStringSubmatch(value)
		switch {
		case strings.HasPrefix(value, "%%"):
			b.WriteByte('%')
			value = value[2:]
		case name == nil:
			r.fail(line, section, "got a value with a single %%, want %%(KEY)s, or %%%% for a %%")
		default:
			b.WriteString(r.refer(line, section, lower(name[1]), depth))
			value = value[len(name[0]):]
		}
		if b.Len() > maxInterpolation {
			r.fail(line, section, "got a value that is longer than %d KiB with what it refers to", maxInterpolation>>10)
		}
	}
	if r.wrong != nil {
		return ""
	}
	return b.String() + value
}

// refer returns what %(name)s stands for.
func (r *reader) refer(line int, section, name string, depth int) string {
	raw, _, ok := r.raw(section, name)
	if !ok {
		r.fail(line, section, "got a value with %%(…)s of a key that is not set, want a key of this section or of [DEFAULT], or %%%% for a %%")
		return ""
	}
	r.count(line, section, raw)
	if !strings.Contains(raw, "%") {
		return raw
	}
	return r.interpolate(line, section, raw, depth+1)
}

// count counts what a value is replaced by.
func (r *reader) count(line int, section, raw string) {
	if r.replaced += replacementCost + len(raw); r.replaced > maxReplaced {
		r.fail(line, section, "got more than %d MiB in what the values of the file refer to, want less", maxReplaced>>20)
	}
}

// raw returns the value of a key as it stands in the file, in its section or else in
// [DEFAULT], and the line of the key. A section that is not there has none of these.
func (r *reader) raw(section, key string) (value string, line int, ok bool) {
	if !r.file.HasSection(section) {
		return "", 0, false
	}
	for _, name := range []string{section, ini.DefaultSection} {
		if value, ok = r.file.raw(name, key); ok {
			return value, r.file.lines[place{name, key}], true
		}
	}
	return "", 0, false
}

// check interpolates all values of a section, used or not: Python gives a section whole
// or not at all. The mistakes name no key, which may be any text.
func (r *reader) check(section string) {
	s, err := r.file.GetSection(section)
	if err != nil {
		return
	}
	for _, key := range slices.Concat(s.KeyStrings(), r.inherited) {
		raw, line, _ := r.raw(section, key)
		if !strings.Contains(raw, "%") {
			continue
		}
		r.count(line, section, raw)
		if r.interpolate(line, section, raw, 1); r.wrong != nil {
			return
		}
	}
}
