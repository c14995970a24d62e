package diff

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
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
	Pair   *Pair  // not nil: two values that differ in a part, before Text; see [Row.Spread]
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
	alone  bool // the parameter _, which is all parameters in one document, is the only one
	Options
}

// Rows returns the details of a creation or an update, from its leaves. Parameters stand
// in a group of their own. A secret is never shown; what only looks like a credential is
// shown on request.
func Rows(c *engine.Change, o Options) []Row {
	s := &sheet{update: c.Action == engine.Update, Options: o}
	leaves := leavesOf(c)
	width := 0
	var shown []engine.Attribute
	for _, a := range c.Attributes {
		list := leaves[[2]string{a.Group, a.Name}]
		if c.Action == engine.Create && isDefault(a) || len(list) == 0 && (a.Before == nil || a.After == nil) { // of a key that has another name now
			continue
		}
		shown = append(shown, a)
		width = min(max(width, term.Columns(indent(a)+s.label(a))), mostName)
	}
	s.alone = alone(shown)
	grouped := false
	for _, a := range shown {
		s.Key = o.Key.At(string(c.Address()), a.Group, a.Name)
		if a.Group == parameters && !grouped {
			name := parameters
			if list := leaves[[2]string{a.Group, a.Name}]; s.alone && len(list) > 0 && list[0].At != nil {
				name += " (json)"
			}
			s.rows = append(s.rows, Row{Sign: engine.NoOp, Name: name, Prose: true})
			grouped = true
		}
		s.attribute(a, leaves[[2]string{a.Group, a.Name}], width)
	}
	return s.rows
}

// leavesOf are the leaves of a change by group and name of their attribute, which stand
// together.
func leavesOf(c *engine.Change) map[[2]string][]engine.Leaf {
	list := map[[2]string][]engine.Leaf{}
	begin := 0
	for i := range c.Leaves {
		at := [2]string{c.Leaves[i].Group, c.Leaves[i].Name}
		if i+1 == len(c.Leaves) || at != [2]string{c.Leaves[i+1].Group, c.Leaves[i+1].Name} {
			list[at] = c.Leaves[begin : i+1]
			begin = i + 1
		}
	}
	return list
}

// attribute adds the rows of one attribute.
func (s *sheet) attribute(a engine.Attribute, leaves []engine.Leaf, width int) {
	head := Row{Sign: s.sign(attributeAction(a)), Indent: indent(a), Name: term.Pad(s.label(a), width-term.Columns(indent(a))) + "  "}
	switch {
	case len(leaves) == 0:
		head.Text = "the same values, written in another way"
		s.rows = append(s.rows, head)
	case leaves[0].At == nil:
		head.Sign = s.sign(leafAction(leaves[0]))
		s.rows = append(s.rows, s.of(leaves).leafRows(leaves[0], head)...)
	case s.alone:
		s.document(a, leaves, indent(a))
	default:
		head.Name = strings.TrimRight(head.Name, " ")
		s.rows = append(s.rows, head)
		s.document(a, leaves, indent(a)+"  ")
	}
}

// alone reports whether the document of all parameters is the only one of those that
// are shown: its name says nothing then.
func alone(shown []engine.Attribute) bool {
	found := false
	for _, a := range shown {
		if a.Group == parameters && a.Name != "_" {
			return false
		}
		found = found || a.Group == parameters
	}
	return found
}

// sign drops the signs of a creation, where everything is new.
func (s *sheet) sign(a engine.Action) engine.Action {
	if !s.update {
		return engine.NoOp
	}
	return a
}

// of are the options for the leaves of one attribute: what looks like a credential is in
// no JSON.
func (s *sheet) of(leaves []engine.Leaf) Options {
	o := s.Options
	o.Whole = o.Whole || slices.ContainsFunc(leaves, func(l engine.Leaf) bool { return l.Sensitive() })
	return o
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
