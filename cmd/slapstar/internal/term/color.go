package term

// A Color is the number of a colour; the empty one is that of other text.
type Color string

// The colours.
const (
	Red    Color = "31"
	Green  Color = "32"
	Yellow Color = "33"
)

// Paint colours a text.
func (c Color) Paint(s string) string {
	if c == "" || s == "" {
		return s
	}
	return "\x1b[" + string(c) + "m" + s + "\x1b[0m"
}
