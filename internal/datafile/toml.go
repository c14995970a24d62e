package datafile

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// parseTOML reads a TOML document. Dates and times are text.
func parseTOML(name string, data []byte) (any, error) {
	if i := nestedAt(data); i >= 0 { // the library goes down into each
		return nil, at(name, data, i, tooDeep)
	}
	var v map[string]any
	if err := toml.Unmarshal(data, &v); err != nil {
		if decode, ok := errors.AsType[*toml.DecodeError](err); ok {
			line, column := decode.Position()
			return nil, &Error{File: name, Line: line, Column: column, Message: decode.Error()[len("toml: "):]}
		}
		return nil, &Error{File: name, Line: 1, Message: err.Error()}
	}
	c := counter{name: name}
	return c.value(v, 0)
}

// nestedAt returns where brackets are nested too deep outside of text and comments, or
// where a key has too many dots, or -1.
func nestedAt(data []byte) int {
	depth, dots := 0, 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '.':
			if dots++; dots > maxDepth {
				return i
			}
			continue
		case '\n', ',', '=':
			dots = 0
		case '#':
			for i < len(data) && data[i] != '\n' {
				i++
			}
			dots = 0
		case '"', '\'':
			i = endOfText(data, i)
		case '[', '{':
			if depth++; depth > maxDepth {
				return i
			}
			dots = 0
		case ']', '}':
			depth = max(0, depth-1)
		}
	}
	return -1
}

// endOfText returns the last byte of the text that begins at a quote.
func endOfText(data []byte, i int) int {
	quote, width := data[i], 1
	if i+2 < len(data) && data[i+1] == quote && data[i+2] == quote {
		width = 3
	}
	for j := i + width; j < len(data); j++ {
		switch {
		case data[j] == '\\' && quote == '"':
			j++
		case data[j] == '\n' && width == 1: // a mistake, for the library to tell
			return j
		case data[j] == quote && (width == 1 || j+2 < len(data) && data[j+1] == quote && data[j+2] == quote):
			return j + width - 1
		}
	}
	return len(data)
}

// A counter takes what the library read as values, and counts them.
type counter struct {
	name   string
	values int
}

func (c *counter) value(v any, depth int) (any, error) {
	c.values++
	switch {
	case depth > maxDepth: // of keys with dots
		return nil, &Error{File: c.name, Line: 1, Message: tooDeep}
	case c.values > maxValues:
		return nil, &Error{File: c.name, Line: 1, Message: tooLarge}
	}
	switch v := v.(type) {
	case map[string]any:
		o := newObject(len(v))
		for _, key := range sortedKeys(v) {
			item, err := c.value(v[key], depth+1)
			if err != nil {
				return nil, err
			}
			o.add(key, item)
		}
		return o, nil
	case []any:
		list := make([]any, len(v))
		for i := range v {
			var err error
			if list[i], err = c.value(v[i], depth+1); err != nil {
				return nil, err
			}
		}
		return list, nil
	case int64:
		return json.Number(strconv.FormatInt(v, 10)), nil
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return nil, &Error{File: c.name, Line: 1, Message: fmt.Sprintf("got %v, want a finite number", v)}
		}
		return floatNumber(v), nil
	case string, bool:
		return v, nil
	case time.Time:
		return v.Format(time.RFC3339Nano), nil
	case fmt.Stringer: // a date or a time without a zone
		return v.String(), nil
	}
	return nil, &Error{File: c.name, Line: 1, Message: fmt.Sprintf("got a %T, which has no value here", v)}
}
