package lang

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"slapstar/engine"
	"slapstar/internal/function"
)

// A directive is one %… of a layout, as Python has it: %(key)s, %03d, %-8s, %.2f.
type directive struct {
	key       string // empty: the next value, unless named is set
	named     bool
	flags     string
	width     int
	precision int // -1: none
	verb      byte
}

// directives finds one in a layout; %% is one, too.
var directives = regexp.MustCompile(`%(\(([^()]*)\))?([-+ #0]*)(\d*)(?:\.(\d*))?(.?)`)

// widths finds a directive that starlark-go does not have.
var widths = regexp.MustCompile(`%(?:\([^()]*\))?[-+ #0-9.]+[a-zA-Z]`)

// maxWidth is how wide a value may be made, in characters.
const maxWidth = 10_000

// hasWidth reports whether a layout has a flag, a width or a precision.
func hasWidth(layout string) bool {
	for rest := layout; ; {
		i := strings.IndexByte(rest, '%')
		if i < 0 || i+1 == len(rest) {
			return false
		}
		switch c := rest[i+1]; {
		case c == '%', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
			rest = rest[i+2:]
		default:
			return widths.MatchString(strings.ReplaceAll(rest[i:], "%%", ""))
		}
	}
}

// percentOf is layout % value, with widths, and with values that are not known yet.
func percentOf(thread *starlark.Thread, layout string, value starlark.Value) (starlark.Value, error) {
	e := Current(thread)
	w := &layoutWriter{thread: thread, value: value}
	if t, ok := value.(starlark.Tuple); ok {
		w.values, w.isTuple = t, true
	}
	parts := []engine.Text{}
	at, long := 0, 0
	for _, m := range directives.FindAllStringSubmatchIndex(layout, -1) {
		group := func(n int) string {
			if m[2*n] < 0 {
				return ""
			}
			return layout[m[2*n]:m[2*n+1]]
		}
		parts = append(parts, engine.Literal(layout[at:m[0]]))
		at = m[1]
		if group(0) == "%%" {
			parts = append(parts, engine.Literal("%"))
			continue
		}
		d := directive{key: group(2), named: m[2] >= 0, flags: group(3), precision: -1}
		var err error
		if d.width, d.precision, err = sizes(group(4), group(5), m[10] >= 0); err != nil {
			return nil, err
		}
		if group(6) == "" {
			return nil, errors.New("incomplete format")
		}
		d.verb = group(6)[0]
		t, err := w.write(d)
		if err != nil {
			return nil, err
		}
		if long += d.width + max(0, d.precision); long > maxText {
			return nil, tooLong("%")
		}
		parts = append(parts, t)
	}
	if w.isTuple && w.next < len(w.values) || !w.isTuple && w.next == 0 && !w.named && !isMapping(value) {
		return nil, errors.New("too many arguments for format string")
	}
	result := e.Value(engine.Join(append(parts, engine.Literal(layout[at:]))...))
	if s, ok := result.(starlark.String); ok && len(s) > maxText {
		return nil, tooLong("%")
	}
	return result, nil
}

func isMapping(v starlark.Value) bool {
	_, ok := v.(starlark.Mapping)
	return ok
}

func sizes(width, precision string, hasPrecision bool) (int, int, error) {
	w, err := strconv.Atoi("0" + width)
	p, err2 := strconv.Atoi("0" + precision)
	if err != nil || err2 != nil || w > maxWidth || p > maxWidth {
		return 0, 0, fmt.Errorf("%%: a width or a precision is more than %d", maxWidth)
	}
	if !hasPrecision {
		p = -1
	}
	return w, p, nil
}

// A layoutWriter takes the values of a layout one after the other.
type layoutWriter struct {
	thread  *starlark.Thread
	value   starlark.Value
	values  starlark.Tuple
	isTuple bool
	next    int
	named   bool // a directive had a key
}

func (w *layoutWriter) operand(d directive) (starlark.Value, error) {
	switch {
	case d.named:
		w.named = true
		m, ok := w.value.(starlark.Mapping)
		if _, isText := w.value.(*Text); !ok || isText {
			return nil, errors.New("format requires a mapping")
		}
		v, found, err := m.Get(starlark.String(d.key))
		if err == nil && !found {
			err = fmt.Errorf("key not found: %s", d.key)
		}
		return v, err
	case w.isTuple && w.next < len(w.values), !w.isTuple && w.next == 0:
		w.next++
		if w.isTuple {
			return w.values[w.next-1], nil
		}
		return w.value, nil
	}
	return nil, errors.New("not enough arguments for format string")
}

