package engine

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Seal returns the document of a plan as it is saved: in the place of a value that
// looks like a credential stands a seal, by which it can be compared with another
// under the same salt. Of secrets nothing is kept, so nothing is compared.
func (p *Plan) Seal(salt []byte) *Document {
	d := p.document(func(value string) string {
		h := hmac.New(sha256.New, salt)
		h.Write([]byte(value))
		return sealed + hex.EncodeToString(h.Sum(nil))
	})
	d.Digest = p.Digest()
	return d
}

// sealed starts a seal.
const sealed = "(secret) "

// A StalePlanError says that the Master has moved on since a plan was saved, or that
// the plan has been carried out already. Nothing was written.
type StalePlanError struct {
	Differences []StaleError
	Carried     bool // nothing of the plan is left to do
}

func (e *StalePlanError) Error() string {
	if e.Carried {
		return "this plan has been carried out already: the Master has all that it shows"
	}
	const most = 20
	var b strings.Builder
	b.WriteString("the Master has changed since this plan was made; nothing was written")
	for i, d := range e.Differences {
		if i == most {
			fmt.Fprintf(&b, "\n  and %d more", len(e.Differences)-most)
			break
		}
		fmt.Fprintf(&b, "\n  %v", &d)
	}
	return b.String()
}

// CheckSaved returns a [*StalePlanError] unless a plan, sealed with the same salt,
// does exactly what the saved one shows.
func CheckSaved(saved, now *Document) error {
	found := &StalePlanError{Carried: len(saved.Changes) > 0 && len(now.Changes) == 0 && now.More == nil}
	before := map[Address]DocumentChange{}
	for _, c := range saved.Changes {
		before[c.Address] = c
	}
	for _, c := range now.Changes {
		found.Differences = append(found.Differences, compareSaved(before[c.Address], c)...)
		delete(before, c.Address)
	}
	for _, c := range saved.Changes {
		if _, left := before[c.Address]; left {
			found.Differences = append(found.Differences, StaleError{Address: c.Address, Origin: c.Origin.origin(), Approved: string(c.Action), Found: "nothing of it: it is so already"})
		}
	}
	if len(found.Differences) == 0 && digest(saved) != digest(now) {
		found.Differences = []StaleError{{Address: "the order", Approved: "another order, or another stage to come", Found: "digest " + digest(now)}}
	}
	if len(found.Differences) > 0 {
		return found
	}
	return nil
}

// compareSaved compares what a saved plan shows of a change, the zero value if it
// shows none, with what would be done now.
func compareSaved(before, now DocumentChange) []StaleError {
	difference := func(attribute, approved, found string) StaleError {
		return StaleError{Address: now.Address, Origin: now.Origin.origin(), Attribute: attribute, Approved: approved, Found: found}
	}
	switch before.Action {
	case now.Action:
	case "":
		return []StaleError{difference("", "nothing of it", string(now.Action))}
	default:
		return []StaleError{difference("", string(before.Action), string(now.Action))}
	}
	var list []StaleError
	shown := map[string]string{}
	for _, a := range before.Attributes {
		shown[a.path()] = a.describe()
	}
	for _, a := range now.Attributes {
		was, ok := shown[a.path()]
		delete(shown, a.path())
		if !ok {
			was = "no change of it"
		}
		if was != a.describe() {
			list = append(list, difference(a.path(), hideSeals(was), hideSeals(a.describe())))
		}
	}
	for _, a := range before.Attributes {
		if was, left := shown[a.path()]; left {
			list = append(list, difference(a.path(), hideSeals(was), "no change of it"))
		}
	}
	return list
}

func (a DocumentAttribute) path() string { return strings.Join(a.Path, ".") }

// describe says an attribute in full, for a comparison.
func (a DocumentAttribute) describe() string {
	text := func(s *string) string {
		if s == nil {
			return "absent"
		}
		return fmt.Sprintf("%q", *s)
	}
	after := text(a.After)
	if len(a.Parts) > 0 {
		after = describeParts(a.Parts)
	}
	return text(a.Before) + " → " + after
}

func describeParts(parts []DocumentPart) string {
	var b strings.Builder
	for _, p := range parts {
		switch {
		case p.Secret != "":
			b.WriteString(Masked + strings.TrimPrefix(p.Literal, Masked))
		case p.Instance != "":
			fmt.Fprintf(&b, "(known after %s: %s)", p.Instance, p.Key)
		case p.Quoted != nil:
			b.WriteString(`"` + describeParts(p.Quoted) + `"`)
		default:
			b.WriteString(p.Literal)
		}
	}
	return b.String()
}

// hideSeals takes the seals out of a text that people read.
func hideSeals(s string) string {
	const digits = 2 * sha256.Size
	for {
		i := strings.Index(s, sealed)
		if i < 0 || len(s) < i+len(sealed)+digits {
			return s
		}
		s = s[:i] + Masked + s[i+len(sealed)+digits:]
	}
}

// origin is the other way round.
func (o *DocumentOrigin) origin() Origin {
	if o == nil {
		return Origin{}
	}
	return Origin{Stack: []Frame{{Position: Position{File: o.File, Line: o.Line, Col: o.Column}}}}
}
