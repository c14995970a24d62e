package mask

import (
	"bytes"
	"encoding/json"
	"io"
)

// JSON returns JSON with the secrets in its texts hidden: it stays JSON. Names of
// members and numbers are as they are, and so are the texts of the members that own
// names: they are words of slapstar, and tell nothing.
func (f *Filter) JSON(data []byte, own func(member string) bool) []byte {
	if f == nil {
		return data
	}
	var b bytes.Buffer
	key := ""
	for len(data) > 0 {
		start := bytes.IndexByte(data, '"')
		if start < 0 {
			break
		}
		if bytes.ContainsAny(data[:start], "{}]") {
			key = ""
		}
		b.Write(data[:start])
		data = data[start:]
		end := stringEnd(data)
		token, rest := data[:end], data[end:]
		var text string
		err := json.Unmarshal(token, &text)
		switch after := bytes.TrimLeft(rest, " \t\r\n"); {
		case err != nil:
		case len(after) > 0 && after[0] == ':':
			key = text
		case own == nil || !own(key):
			if hidden := f.Value(text); hidden != text {
				token = []byte(`"` + quoteJSON(hidden, false) + `"`)
			}
		}
		b.Write(token)
		data = rest
	}
	b.Write(data)
	return b.Bytes()
}

// stringEnd is where the string ends that data begins with.
func stringEnd(data []byte) int {
	for i := 1; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(data)
}

// WriteJSON writes JSON, of which the texts are masked as the Filter of w does.
func WriteJSON(w io.Writer, data []byte, own func(member string) bool) error {
	_, err := WriteOwn(w, string(Of(w).JSON(data, own)))
	return err
}
