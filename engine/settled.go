package engine

import (
	"fmt"
	"strings"
)

// settled is the instance with text in which nothing is left to come.
func (i *Instance) settled() *Instance {
	settled := *i
	settled.Parameters, settled.SLALater = map[string]Text{}, map[string]Text{}
	for key, t := range i.Parameters {
		settled.Parameters[key] = t.settled()
	}
	for key, t := range i.SLALater {
		settled.SLALater[key] = t.settled()
	}
	return &settled
}

// settled is a text in which what is to come is named by text, so that the same name is
// the same value.
func (t Text) settled() Text {
	if t == nil {
		return nil
	}
	list := make([]Text, len(t))
	for n, p := range t {
		list[n] = Text{p}
		switch {
		case p.Reference != nil:
			list[n] = Literal(p.Reference.toCome())
		case p.Quoted != nil:
			list[n] = Quote(p.Quoted.settled())
		case p.Derived != nil && !p.Derived.known():
			list[n] = p.Derived.settled()
		}
	}
	return Join(list...)
}

// settled names the function and the text that it is of.
func (d *Derivation) settled() Text {
	of := d.Of.settled()
	value, _ := of.Known()
	name := d.Name
	for _, arg := range d.Args {
		name += fmt.Sprintf(" %q", arg)
	}
	return Text{{Literal: fmt.Sprintf("(%s of %s)", name, value), Secret: of.secretName()}}
}

// toCome names a value to come: where JSON is wanted, as a JSON string.
func (r Reference) toCome() string {
	name := r.Name()
	if r.Kind != "" {
		name = strings.TrimSpace(strings.Join([]string{name, r.Key, r.Path.String()}, " "))
	}
	if name == "" {
		name = "state"
	}
	text := fmt.Sprintf("(known after %s: %s)", r.Instance, name)
	if r.JSON {
		return quoteJSON(text)
	}
	return text
}
