package lang

import (
	"bytes"
	"fmt"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

// Limits of numbers: the time to read and to write one grows faster than its digits.
const (
	maxDigits = 5000
	maxBits   = 16_610 // of as many decimal digits
)

func tooManyDigits(use string) error {
	return &sizeError{use, fmt.Sprintf("the number would have more than %d digits", maxDigits)}
}

func bits(i starlark.Int) int {
	if _, small := i.Int64(); small {
		return 63
	}
	return i.BigInt().BitLen()
}

func checkBits(use string, n int) error {
	if n > maxBits {
		return tooManyDigits(use)
	}
	return nil
}

// checkSum checks the sum of two integers.
func checkSum(use string, x, y starlark.Value) error {
	i, ok := x.(starlark.Int)
	j, ok2 := y.(starlark.Int)
	if !ok || !ok2 {
		return nil
	}
	return checkBits(use, max(bits(i), bits(j))+1)
}

// shift is the operator <<.
func shift(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	args = numbersIn(args)
	x, ok := args[0].(starlark.Int)
	n, err := starlark.AsInt32(args[1])
	if ok && err == nil && n > 0 {
		if err := checkBits(b.Name(), bits(x)+n); err != nil {
			return nil, err
		}
	}
	return starlark.Binary(syntax.LTLT, args[0], args[1])
}

// checkDigits checks text of which a number is made.
func checkDigits(use string, v starlark.Value) error {
	if n, isText := length(v); isText && n > maxDigits+2 { // a sign, a base
		return tooManyDigits(use)
	}
	return nil
}

// longNumber returns where the first literal of too many digits is in a source, or -1.
// As most sources have no place for one, it looks at few of their bytes.
func longNumber(source []byte) int {
	for i := maxDigits; i < len(source); i += maxDigits {
		if !isDigit(source[i]) {
			continue
		}
		start, end := i, i
		for start > 0 && isDigit(source[start-1]) {
			start--
		}
		for end < len(source) && isDigit(source[end]) {
			end++
		}
		if end-start > maxDigits+2 {
			return numberOutsideOfText(source)
		}
	}
	return -1
}

// isDigit reports whether a byte may be a part of a number, of any base.
func isDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' || c == 'x' || c == 'X' || c == 'o' || c == 'O'
}

// numberOutsideOfText is longNumber for a source that has a long run of digits somewhere:
// in text or in a comment it is no number.
func numberOutsideOfText(source []byte) int {
	for i := 0; i < len(source); {
		switch c := source[i]; {
		case c == '#':
			end := bytes.IndexByte(source[i:], '\n')
			if end < 0 {
				return -1
			}
			i += end
		case c == '"' || c == '\'':
			i += literalSize(source[i:])
		case '0' <= c && c <= '9':
			start := i
			for i < len(source) && isDigit(source[i]) {
				i++
			}
			if i-start > maxDigits+2 {
				return start
			}
		case isDigit(c) || c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z': // a name
			for i < len(source) && (isDigit(source[i]) || source[i] == '_' || 'a' <= source[i] && source[i] <= 'z' || 'A' <= source[i] && source[i] <= 'Z') {
				i++
			}
		default:
			i++
		}
	}
	return -1
}

// literalSize is the length of the text literal that a source starts with. A backslash
// keeps a quote from ending it, in a raw one too.
func literalSize(source []byte) int {
	quote := source[:1]
	if bytes.HasPrefix(source, []byte(strings.Repeat(string(quote), 3))) {
		quote = source[:3]
	}
	for i := len(quote); i < len(source); i++ {
		switch {
		case source[i] == '\\':
			i++
		case bytes.HasPrefix(source[i:], quote):
			return i + len(quote)
		case source[i] == '\n' && len(quote) == 1: // a mistake, for the parser to tell
			return i
		}
	}
	return len(source)
}
