package function

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"slapstar/slap/marshal"
)

// maxDigits is how many digits a number may have.
const maxDigits = 5000

// OfJSON is the argument of int, float and repr whose text is the JSON of a value.
const OfJSON = "json"

// integer is int(text): the decimal digits of the number. With an argument the text is
// JSON, and int is of its value.
func integer(text string, args []string) (string, error) {
	if slices.Contains(args, OfJSON) {
		var err error
		if text, err = numeric(text, true); err != nil {
			return "", err
		}
	}
	if len(text) > maxDigits+2 {
		return "", fmt.Errorf("the number would have more than %d digits", maxDigits)
	}
	digits := text
	if digits != "" && (digits[0] == '+' || digits[0] == '-') {
		digits = digits[1:]
	}
	n, ok := new(big.Int).SetString(digits, 10)
	if !ok || digits[0] == '+' || digits[0] == '-' {
		return "", fmt.Errorf("got %q, want a whole number", text)
	}
	if text[0] == '-' {
		n.Neg(n)
	}
	return n.String(), nil
}

// float is float(text): the number as Starlark writes it, with a point or an exponent. With
// an argument the text is JSON, and float is of its value.
func float(text string, args []string) (string, error) {
	if slices.Contains(args, OfJSON) {
		var err error
		if text, err = numeric(text, false); err != nil {
			return "", err
		}
	}
	f, err := parseFloat(text)
	if err != nil {
		return "", err
	}
	return formatFloat(f), nil
}

func parseFloat(text string) (float64, error) {
	if len(text) > maxDigits+2 {
		return 0, fmt.Errorf("the number would have more than %d digits", maxDigits)
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return 0, fmt.Errorf("got %q, want a finite number", text)
	}
	return f, nil
}

func formatFloat(f float64) string {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

// parameterFloat is a number as float has written it, as a parameter of plain XML: as
// Python writes it, see slap/marshal.
func parameterFloat(text string, _ []string) (string, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return "", errors.New("want a number")
	}
	return marshal.FormatFloat(f), nil
}
