package mask

import (
	"bytes"
	"encoding/json"
	"io"
)

// An Own returns how many bytes at the beginning of a text in JSON are words of
// slapstar, which tell nothing. The text is the value of a member, or an item of an
// array that is: then item is its index.
type Own func(member string, item int, text string) int

// JSON returns JSON with the secrets in its texts hidden: it stays JSON. Names of
// members and numbers are as they are, and so are the words that are own. A nil own
// knows none.
func (f *Filter) JSON(data []byte, own Own) []byte {
	if f == nil {
		return data
	}
	var b bytes.Buffer
	key, item := "", 0
	for len(data) > 0 {
		start := bytes.IndexByte(data, '"')
		if start < 0 {
			break
		}
		for _, c := range data[:start] {
			switch c {
			case '{', '}', ']':
				key = ""
			case '[':
				item = 0
			case ',':
				item++
			}
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
			key, item = text, 0
		default:
			words := 0
			if own != nil {
				words = own(key, item, text)
			}
			if hidden := text[:words] + f.Value(text[words:]); hidden != text {
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
func WriteJSON(w io.Writer, data []byte, own Own) error {
	_, err := WriteOwn(w, string(Of(w).JSON(data, own)))
	return err
}
