package slap

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// errNoRows is the error of a document that has no list where one is wanted.
var errNoRows = errors.New("there is no list")

// decodeRows reads a JSON document row by row and returns the list at a path of keys. Of
// the document it holds one row at a time, or one value beside the path.
//
// A [json.Decoder] does the same and takes longer: a tenth of the whole listing. Here the end of
// a row is found by its quotes and brackets, and whether it is JSON is left to [json.Unmarshal].
// That takes as long as reading the whole document first.
func decodeRows[T any](r io.Reader, most int, path ...string) ([]T, error) {
	s := &valueScanner{r: r, buffer: make([]byte, 64<<10)}
	var rows []T
	found, err := s.list(path, func() error {
		rows = []T{} // a key that is there twice counts the last time, as for encoding/json
		return s.each(']', func() error {
			if len(rows) == most {
				return fmt.Errorf("%w: more than %d rows in one listing", ErrTooMuch, most)
			}
			text, err := s.value()
			if err != nil {
				return err
			}
			var zero T
			rows = append(rows, zero)
			return json.Unmarshal(text, &rows[len(rows)-1])
		})
	})
	switch {
	case err != nil:
		return nil, err
	case !found:
		return nil, errNoRows
	}
	if _, err := s.peek(); !errors.Is(err, io.EOF) {
		return nil, errors.Join(errors.New("something follows the document"), err)
	}
	return rows, nil
}

// A valueScanner cuts a JSON document into values.
type valueScanner struct {
	r      io.Reader
	buffer []byte
	start  int // of what is not taken yet
	end    int
}

// more reads more bytes behind what is not taken yet, which may move.
func (s *valueScanner) more() error {
	if s.start > 0 {
		s.end = copy(s.buffer, s.buffer[s.start:s.end])
		s.start = 0
	}
	if s.end == len(s.buffer) {
		s.buffer = append(s.buffer, make([]byte, len(s.buffer))...)
	}
	n, err := s.r.Read(s.buffer[s.end:])
	s.end += n
	if n > 0 {
		return nil
	}
	return err
}

// peek returns the next byte that is no white space, and does not take it.
func (s *valueScanner) peek() (byte, error) {
	for {
		for ; s.start < s.end; s.start++ {
			if c := s.buffer[s.start]; c != ' ' && c != '\n' && c != '\r' && c != '\t' {
				return c, nil
			}
		}
		if err := s.more(); err != nil {
			return 0, err
		}
	}
}

// take takes the next byte if it is the one that is wanted.
func (s *valueScanner) take(want byte) error {
	c, err := s.peek()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	if err == nil && c != want {
		err = fmt.Errorf("got %q, want %q", c, want)
	}
	if err == nil {
		s.start++
	}
	return err
}

// each calls do for each element of an object or a list that has begun, to its end.
func (s *valueScanner) each(end byte, do func() error) error {
	for first := true; ; first = false {
		if c, err := s.peek(); err == nil && c == end && first {
			break
		}
		if err := do(); err != nil {
			return err
		}
		if s.take(',') != nil {
			break
		}
	}
	return s.take(end)
}

// list calls read at the start of the list at a path of keys. It reports whether
// there is one; null is none.
func (s *valueScanner) list(path []string, read func() error) (found bool, err error) {
	begin := byte('{')
	if len(path) == 0 {
		begin = '['
	}
	if c, err := s.peek(); err == nil && c == 'n' {
		_, err := s.skip()
		return false, err
	} else if err == nil && c != begin {
		return false, errNoRows
	}
	if err := s.take(begin); err != nil {
		return false, err
	}
	if len(path) == 0 {
		return true, read()
	}
	err = s.each('}', func() error {
		text, err := s.value()
		if err != nil {
			return err
		}
		var key string
		if err := json.Unmarshal(text, &key); err != nil {
			return err
		}
		if err := s.take(':'); err != nil {
			return err
		}
		if key == path[0] {
			found, err = s.list(path[1:], read)
		} else {
			_, err = s.skip()
		}
		return err
	})
	return found, err
}

// skip takes the next value, which has to be JSON.
func (s *valueScanner) skip() ([]byte, error) {
	text, err := s.value()
	if err == nil && !json.Valid(text) {
		err = errors.New("a value is no JSON")
	}
	return text, err
}

// value takes the next value and returns it, until the next call. It looks at nothing
// but strings and brackets: whether it is JSON is for the caller to find out.
func (s *valueScanner) value() ([]byte, error) {
	if _, err := s.peek(); err != nil {
		return nil, unexpected(err)
	}
	depth := 0
	for n := 0; ; n++ { // from the start, which may move
		if s.start+n == s.end {
			if err := s.more(); errors.Is(err, io.EOF) && depth == 0 {
				return s.taken(n), nil
			} else if err != nil {
				return nil, unexpected(err)
			}
		}
		switch s.buffer[s.start+n] {
		case '"':
			var err error
			if n, err = s.closingQuote(n); err != nil {
				return nil, unexpected(err)
			}
			if depth == 0 {
				return s.taken(n + 1), nil
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return s.taken(n + 1), nil
			} else if depth < 0 {
				return s.taken(n), nil
			}
		case ',', ':', ' ', '\n', '\r', '\t':
			if depth == 0 {
				return s.taken(n), nil
			}
		}
	}
}

// closingQuote returns where the string ends that begins at n.
func (s *valueScanner) closingQuote(n int) (int, error) {
	for from := n + 1; ; {
		at := bytes.IndexByte(s.buffer[s.start+from:s.end], '"')
		if at < 0 {
			from = s.end - s.start
			if err := s.more(); err != nil {
				return 0, err
			}
			continue
		}
		from += at
		escapes := 0
		for s.buffer[s.start+from-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return from, nil
		}
		from++
	}
}

// taken takes n bytes.
func (s *valueScanner) taken(n int) []byte {
	s.start += n
	return s.buffer[s.start-n : s.start]
}

func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
