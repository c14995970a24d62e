package view

import (
	"io"

	"slapstar/slap"
)

// SayOddities says what is not as it should be in a listing, a line each.
func SayOddities(w io.Writer, list []slap.Oddity) {
	for _, o := range list {
		Say(w, o.String())
	}
}
