package marshal

import (
	"cmp"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Encode returns the document that holds v. Besides the types listed in the
// package comment it takes int, []string and map[string]string. A string that
// XML cannot carry is an error (see [CheckText]).
func Encode(v any) ([]byte, error) {
	e := encoder{nextID: 1}
	e.b.WriteString("<marshal>")
	if err := e.value(v, 0); err != nil {
		return nil, fmt.Errorf("marshal: %w", err)
	}
	e.b.WriteString("</marshal>")
	return []byte(e.b.String()), nil
}

type encoder struct {
	b      strings.Builder
	nextID int
}

// id numbers a container: the counter is incremented before use, so the first
// container of a document is i2.
func (e *encoder) id() string {
	e.nextID++
	return "i" + strconv.Itoa(e.nextID)
}

func (e *encoder) value(v any, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("values are nested more than %d deep", maxDepth)
	}
	switch v := v.(type) {
	case nil:
		e.b.WriteString("<none/>")
	case bool:
		n := "0"
		if v {
			n = "1"
		}
		e.scalar("bool", n)
	case int:
		e.scalar("int", strconv.Itoa(v))
	case int64:
		e.scalar("int", strconv.FormatInt(v, 10))
	case *big.Int:
		e.scalar(bigTag(v), v.String())
	case float64:
		e.scalar("float", FormatFloat(v))
	case complex128:
		e.scalar("complex", FormatFloat(real(v))+" "+FormatFloat(imag(v)))
	case string:
		return e.text(v)
	case Tuple:
		return e.sequence("<tuple", "tuple", v, depth)
	case []any:
		return e.sequence(`<list id="`+e.id()+`"`, "list", v, depth)
	case Set:
		return e.sequence(`<set id="`+e.id()+`"`, "set", v, depth)
	case map[any]any:
		return e.mixedDictionary(v, depth)
	case []string:
		list := make([]any, len(v))
		for i, s := range v {
			list[i] = s
		}
		return e.value(list, depth)
	case map[string]any:
		return e.dictionary(v, depth)
	case map[string]string:
		dict := make(map[string]any, len(v))
		for k, s := range v {
			dict[k] = s
		}
		return e.dictionary(dict, depth)
	case *Object:
		if v == nil {
			return errors.New("got a nil *Object")
		}
		return e.object(v, depth)
	default:
		return fmt.Errorf("no SLAP form for a %T", v)
	}
	return nil
}

func (e *encoder) scalar(tag, text string) {
	e.b.WriteString("<" + tag + ">" + text + "</" + tag + ">")
}

func (e *encoder) text(s string) error {
	if err := CheckText(s); err != nil {
		return err
	}
	e.b.WriteString("<string>")
	escape(&e.b, s)
	e.b.WriteString("</string>")
	return nil
}

func (e *encoder) sequence(open, tag string, items []any, depth int) error {
	e.b.WriteString(open)
	if len(items) == 0 {
		e.b.WriteString("/>")
		return nil
	}
	e.b.WriteString(">")
	for _, item := range items {
		if err := e.value(item, depth+1); err != nil {
			return err
		}
	}
	e.b.WriteString("</" + tag + ">")
	return nil
}

func (e *encoder) dictionary(dict map[string]any, depth int) error {
	e.b.WriteString(`<dictionary id="` + e.id() + `"`)
	if len(dict) == 0 {
		e.b.WriteString("/>")
		return nil
	}
	e.b.WriteString(">")
	keys := make([]string, 0, len(dict))
	for k := range dict {
		keys = append(keys, k)
	}
	slices.Sort(keys) // UTF-8 order is code point order
	for _, k := range keys {
		if err := e.text(k); err != nil {
			return fmt.Errorf("key %q: %w", k, err)
		}
		if err := e.value(dict[k], depth+1); err != nil {
			return fmt.Errorf("key %q: %w", k, err)
		}
	}
	e.b.WriteString("</dictionary>")
	return nil
}

