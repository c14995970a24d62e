package document

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"slapstar/engine"
)

// Intact reports whether the digest of a plan that was read is that of its content.
func (d *Plan) Intact() bool { return d.Digest == digest(d) }

// Digest identifies what a plan does: 64 hexadecimal digits, the same for the same
// changes on any machine. It covers the changes with their attributes, what is
// refused, what is left out and what is to come; not where the files declare it,
// and not the values of secrets.
func Digest(p *engine.Plan) string { return digest(newPlan(p, mask)) }

func digest(d *Plan) string {
	data, err := json.Marshal(d.essence())
	if err != nil {
		panic(fmt.Sprintf("document: a plan has no JSON: %v", err)) // it is made of text and numbers
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// essence is d without what does not change what the plan does. The causes are
// left out too: they depend on what the plan was compared with.
func (d *Plan) essence() *Plan {
	e := &Plan{FormatVersion: d.FormatVersion, Pending: d.Pending, CanApply: d.CanApply}
	if d.Partial != nil { // how much is left out changes with what is no business of the plan
		e.Partial = &Partial{Targets: d.Partial.Targets, Excludes: d.Partial.Excludes}
	}
	for _, c := range d.Changes {
		c.Origin, c.Cause, c.Revision, c.Unreadable = nil, "", "", nil
		// Who has the secrets sees whether there is a difference.
		c.Attributes = slices.DeleteFunc(slices.Clone(c.Attributes), func(a Attribute) bool { return a.NotCompared })
		for i, a := range c.Attributes {
			if a.Secret { // sealed or not
				c.Attributes[i] = a.unsealed()
			}
		}
		e.Changes = append(e.Changes, c)
	}
	for _, r := range d.Refusals {
		e.Refusals = append(e.Refusals, Refusal{Address: r.Address})
	}
	if d.More != nil {
		e.More = &More{Instance: d.More.Instance, Key: d.More.Key, Secret: d.More.Secret, Use: d.More.Use}
	}
	return e
}

// unsealed is a without seals.
func (a Attribute) unsealed() Attribute {
	hide := func(s *string) *string {
		if s == nil || !strings.HasPrefix(*s, sealed) {
			return s
		}
		masked := engine.Masked
		return &masked
	}
	a.Before, a.After = hide(a.Before), hide(a.After)
	a.Parts = unsealed(a.Parts)
	return a
}

// unsealed are parts without seals; a secret is the same, given or withheld.
func unsealed(parts []Part) []Part {
	list := slices.Clone(parts)
	for i := range list {
		if list[i].Secret != "" {
			list[i].Literal, list[i].Withheld = "", false
		}
		list[i].Quoted = unsealed(list[i].Quoted)
	}
	return list
}
