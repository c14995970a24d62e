package engine

import (
	"cmp"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"

	"slapstar/slap/credential"
)

// A plan can be made by who does not have the secrets. What holds one is then compared
// as far as it is known: a difference is one whatever the secret is, and a value that
// may be the same is not compared.

// ErrWithheld is the error of an apply of a plan that was made without its secrets.
var ErrWithheld = errors.New("the plan was made without its secrets, so it cannot be carried out")

// Withheld returns the Text of a secret that whoever plans does not have.
func Withheld(name string) Text { return Text{{Secret: name, Withheld: true}} }

// Withheld returns the name of the first secret in the value that is not there; empty:
// all are.
func (t Text) Withheld() string {
	for _, p := range t {
		if p.Withheld {
			return cmp.Or(p.Secret, Masked)
		}
		if name := p.Inner().Withheld(); name != "" {
			return name
		}
	}
	return ""
}

// CouldBe reports whether a value in which secrets are withheld may be another one: all
// that is known of it is the same. JSON objects and lists are compared value by value.
func (t Text) CouldBe(value string) bool {
	if len(t.References()) > 0 {
		return false
	}
	holes := 0
	marked := t.Marked(func(p Part) string {
		if !p.Withheld && (p.Derived == nil || p.Derived.known()) {
			return p.Literal
		}
		holes++
		return hole
	})
	if strings.Count(marked, hole) != holes { // a file has written one
		return false
	}
	want, errWant := decodeJSON(marked)
	have, errHave := decodeJSON(value)
	if isDocument(want) && errWant == nil && errHave == nil {
		found := 0
		return likeJSON(want, have, &found) && found == holes
	}
	if slices.ContainsFunc(t, func(p Part) bool { return p.Quoted.Withheld() != "" }) {
		return true // the quotes depend on the secret
	}
	return like(marked, value)
}

// NotCompared reports whether a value in which secrets are withheld is not compared with
// the one that the Master has: they may be the same, or its name says that all of it is a
// credential. There a file could guess at it, and the comparison would answer.
func NotCompared(name string, t Text, value string) bool {
	return credential.Key(name) || t.CouldBe(value)
}

// hole stands for a secret that is withheld; it is no character.
const hole = "\uFDD2"

func isDocument(v any) bool {
	switch v.(type) {
	case map[string]any, []any, string:
		return true
	}
	return false
}

// likeJSON compares two JSON values, and counts the holes.
func likeJSON(want, have any, holes *int) bool {
	switch want := want.(type) {
	case map[string]any:
		have, ok := have.(map[string]any)
		if !ok || len(want) != len(have) {
			return false
		}
		for key, value := range want {
			other, ok := have[key]
			if !ok || !likeJSON(value, other, holes) {
				return false
			}
		}
		return true
	case []any:
		have, ok := have.([]any)
		return ok && len(want) == len(have) && likeItems(want, have, holes)
	case string:
		*holes += strings.Count(want, hole)
		text, ok := have.(string)
		return ok && like(want, text)
	case json.Number:
		return reflect.DeepEqual(want, have)
	}
	return want == have
}

func likeItems(want, have []any, holes *int) bool {
	for i := range want {
		if !likeJSON(want[i], have[i], holes) {
			return false
		}
	}
	return true
}

// like reports whether a text with holes may be another one.
func like(want, have string) bool {
	pieces := strings.Split(want, hole)
	if len(pieces) == 1 {
		return want == have
	}
	rest, ok := strings.CutPrefix(have, pieces[0])
	last := pieces[len(pieces)-1]
	if !ok || !strings.HasSuffix(rest, last) {
		return false
	}
	rest = strings.TrimSuffix(rest, last)
	for _, piece := range pieces[1 : len(pieces)-1] {
		_, after, found := strings.Cut(rest, piece)
		if !found {
			return false
		}
		rest = after
	}
	return true
}

// Withheld returns the names of the secrets without which the plan was made.
func (p *Plan) Withheld() []string {
	if p.Declared == nil {
		return nil
	}
	return p.Declared.Withheld
}

// NotCompared returns the number of values that were not compared, because a secret
// in them was withheld.
func (p *Plan) NotCompared() int {
	n := 0
	for _, c := range p.Changes {
		for _, a := range c.Attributes {
			if a.NotCompared {
				n++
			}
		}
	}
	return n
}

// compared are the attributes that differ, or may.
func compared(list []Attribute) []Attribute {
	return slices.DeleteFunc(slices.Clone(list), func(a Attribute) bool { return a.NotCompared })
}

// WithoutSecrets returns the value as it is to who does not have its secrets, and cannot
// guess at a credential piece by piece.
func (t Text) WithoutSecrets() Text {
	list := slices.Clone(t)
	for i := range list {
		if list[i].Secret != "" {
			list[i] = Part{Secret: list[i].Secret, Withheld: true}
		}
		list[i].Quoted = list[i].Quoted.WithoutSecrets()
		if d := list[i].Derived; d != nil && d.Of.HasSecret() {
			list[i] = Part{Derived: &Derivation{Function: d.Function, Of: d.Of.WithoutSecrets()}}
		}
	}
	return list.withoutPieces()
}
