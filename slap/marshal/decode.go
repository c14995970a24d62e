package marshal

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
)

// Decode returns the value of one document. Containers without a number and
// references to finished containers are accepted; executable data, document
// types and unknown classes are not.
// A referenced container is shared in the result, not copied.
func Decode(data []byte) (any, error) {
	if len(data) > maxSize {
		return nil, &SyntaxError{Message: fmt.Sprintf("the document is longer than %d MiB", maxSize>>20)}
	}
	if v, ok := scan(string(data)); ok {
		return v, nil
	}
	return decode(data)
}

// decode reads any form.
func decode(data []byte) (any, error) {
	d := decoder{x: xml.NewDecoder(bytes.NewReader(data)), seen: map[string]container{}}
	v, err := d.document()
	if err != nil {
		if _, ok := errors.AsType[*SyntaxError](err); ok {
			return nil, err
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errors.New("the document ends too early")
		}
		return nil, d.errorf("%v", err)
	}
	return v, nil
}

type decoder struct {
	x        *xml.Decoder
	seen     map[string]container
	elements int
	deepest  int // depth of the deepest value since the container that is open
}

// A container is one that the decoder has finished, and that a reference may name.
type container struct {
	value    any
	elements int
	height   int // how many levels there are below it
}

func (d *decoder) errorf(format string, args ...any) error {
	return &SyntaxError{Offset: d.x.InputOffset(), Message: fmt.Sprintf(format, args...)}
}

func (d *decoder) document() (any, error) {
	root, err := d.start("")
	if err != nil {
		return nil, err
	}
	if root.Name.Local != "marshal" {
		return nil, d.errorf("got element <%s>, want <marshal>", root.Name.Local)
	}
	values, err := d.children("marshal", 0)
	if err != nil {
		return nil, err
	}
	if len(values) != 1 {
		return nil, d.errorf("got %d values in <marshal>, want 1", len(values))
	}
	for {
		tok, err := d.x.Token()
		if errors.Is(err, io.EOF) {
			return values[0], nil
		}
		if err != nil {
			return nil, err
		}
		if !ignorable(tok) {
			return nil, d.errorf("there is something behind </marshal>")
		}
	}
}

// start returns the next start element, or nil at the end tag of parent.
func (d *decoder) start(parent string) (*xml.StartElement, error) {
	for {
		tok, err := d.x.Token()
		if err != nil {
			return nil, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			return &tok, nil
		case xml.EndElement:
			return nil, nil
		default:
			if !ignorable(tok) {
				return nil, d.errorf("unexpected content in <%s>", parent)
			}
		}
	}
}

// ignorable reports white space, comments and an XML declaration. A document
// type is none of these: it is where entities come from.
func ignorable(tok xml.Token) bool {
	switch tok := tok.(type) {
	case xml.CharData:
		return len(bytes.TrimSpace(tok)) == 0
	case xml.Comment, xml.ProcInst:
		return true
	}
	return false
}