// mixedDictionary writes strings first, as measured on the stock library, and
// numbers by value after them.
func (e *encoder) mixedDictionary(dict map[any]any, depth int) error {
	e.b.WriteString(`<dictionary id="` + e.id() + `">`)
	keys := make([]any, 0, len(dict))
	for k := range dict {
		if _, ok := keyOrder(k); !ok {
			return fmt.Errorf("a dictionary key is a %T, want a string, a number, a bool or none", k)
		}
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b any) int {
		x, _ := keyOrder(a)
		y, _ := keyOrder(b)
		return cmp.Or(cmp.Compare(x.kind, y.kind), cmp.Compare(x.text, y.text), cmp.Compare(x.number, y.number),
			cmp.Compare(fmt.Sprintf("%T", a), fmt.Sprintf("%T", b)))
	})
	for _, k := range keys {
		if err := e.value(k, depth+1); err != nil {
			return err
		}
		if err := e.value(dict[k], depth+1); err != nil {
			return err
		}
	}
	e.b.WriteString("</dictionary>")
	return nil
}

type order struct {
	kind   int // strings, then numbers, then none
	text   string
	number float64
}

func keyOrder(k any) (order, bool) {
	switch k := k.(type) {
	case string:
		return order{text: k}, true
	case int64:
		return order{kind: 1, number: float64(k)}, true
	case float64:
		return order{kind: 1, number: k}, true
	case bool:
		if k {
			return order{kind: 1, number: 1}, true
		}
		return order{kind: 1}, true
	case nil:
		return order{kind: 2}, true
	}
	return order{}, false
}

func (e *encoder) object(o *Object, depth int) error {
	if !knownClass(o.Class) {
		return fmt.Errorf("unknown class %q", o.Class)
	}
	e.b.WriteString(`<object id="` + e.id() + `" module="` + module + `" class="` + o.Class + `">`)
	if err := e.value(o.Args, depth+1); err != nil {
		return err
	}
	if err := e.value(o.State, depth+1); err != nil {
		return err
	}
	e.b.WriteString("</object>")
	return nil
}

// bigTag is long for what the stock library does not write as int: from the
// float 1e24 on, as measured.
func bigTag(n *big.Int) string {
	limit, _ := big.NewFloat(1e24).Int(nil)
	if n.CmpAbs(limit) >= 0 {
		return "long"
	}
	return "int"
}

// escape writes s escaped by the marshaller and then by an ASCII XML
// serialiser. Both escape &, < and >, so the two steps are one table.
func escape(b *strings.Builder, s string) {
	for _, r := range s {
		switch {
		case r == '&':
			b.WriteString("&amp;amp;")
		case r == '<':
			b.WriteString("&amp;lt;")
		case r == '>':
			b.WriteString("&amp;gt;")
		case r == '\r' || r > 0x7f:
			b.WriteString("&#" + strconv.Itoa(int(r)) + ";")
		default:
			b.WriteByte(byte(r))
		}
	}
}

// CheckText reports why XML cannot carry s: it is not UTF-8, or it holds a
// control character other than tab, newline and carriage return.
func CheckText(s string) error {
	for i, r := range s {
		switch {
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size <= 1 {
				return fmt.Errorf("byte %d is not UTF-8 text", i)
			}
		case r == '\t' || r == '\n' || r == '\r':
		case r < 0x20 || r == 0xfffe || r == 0xffff:
			return fmt.Errorf("character %U at byte %d cannot be sent to a Master", r, i)
		}
	}
	return nil
}

// FormatFloat writes f as Python's str does: the shortest digits that read
// back as f, always with a point or an exponent.
func FormatFloat(f float64) string {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	switch s {
	case "NaN":
		return "nan"
	case "+Inf":
		return "inf"
	case "-Inf":
		return "-inf"
	}
	// Python turns to the exponent below 1e-4 and from 1e16 on; Go's 'g' with
	// shortest digits from 1e21 on.
	exp := strconv.FormatFloat(f, 'e', -1, 64)
	_, e, _ := strings.Cut(exp, "e")
	if n, _ := strconv.Atoi(e); f != 0 && (n < -4 || n >= 16) {
		return exp
	}
	s = strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}
