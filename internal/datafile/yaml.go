package datafile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

const (
	tooDeep       = "values are nested more than 200 deep"
	tooLarge      = "there are more than 500000 values"
	tooManyDigits = "the number has more than 5000 digits"
	maxDigits     = 5000
)

// parseYAML reads one YAML document. Keys are text; a date is text, too.
func parseYAML(name string, data []byte) (any, error) {
	d := yaml.NewDecoder(strings.NewReader(string(data)))
	var document, more yaml.Node
	switch err := d.Decode(&document); {
	case errors.Is(err, io.EOF): // it is empty
		return nil, nil
	case err != nil:
		return nil, yamlError(name, err)
	}
	p := yamlParser{name: name}
	v, err := p.value(&document, 0)
	if err != nil {
		return nil, err
	}
	if err := d.Decode(&more); err == nil {
		return nil, p.fail(&more, "there is more than one document")
	} else if !errors.Is(err, io.EOF) {
		return nil, yamlError(name, err)
	}
	return v, nil
}

// yamlLine is how the library says where it stopped.
var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

func yamlError(name string, err error) error {
	text := err.Error()
	line := 1
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		line = max(1, atoi(m[1]))
	}
	return &Error{File: name, Line: line, Message: text}
}

func atoi(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

// A yamlParser takes nodes as values. What an alias repeats counts as often.
type yamlParser struct {
	name   string
	values int
}

func (p *yamlParser) fail(n *yaml.Node, message string) error {
	return &Error{File: p.name, Line: max(1, n.Line), Column: max(1, n.Column), Message: message}
}

func (p *yamlParser) value(n *yaml.Node, depth int) (any, error) {
	p.values++
	switch {
	case depth > maxDepth:
		return nil, p.fail(n, tooDeep)
	case p.values > maxValues:
		return nil, p.fail(n, tooLarge+", with what aliases repeat")
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return p.value(n.Content[0], depth)
	case yaml.AliasNode:
		return p.value(n.Alias, depth+1)
	case yaml.SequenceNode:
		if err := p.checkTag(n, "!!seq"); err != nil {
			return nil, err
		}
		list := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			v, err := p.value(item, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	case yaml.MappingNode:
		if err := p.checkTag(n, "!!map"); err != nil {
			return nil, err
		}
		return p.mapping(n, depth)
	}
	return p.scalar(n)
}

func (p *yamlParser) checkTag(n *yaml.Node, want string) error {
	if tag := n.ShortTag(); tag != want {
		return p.fail(n, fmt.Sprintf("the tag %s is not known", tag))
	}
	return nil
}

// mapping reads members, those of << last: what stands there counts before.
func (p *yamlParser) mapping(n *yaml.Node, depth int) (any, error) {
	o := newObject(len(n.Content) / 2)
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge" {
			merged = append(merged, value)
			continue
		}
		name, err := p.key(key)
		if err != nil {
			return nil, err
		}
		v, err := p.value(value, depth+1)
		if err != nil {
			return nil, err
		}
		if !o.add(name, v) {
			return nil, p.fail(key, fmt.Sprintf("the key %q is there already", name))
		}
	}
	for _, from := range merged {
		if err := p.merge(o, from, depth); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// merge adds the members of a mapping, or of each in a list, that are not there.
func (p *yamlParser) merge(o *Object, n *yaml.Node, depth int) error {
	v, err := p.value(n, depth+1)
	if err != nil {
		return err
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, v := range list {
		from, ok := v.(*Object)
		if !ok {
			return p.fail(n, "<< wants a mapping, or a list of mappings")
		}
		for _, key := range from.Keys {
			o.add(key, from.Values[key])
		}
	}
	return nil
}

func (p *yamlParser) key(n *yaml.Node) (string, error) {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if n.Kind != yaml.ScalarNode {
		return "", p.fail(n, "a key has to be text")
	}
	switch n.ShortTag() {
	case "!!str", "!!timestamp":
		return n.Value, nil
	}
	return "", p.fail(n, fmt.Sprintf("the key %s is no text: write it in quotes", n.Value))
}

func (p *yamlParser) scalar(n *yaml.Node) (any, error) {
	switch tag := n.ShortTag(); tag {
	case "!!null":
		return nil, nil
	case "!!bool":
		var b bool
		if err := n.Decode(&b); err != nil {
			return nil, p.fail(n, fmt.Sprintf("got %q, want true or false", n.Value))
		}
		return b, nil
	case "!!str", "!!timestamp":
		return n.Value, nil
	case "!!int":
		return p.integer(n)
	case "!!float":
		if wholeNumber.MatchString(n.Value) { // of many digits
			return p.integer(n)
		}
		var f float64
		if err := n.Decode(&f); err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return nil, p.fail(n, fmt.Sprintf("got %s, want a finite number", n.Value))
		}
		return floatNumber(f), nil
	default:
		return nil, p.fail(n, fmt.Sprintf("the tag %s is not known", tag))
	}
}

var wholeNumber = regexp.MustCompile(`^[-+]?[0-9][0-9_]*$`)

func (p *yamlParser) integer(n *yaml.Node) (any, error) {
	if len(n.Value) > maxDigits {
		return nil, p.fail(n, tooManyDigits)
	}
	text := strings.ReplaceAll(n.Value, "_", "")
	var i int64
	if n.Decode(&i) == nil {
		return json.Number(strconv.FormatInt(i, 10)), nil
	}
	big, ok := new(big.Int).SetString(strings.TrimPrefix(text, "+"), 0)
	if !ok {
		return nil, p.fail(n, fmt.Sprintf("got %s, want a whole number", n.Value))
	}
	return json.Number(big.String()), nil
}

// floatNumber writes a number so that it is no whole one.
func floatNumber(f float64) json.Number {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return json.Number(s)
}
