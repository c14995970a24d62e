package credential

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
)

// Mask returns the value of a parameter with mask instead of what looks like a
// credential: of a JSON document only the leaves that do are replaced, of another
// value all of it. The rest stays byte for byte.
func Mask(key, value, mask string) string {
	if !Parameter(key, value) {
		return value
	}
	if masked, ok := maskLeaves(Key(key), value, mask); ok && !looks(masked) { // a key may hold one
		return masked
	}
	return mask
}

// A frame is an object or a list that is being read.
type frame struct {
	object bool
	hidden bool   // its key, or that of one around it, says that all in it is a credential
	key    string // of the member that is being read
	inKey  bool   // what comes next is a key
}

// maskLeaves replaces the leaves of a JSON document that look like credentials. It
// reports false for what is none.
func maskLeaves(hidden bool, value, mask string) (string, bool) {
	if trimmed := strings.TrimSpace(value); trimmed == "" || trimmed[0] != '{' && trimmed[0] != '[' {
		return "", false
	}
	quoted, err := json.Marshal(mask)
	if err != nil {
		return "", false
	}
	d := json.NewDecoder(strings.NewReader(value))
	d.UseNumber()
	var b bytes.Buffer
	var stack []frame
	begin := 0 // of what is not written yet
	for {
		end := int(d.InputOffset())
		t, err := d.Token()
		switch {
		case err == io.EOF && len(stack) == 0:
			b.WriteString(value[begin:])
			return b.String(), true
		case err != nil:
			return "", false
		}
		top := &frame{hidden: hidden}
		if len(stack) > 0 {
			top = &stack[len(stack)-1]
		}
		if d, ok := t.(json.Delim); ok && (d == '}' || d == ']') {
			stack = stack[:len(stack)-1]
			continue
		}
		if top.inKey {
			top.key, _ = t.(string)
			top.inKey = false
			continue
		}
		top.inKey = top.object
		whole := top.hidden || top.object && Key(top.key)
		if d, ok := t.(json.Delim); ok {
			stack = append(stack, frame{object: d == '{', hidden: whole, inKey: d == '{'})
			continue
		}
		if text, isText := t.(string); whole && !openJSON(t) || isText && Value(text) {
			at := end + len(value[end:]) - len(strings.TrimLeft(value[end:], " \t\r\n:,"))
			b.WriteString(value[begin:at])
			b.Write(quoted)
			begin = int(d.InputOffset())
		}
	}
}
