package engine

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// decodeJSON reads one value, with the digits of its numbers. Texts without escapes are
// parts of s. What it does not read at once it leaves to encoding/json, whose results
// and errors it has: of large plans most of the time goes here.
func decodeJSON(s string) (v any, err error) {
	d := jsonDecoder{text: s}
	if v, ok := d.value(mostNested); ok && d.next() == 0 && d.at == len(s) {
		return v, nil
	}
	slow := json.NewDecoder(strings.NewReader(s))
	slow.UseNumber()
	if err := slow.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := slow.Token(); err != io.EOF {
		return nil, errors.New("there is something behind the value")
	}
	return v, nil
}

// mostNested is how many levels a jsonDecoder reads.
const mostNested = 200

// A jsonDecoder reads JSON of ordinary form. Its methods report false for all else.
type jsonDecoder struct {
	text string
	at   int

	// What is read of the lists and objects that are not whole yet: so each is made
	// as large as it is.
	values []any
	keys   []string
}

// next skips blanks, and returns the byte after them; 0 at the end.
func (d *jsonDecoder) next() byte {
	for ; d.at < len(d.text); d.at++ {
		switch c := d.text[d.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// take skips blanks and one byte, if it is this one.
func (d *jsonDecoder) take(c byte) bool {
	if d.next() != c || d.at == len(d.text) {
		return false
	}
	d.at++
	return true
}

func (d *jsonDecoder) value(levels int) (any, bool) {
	switch c := d.next(); {
	case levels == 0:
		return nil, false
	case c == '{':
		return d.object(levels - 1)
	case c == '[':
		return d.list(levels - 1)
	case c == '"':
		s, ok := d.str()
		return s, ok
	case c == 't':
		return true, d.word("true")
	case c == 'f':
		return false, d.word("false")
	case c == 'n':
		return nil, d.word("null")
	default:
		return d.number()
	}
}

func (d *jsonDecoder) word(w string) bool {
	ok := strings.HasPrefix(d.text[d.at:], w)
	d.at += len(w)
	return ok
}

func (d *jsonDecoder) object(levels int) (any, bool) {
	d.at++
	keys, values := len(d.keys), len(d.values)
	if d.take('}') {
		return map[string]any{}, true
	}
	for {
		if d.next() != '"' {
			return nil, false
		}
		key, ok := d.str()
		if !ok || !d.take(':') {
			return nil, false
		}
		v, ok := d.value(levels)
		if !ok {
			return nil, false
		}
		d.keys, d.values = append(d.keys, key), append(d.values, v)
		if d.take('}') {
			m := make(map[string]any, len(d.keys)-keys)
			for i, key := range d.keys[keys:] {
				m[key] = d.values[values+i]
			}
			d.keys, d.values = d.keys[:keys], d.values[:values]
			return m, true
		}
		if !d.take(',') {
			return nil, false
		}
	}
}

func (d *jsonDecoder) list(levels int) (any, bool) {
	d.at++
	values := len(d.values)
	if d.take(']') {
		return []any{}, true
	}
	for {
		v, ok := d.value(levels)
		if !ok {
			return nil, false
		}
		d.values = append(d.values, v)
		if d.take(']') {
			list := append([]any{}, d.values[values:]...)
			d.values = d.values[:values]
			return list, true
		}
		if !d.take(',') {
			return nil, false
		}
	}
}

// str reads a text from its quotation mark on.
func (d *jsonDecoder) str() (string, bool) {
	begin, escaped, ascii := d.at, false, true
	for i := begin + 1; i < len(d.text); i++ {
		switch c := d.text[i]; {
		case c == '"':
			d.at = i + 1
			if escaped {
				var s string
				err := json.Unmarshal([]byte(d.text[begin:d.at]), &s)
				return s, err == nil
			}
			s := d.text[begin+1 : i]
			return s, ascii || utf8.ValidString(s)
		case c == '\\':
			escaped = true
			i++
		case c < ' ':
			return "", false
		case c >= utf8.RuneSelf:
			ascii = false
		}
	}
	return "", false
}

// number reads a number in the form of RFC 8259, section 6.
func (d *jsonDecoder) number() (any, bool) {
	begin := d.at
	d.skip("-")
	if !d.skip("0") && !d.digits() {
		return nil, false
	}
	if d.skip(".") && !d.digits() {
		return nil, false
	}
	if d.skip("eE") {
		d.skip("+-")
		if !d.digits() {
			return nil, false
		}
	}
	text := d.text[begin:d.at]
	if n := smallNumber(text); n >= 0 {
		return smallNumbers()[n], true
	}
	return json.Number(text), true
}

// smallNumbers are the whole numbers of up to three digits, which most numbers are: each
// is in memory once.
var smallNumbers = sync.OnceValue(func() *[1000]any {
	var list [1000]any
	for i := range list {
		list[i] = json.Number(strconv.Itoa(i))
	}
	return &list
})

// smallNumber is the index of a number in smallNumbers; below zero: it is not in there.
func smallNumber(text string) int {
	if len(text) > 3 {
		return -1
	}
	n := 0
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return -1
		}
		n = 10*n + int(text[i]-'0')
	}
	return n
}

// skip skips one of these bytes.
func (d *jsonDecoder) skip(one string) bool {
	if d.at == len(d.text) || strings.IndexByte(one, d.text[d.at]) < 0 {
		return false
	}
	d.at++
	return true
}

// digits skips one or more.
func (d *jsonDecoder) digits() bool {
	begin := d.at
	for d.at < len(d.text) && d.text[d.at] >= '0' && d.text[d.at] <= '9' {
		d.at++
	}
	return d.at > begin
}
