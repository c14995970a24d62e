package datafile

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
)

// parseCSV reads rows as objects, with the first row as their keys. All values are text.
func parseCSV(name string, data []byte) (any, error) {
	r := csv.NewReader(bytes.NewReader(data))
	r.ReuseRecord = true
	head, err := r.Read()
	switch {
	case errors.Is(err, io.EOF):
		return []any{}, nil
	case err != nil:
		return nil, csvError(name, err)
	}
	keys := append([]string{}, head...)
	seen := map[string]bool{}
	for i, key := range keys {
		if line, column := r.FieldPos(i); key == "" || seen[key] {
			return nil, &Error{File: name, Line: line, Column: column, Message: fmt.Sprintf("the first row has the name %q of a column twice, or a column without a name", key)}
		}
		seen[key] = true
	}
	rows := []any{}
	values := 0
	for {
		row, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return rows, nil
		case err != nil:
			return nil, csvError(name, err)
		}
		if values += len(row) + 1; values > maxValues {
			line, column := r.FieldPos(0)
			return nil, &Error{File: name, Line: line, Column: column, Message: tooLarge}
		}
		o := newObject(len(row))
		for i, field := range row { // there are as many as in the first row
			o.add(keys[i], field)
		}
		rows = append(rows, o)
	}
}

func csvError(name string, err error) error {
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		return &Error{File: name, Line: parse.Line, Column: max(parse.Column, 1), Message: parse.Err.Error()}
	}
	return &Error{File: name, Line: 1, Message: err.Error()}
}
