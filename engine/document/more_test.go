package document

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/engine"
)

// A boundary, those further down and what is left out come back as they were.
func TestMoreRestores(t *testing.T) {
	at := func(line int) engine.Origin {
		return engine.Origin{Stack: []engine.Frame{{Position: engine.Position{File: "main.star", Line: line, Col: 1}}}}
	}
	want := &engine.Boundary{Reference: engine.Reference{Instance: "db", Key: "url"}, Use: "==", Origin: at(2),
		Also: []engine.Boundary{{Secret: "pw", Use: "!=", Origin: at(3)}},
		Left: []engine.Left{{Position: at(4).Position(), Name: "x"}, {Position: at(5).Position(), Rest: true}}}
	m := newMore(want)
	m.place(want)
	if diff := cmp.Diff(want, m.restore()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