// children reads values up to the end tag of parent.
func (d *decoder) children(parent string, depth int) ([]any, error) {
	values := []any{}
	for {
		el, err := d.start(parent)
		if err != nil || el == nil {
			return values, err
		}
		v, err := d.value(el, depth+1)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
}

func (d *decoder) value(el *xml.StartElement, depth int) (any, error) {
	if depth > maxDepth {
		return nil, d.errorf("values are nested more than %d deep", maxDepth)
	}
	before := d.elements
	if err := d.count(1); err != nil {
		return nil, err
	}
	d.deepest = max(d.deepest, depth)
	switch tag := el.Name.Local; tag {
	case "none":
		inside, err := d.children(tag, depth)
		if err == nil && len(inside) > 0 {
			err = d.errorf("there is a value in <none>")
		}
		return nil, err
	case "bool", "int", "long", "float", "complex", "string", "unicode":
		text, err := d.text(tag)
		if err != nil {
			return nil, err
		}
		v, err := parseScalar(tag, text)
		if err != nil {
			return nil, d.errorf("%v", err)
		}
		return v, nil
	case "reference":
		return d.reference(el, depth)
	case "tuple":
		items, err := d.children(tag, depth)
		return Tuple(items), err
	case "list", "set", "dictionary", "object":
		outside := d.deepest
		d.deepest = depth
		v, err := d.container(el, depth)
		if err != nil {
			return nil, err
		}
		if id := attribute(el, "id"); id != "" {
			d.seen[id] = container{v, d.elements - before, d.deepest - depth}
		}
		d.deepest = max(d.deepest, outside)
		return v, nil
	default:
		return nil, d.errorf("unknown element <%s>", tag)
	}
}

func (d *decoder) count(n int) error {
	d.elements += n
	if d.elements > maxElements {
		return d.errorf("there are more than %d values", maxElements)
	}
	return nil
}

func (d *decoder) reference(el *xml.StartElement, depth int) (any, error) {
	id := attribute(el, "id")
	target, ok := d.seen[id]
	if !ok {
		return nil, d.errorf("reference to %q, which is no finished list, dictionary or object", id)
	}
	if err := d.count(target.elements); err != nil {
		return nil, err
	}
	if depth+target.height > maxDepth {
		return nil, d.errorf("values are nested more than %d deep", maxDepth)
	}
	d.deepest = max(d.deepest, depth+target.height)
	return target.value, d.x.Skip()
}

func (d *decoder) container(el *xml.StartElement, depth int) (any, error) {
	tag := el.Name.Local
	items, err := d.children(tag, depth)
	if err != nil {
		return nil, err
	}
	switch tag {
	case "dictionary":
		return d.dictionary(items)
	case "object":
		return d.object(el, items)
	case "set":
		return Set(items), nil
	}
	return items, nil
}

func (d *decoder) dictionary(items []any) (any, error) {
	if len(items)%2 != 0 {
		return nil, d.errorf("a dictionary ends with a key that has no value")
	}
	dict := make(map[string]any, len(items)/2)
	for i := 0; i < len(items); i += 2 {
		key, ok := items[i].(string)
		if !ok {
			return d.mixedDictionary(items)
		}
		dict[key] = items[i+1]
	}
	return dict, nil
}

func (d *decoder) mixedDictionary(items []any) (any, error) {
	dict := make(map[any]any, len(items)/2)
	for i := 0; i < len(items); i += 2 {
		if f, ok := items[i].(float64); ok && f != f {
			return nil, d.errorf("a dictionary key is not a number") // such keys would never be found
		}
		if _, ok := keyOrder(items[i]); !ok {
			return nil, d.errorf("a dictionary key is a %T, want a string, a number, a bool or none", items[i])
		}
		dict[items[i]] = items[i+1]
	}
	return dict, nil
}

func (d *decoder) object(el *xml.StartElement, items []any) (any, error) {
	mod, class := attribute(el, "module"), attribute(el, "class")
	if mod != module || !knownClass(class) {
		return nil, d.errorf("unknown class %q of module %q", class, mod)
	}
	if len(items) != 2 {
		return nil, d.errorf("got %d values in <object>, want 2", len(items))
	}
	args, ok := items[0].(Tuple)
	if !ok {
		return nil, d.errorf("the first value in <object> is a %T, want a tuple", items[0])
	}
	state, ok := items[1].(map[string]any)
	if !ok {
		return nil, d.errorf("the second value in <object> is a %T, want a dictionary", items[1])
	}
	return &Object{Class: class, Args: args, State: state}, nil
}

// text collects the character data up to the end tag.
func (d *decoder) text(tag string) (string, error) {
	var b strings.Builder
	for {
		tok, err := d.x.Token()
		if err != nil {
			return "", err
		}
		switch tok := tok.(type) {
		case xml.CharData:
			b.Write(tok)
		case xml.EndElement:
			return b.String(), nil
		case xml.Comment:
		default:
			return "", d.errorf("unexpected content in <%s>", tag)
		}
	}
}

// The three entities of the marshaller, replaced in this order one after the
// other, so that "&amp;lt;" ends as "&lt;".
func unescape(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	s = strings.ReplaceAll(s, "&gt;", ">")
	s = strings.ReplaceAll(s, "&lt;", "<")
	return strings.ReplaceAll(s, "&amp;", "&")
}

func parseScalar(tag, text string) (any, error) {
	if tag == "string" || tag == "unicode" {
		return unescape(text), nil
	}
	text = strings.TrimSpace(text)
	switch tag {
	case "float":
		f, err := strconv.ParseFloat(text, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return nil, fmt.Errorf("got float %q", text)
		}
		return f, nil
	case "complex":
		re, im, _ := strings.Cut(text, " ")
		x, err := strconv.ParseFloat(re, 64)
		y, err2 := strconv.ParseFloat(strings.TrimSpace(im), 64)
		if err = errors.Join(err, err2); err != nil && !errors.Is(err, strconv.ErrRange) {
			return nil, fmt.Errorf("got complex %q, want two numbers", text)
		}
		return complex(x, y), nil
	case "bool":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("got bool %q, want 0 or 1", text)
		}
		return n != 0, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	const maxDigits = 5000
	n, ok := new(big.Int), false
	if len(text) <= maxDigits { // SetString takes quadratic time
		n, ok = n.SetString(text, 10)
	}
	if !ok {
		return nil, fmt.Errorf("got an integer that is not one, or has more than %d digits", maxDigits)
	}
	return n, nil
}

func attribute(el *xml.StartElement, name string) string {
	for _, a := range el.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
