package lang

import (
	"fmt"
	"strings"
)

// mostMessage is how many bytes of what is wrong are told: fail takes any text.
const mostMessage = 10_000

// short cuts a message that is too long, and says so.
func short(message string) string {
	if len(message) <= mostMessage {
		return message
	}
	const forRest = 60
	head := strings.ToValidUTF8(message[:mostMessage-forRest], "")
	return fmt.Sprintf("%s… cut here: %d more bytes", head, len(message)-len(head))
}

// short cuts what is too long of a problem.
func (p Problem) short() Problem {
	p.Message, p.Hint = short(p.Message), short(p.Hint)
	return p
}