func (w *layoutWriter) write(d directive) (engine.Text, error) {
	v, err := w.operand(d)
	if err != nil {
		return nil, err
	}
	if _, holds := findAny(v); holds {
		return w.writeText(d, v)
	}
	s, err := formatKnown(d, v)
	if err != nil {
		return nil, err
	}
	return engine.Literal(pad(d, s)), nil
}

// writeText is a value that is, or holds, a text.
func (w *layoutWriter) writeText(d directive, v starlark.Value) (engine.Text, error) {
	t, isText := v.(*Text)
	name := map[byte]string{'s': "str", 'r': "repr"}[d.verb]
	whole := isText && t.form == anInt
	if isText && t.number != nil {
		if _, isInt := t.number.(starlark.Int); isInt && (d.verb == 'd' || d.verb == 'i') {
			whole, name = true, "str"
		}
		if name == "" || d.precision >= 0 || strings.ContainsAny(d.flags, "+ #") { // of what is to come it is an error
			s, err := formatKnown(d, t.number)
			return engine.Literal(pad(d, s)), err
		}
	}
	switch {
	case isText && (d.verb == 'd' || d.verb == 'i') && t.form == anInt && d.precision < 0:
	case name == "" || d.precision >= 0 || strings.ContainsAny(d.flags, "+ #"):
		return nil, errFormat
	default:
		written, err := write(w.thread, name, v)
		if err != nil {
			return nil, err
		}
		t = Current(w.thread).asText(written)
	}
	if d.width == 0 {
		return t.text, nil
	}
	f := function.Function{Name: "texts.rjust", Args: []string{strconv.Itoa(d.width), " "}}
	switch {
	case strings.Contains(d.flags, "-"):
		f.Name = "texts.ljust"
	case strings.Contains(d.flags, "0") && whole:
		f = function.Function{Name: "texts.zfill", Args: []string{strconv.Itoa(d.width), "0"}}
	}
	padded, err := (&Text{e: t.e, text: t.text}).derive("%", f, aString)
	if err != nil {
		return nil, err
	}
	return t.e.asText(padded).text, nil
}

// formatKnown writes a value without its width.
func formatKnown(d directive, v starlark.Value) (string, error) {
	verb := "%" + string(d.verb)
	s, err := starlark.Binary(syntax.PERCENT, starlark.String(verb), starlark.Tuple{v})
	if err != nil {
		return "", err
	}
	text := string(s.(starlark.String))
	switch d.verb {
	case 's', 'r':
		if r := []rune(text); d.precision >= 0 && d.precision < len(r) {
			text = string(r[:d.precision])
		}
		return text, nil
	case 'e', 'f', 'g', 'E', 'F', 'G':
		if f, _ := starlark.AsFloat(v); d.precision >= 0 {
			text = strconv.FormatFloat(f, d.verb|0x20, d.precision, 64)
			if d.verb < 'a' {
				text = strings.ToUpper(text)
			}
		}
	case 'd', 'i', 'o', 'x', 'X':
		if digits := strings.TrimPrefix(text, "-"); len(digits) < d.precision {
			text = strings.TrimSuffix(text, digits) + strings.Repeat("0", d.precision-len(digits)) + digits
		}
		if strings.Contains(d.flags, "#") {
			text = prefixed(text, map[byte]string{'o': "0o", 'x': "0x", 'X': "0X"}[d.verb])
		}
	default:
		return text, nil
	}
	if !strings.HasPrefix(text, "-") {
		switch {
		case strings.Contains(d.flags, "+"):
			text = "+" + text
		case strings.Contains(d.flags, " "):
			text = " " + text
		}
	}
	return text, nil
}

// prefixed puts a prefix behind the sign of a number.
func prefixed(number, prefix string) string {
	if digits, ok := strings.CutPrefix(number, "-"); ok {
		return "-" + prefix + digits
	}
	return prefix + number
}

// pad makes a value as wide as its directive says.
func pad(d directive, s string) string {
	missing := d.width - len([]rune(s))
	switch {
	case missing <= 0:
		return s
	case strings.Contains(d.flags, "-"):
		return s + strings.Repeat(" ", missing)
	case strings.Contains(d.flags, "0") && strings.IndexByte("diouxXeEfFgG", d.verb) >= 0:
		sign := 0
		for sign < len(s) && strings.IndexByte("+- ", s[sign]) >= 0 {
			sign++
		}
		if rest := s[sign:]; len(rest) > 1 && rest[0] == '0' && strings.IndexByte("xXo", rest[1]) >= 0 {
			sign += 2
		}
		return s[:sign] + strings.Repeat("0", missing) + s[sign:]
	}
	return strings.Repeat(" ", missing) + s
}
