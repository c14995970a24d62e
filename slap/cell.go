package slap

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// A cell is a column of a row of a search on a full Master. What the Master does not
// know, or does not let us see, is null; and a script may answer anything.
type cell json.RawMessage

// UnmarshalJSON implements [json.Unmarshaler].
func (c *cell) UnmarshalJSON(raw []byte) error {
	*c = bytes.Clone(raw)
	return nil
}

// known reports whether the Master tells something.
func (c cell) known() bool { return len(c) > 0 && string(c) != "null" }

// text returns the text in a cell, and false if there is none.
func (c cell) text() (string, bool) {
	var s *string
	if !c.known() || json.Unmarshal(c, &s) != nil || s == nil {
		return "", false
	}
	return *s, true
}

// dict returns the dictionary in a cell, and false if there is none. Numbers keep their
// digits.
func (c cell) dict() (map[string]any, bool) {
	var dict exactDict
	if !c.known() || json.Unmarshal(c, &dict) != nil || dict == nil {
		return nil, false
	}
	return dict, true
}

// jioPrefix begins how a Master names its documents in links.
const jioPrefix = "urn:jio:get:"

// A rowLink is the link of a row to its document.
type rowLink struct {
	Self struct{ Href string }
}

// path is the relative URL of the document.
func (l rowLink) path() string { return strings.TrimPrefix(l.Self.Href, jioPrefix) }

// moment reads a time as a Master tells it; the zero time if it cannot be read. Source:
// the status dictionary of the full Master has RFC 1123 dates, with the zone as a number
// or as GMT.
func moment(v any) time.Time {
	text, _ := v.(string)
	for _, layout := range []string{http.TimeFormat, time.RFC1123Z, time.RFC1123, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}
