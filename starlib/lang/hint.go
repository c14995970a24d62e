package lang

import "errors"

// A HintedError adds what to do about an error. The hint is data to the end: it is
// in no text, and printed beside it.
type HintedError struct {
	Err  error
	Text string
}

// Hint adds a hint to an error.
func Hint(err error, hint string) error { return &HintedError{Err: err, Text: hint} }

// Error returns the text without the hint.
func (e *HintedError) Error() string { return e.Err.Error() }

// Unwrap returns the error that the hint is for.
func (e *HintedError) Unwrap() error { return e.Err }

// HintOf returns the hint of an error; empty when it has none.
func HintOf(err error) string {
	if hinted, ok := errors.AsType[*HintedError](err); ok {
		return hinted.Text
	}
	return ""
}
