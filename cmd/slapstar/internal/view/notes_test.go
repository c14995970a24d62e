package view

import (
	"fmt"
	"slices"
	"testing"

	"slapstar/engine"
)

// What is said of several is said once, with all names.
func TestJoinedNotes(t *testing.T) {
	p := &engine.Plan{}
	for i := range 3 {
		note := func(message string) {
			p.Notes = append(p.Notes, engine.Note{Address: engine.Address(fmt.Sprintf("instance new-%d", i)), Origin: origin(5 + i), Message: message})
		}
		note(fmt.Sprintf("a rename of \"old-%d\"? It stays", i))
		note(fmt.Sprintf("it waits for \"url\" of instance \"db\" (main.star:%d:1), which is away", i))
		note("it stays")
		note(fmt.Sprintf("this is %d", i))
	}
	got := joinedNotes(p, nil)
	want := []string{
		`instance new-{0..2} (3) (main.star:5:1 and 2 other places): a rename of old-{0..2}? It stays`,
		`instance new-{0..2} (3) (main.star:5:1 and 2 other places): it waits for "url" of instance "db", which is away`,
		`instance new-{0..2} (3) (main.star:5:1 and 2 other places): it stays`,
		`instance new-0 (main.star:5:1): this is 0`,
		`instance new-1 (main.star:6:1): this is 1`,
		`instance new-2 (main.star:7:1): this is 2`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}
