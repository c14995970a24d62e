package datafile

import (
	"bytes"
	"maps"
	"slices"
	"unicode/utf8"
)

// withoutMark returns a text without the byte order mark that some editors put in front.
func withoutMark(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\uFEFF")) }

// checkText refuses what is no UTF-8, and NUL.
func checkText(name string, data []byte) error {
	if utf8.Valid(data) && bytes.IndexByte(data, 0) < 0 {
		return nil
	}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == 0:
			return at(name, data, i, "there is a NUL byte: this is no text, or a damaged file")
		case r == utf8.RuneError && size == 1:
			return at(name, data, i, "this is not UTF-8: save the file as UTF-8")
		}
		i += size
	}
	return nil
}

// at is an error at a byte of a file.
func at(name string, data []byte, offset int, message string) *Error {
	before := data[:min(max(offset, 0), len(data))]
	line := bytes.Count(before, []byte("\n")) + 1
	start := bytes.LastIndexByte(before, '\n') + 1
	return &Error{File: name, Line: line, Column: utf8.RuneCount(before[start:]) + 1, Message: message}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
