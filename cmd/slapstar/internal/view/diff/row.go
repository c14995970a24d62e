package diff

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/internal/mask"
	"slapstar/slap"
)

// A Row is one line of the details of a change, for a terminal or for a diff: what
// is done to the value, and the value. The secrets of the run are hidden in it; words of
// slapstar are as they are.
type Row struct {
	Sign   engine.Action
	Indent string
	Name   string // with the spaces that align what follows
	Text   string // escaped
	Line   bool   // a line of a value that has many
	Prose  bool   // not a value
	Value  string // the new value that Text shows; empty: it is not known, or hidden
}

// Options say how much is shown.
type Options struct {
	ShowSecrets bool         // also what only looks like a credential
	Whole       bool         // nothing is left out of a new value: nothing else shows it
	Key         mask.Key     // of the fingerprints of what is hidden
	Mask        *mask.Filter // the secrets of the run, for the values of a document; may be nil
}

// digest is Digest after a comma; empty for a value that holds a secret, which could be
// guessed by it.
func (o Options) digest(value string) string {
	if o.Mask.Holds(value) {
		return ""
	}
	return ", " + Digest(value)
}

// Elsewhere says where all of a value is.
const Elsewhere = "slapstar plan --format json shows all"

// Digest identifies a value of which not all is shown.
func Digest(value string) string { return "sha256 " + shortSum(value) }

func shortSum(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:])[:12] + "…"
}

const (
	parameters = "parameters"
	below      = "      " // in front of what stands below the name of an attribute
)

// A sheet makes the rows of a change.
type sheet struct {
	rows   []Row
	update bool
	Options
}

// Rows returns the details of a creation or an update. Parameters stand in a group of
// their own. A secret is never shown; what only looks like a credential is shown on
// request.
func Rows(c *engine.Change, o Options) []Row {
	s := &sheet{update: c.Action == engine.Update, Options: o}
	width := 0
	var shown []engine.Attribute
	for _, a := range c.Attributes {
		if c.Action == engine.Create && isDefault(a) {
			continue
		}
		shown = append(shown, a)
		width = max(width, term.Columns(indent(a)+s.label(a)))
	}
	grouped := false
	for _, a := range shown {
		s.Key = o.Key.At(string(c.Address()), a.Group, a.Name)
		if a.Group == parameters && !grouped {
			s.rows = append(s.rows, Row{Sign: engine.NoOp, Name: parameters, Prose: true})
			grouped = true
		}
		s.attribute(a, width)
	}
	return s.rows
}

// attribute adds the rows of one attribute.
func (s *sheet) attribute(a engine.Attribute, width int) {
	sign := engine.NoOp
	if s.update {
		sign = attributeAction(a)
	}
	head := Row{Sign: sign, Indent: indent(a), Name: term.Pad(s.label(a), width-term.Columns(indent(a))) + "  "}
	tail := ""
	if a.Product != "" {
		tail = "  product." + s.Mask.Text(term.Name(a.Product))
	}
	if a.MayChange != "" {
		tail += fmt.Sprintf(" (may change: %s is updated too)", s.Mask.Text(term.Name(a.MayChange)))
	}
	text, detail := s.value(a)
	head.Text = text + tail
	if value, known := a.After.Known(); known && a.After != nil && !a.Sensitive() && !a.HoldsSecret() && !s.Mask.Holds(value) {
		head.Value = value
	}
	if text == "" {
		head.Text = strings.TrimLeft(tail, " ")
	}
	s.rows = append(append(s.rows, head), detail...)
}

// value writes a value: on the line of its name, or below it.
func (s *sheet) value(a engine.Attribute) (text string, detail []Row) {
	if a.Group == parameters && !a.NotCompared && (!a.Hidden || a.After.HasSecret() || s.Mask != nil) { // else the secret may be any member
		if detail, ok := documentRows(a, s.of(a)); ok {
			if s.update && len(detail) == 0 { // only the way it is written
				return "the same values, written in another way", nil
			}
			return "", signed(detail, s.update)
		}
	}
	hide := a.HoldsSecret() || a.Sensitive() && !s.ShowSecrets
	after, known := a.After.Known()
	if hide || a.After != nil && !known {
		return s.values(a, hide), nil
	}
	var before string
	if a.Before != nil {
		before = *a.Before
	}
	switch {
	case a.Before != nil && a.After != nil && (hasLines(before) || hasLines(after) || len(before)+len(after) > longPair):
		return lineRows(before, after, s.of(a))
	case a.Before == nil && hasLines(after):
		return newLines(after, s.of(a))
	}
	return s.values(a, false), nil
}

// of are the options for one attribute: what looks like a credential is in no JSON.
func (s *sheet) of(a engine.Attribute) Options {
	o := s.Options
	o.Whole = o.Whole || a.Sensitive()
	return o
}

// longPair is how many bytes two values have that stand on lines of their own.
const longPair = 240

// signed drops the signs of a creation, where everything is new.
func signed(list []Row, update bool) []Row {
	for i := range list {
		if !update {
			list[i].Sign = engine.NoOp
		}
	}
	return list
}

// label is the name of an attribute as printed. Without a group it is a word of
// slapstar.
func (o Options) label(a engine.Attribute) string {
	switch name := term.Word(a.Name); a.Group {
	case "":
		return name
	case parameters:
		return o.Mask.Text(name)
	default:
		return a.Group + "." + o.Mask.Text(name)
	}
}

func indent(a engine.Attribute) string {
	if a.Group == parameters {
		return "  "
	}
	return ""
}

// isDefault reports whether an attribute of a creation goes without saying.
func isDefault(a engine.Attribute) bool {
	value, _ := a.After.Known()
	switch a.Group + a.Name {
	case "software_type":
		return value == slap.DefaultType
	case "state":
		return value == slap.Started || value == slap.Available
	}
	return false
}

func attributeAction(a engine.Attribute) engine.Action {
	switch {
	case a.NotCompared:
		return engine.NoOp
	case a.Before == nil:
		return engine.Create
	case a.After == nil:
		return engine.Delete
	}
	return engine.Update
}
