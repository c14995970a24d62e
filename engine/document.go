package engine

import "slapstar/slap/credential"

// DocumentVersion is raised when a program that reads the JSON of a plan has to
// change for it.
const DocumentVersion = 1

// Masked stands for what is not to be shown.
const Masked = "(secret)"

// A Document is a plan as programs read it. docs/plan.schema.json describes its
// JSON. Changes are listed in order of declaration, those of action "no-op" only
// counted. It holds no secret, and no value that looks like a credential.
type Document struct {
	FormatVersion int               `json:"format_version"`
	Digest        string            `json:"digest"` // see [Plan.Digest]
	Pending       bool              `json:"pending"`
	CanApply      bool              `json:"can_apply"`
	Changes       []DocumentChange  `json:"changes"`
	Refusals      []DocumentRefusal `json:"refusals"`
	Notes         []DocumentNote    `json:"notes"`
	More          *DocumentMore     `json:"more,omitempty"`    // there is more, which depends on a value not known yet
	Partial       *DocumentPartial  `json:"partial,omitempty"` // something was left out
	Summary       DocumentSummary   `json:"summary"`
}

// A DocumentChange is a [Change].
type DocumentChange struct {
	Action     Action              `json:"action"`
	Address    Address             `json:"address"`
	Kind       string              `json:"kind"`               // "instance" or "software"
	Name       string              `json:"name"`               // of the instance, or the software release
	Computer   string              `json:"computer,omitempty"` // of software
	Cause      Cause               `json:"cause,omitempty"`
	Claim      string              `json:"claim,omitempty"`    // the pattern of owns, of what is no longer declared
	Revision   string              `json:"revision,omitempty"` // that declared what is no longer declared
	Origin     *DocumentOrigin     `json:"origin,omitempty"`
	Attributes []DocumentAttribute `json:"attributes"`
	Unreadable []string            `json:"unreadable,omitempty"` // what is declared and the Master does not tell
	DependsOn  []Address           `json:"depends_on"`
}

// A DocumentAttribute is an [Attribute].
type DocumentAttribute struct {
	Path      []string       `json:"path"`
	Before    *string        `json:"before"`                // null: absent
	After     *string        `json:"after"`                 // null: absent, or not known yet
	Parts     []DocumentPart `json:"after_parts,omitempty"` // of a value that is not known yet, or holds a secret
	Secret    bool           `json:"secret,omitempty"`      // what is not to be shown is "(secret)"
	Product   string         `json:"product,omitempty"`
	MayChange string         `json:"may_change,omitempty"` // the instance, changed too, that published the value
}

// A DocumentPart is a [Part].
type DocumentPart struct {
	Literal  string `json:"literal,omitempty"`
	Instance string `json:"instance,omitempty"`
	Key      string `json:"key,omitempty"`

	Secret string         `json:"secret,omitempty"` // its name
	Quoted []DocumentPart `json:"quoted,omitempty"` // the JSON string of these
}

// A DocumentMore is a [Boundary].
type DocumentMore struct {
	Instance string          `json:"instance"`
	Key      string          `json:"key"`
	Use      string          `json:"use"`
	Origin   *DocumentOrigin `json:"origin,omitempty"`
}

// A DocumentPartial is a [Partial].
type DocumentPartial struct {
	Targets  []string `json:"targets"`
	Excludes []string `json:"excludes"`
	LeftOut  int      `json:"left_out"`
}

// A DocumentOrigin is an [Origin].
type DocumentOrigin struct {
	File   string          `json:"file"`
	Line   int             `json:"line"`
	Column int             `json:"column"`
	Stack  []DocumentFrame `json:"stack,omitempty"` // outermost first, when there is more than one call
}

// A DocumentFrame is a [Frame].
type DocumentFrame struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
}

// A DocumentRefusal is a [Refusal].
type DocumentRefusal struct {
	Address Address         `json:"address"`
	Origin  *DocumentOrigin `json:"origin,omitempty"`
	Message string          `json:"message"`
	Hint    string          `json:"hint,omitempty"`
}

// A DocumentNote is a [Note].
type DocumentNote struct {
	Address Address         `json:"address"`
	Origin  *DocumentOrigin `json:"origin,omitempty"`
	Message string          `json:"message"`
}

// A DocumentSummary counts.
type DocumentSummary struct {
	Create     int `json:"create"`
	Update     int `json:"update"`
	Destroy    int `json:"destroy"`
	Unchanged  int `json:"unchanged"`
	Refused    int `json:"refused"`
	Undeclared int `json:"undeclared"` // instances on the Master that are in no file
	Unreadable int `json:"unreadable"` // resources of which the Master does not tell all that is declared
}

// Document returns the plan as programs read it. Its slices and maps are its own.
func (p *Plan) Document() *Document {
	d := p.document(mask)
	d.Digest = p.Digest()
	return d
}

// A masking says what stands for a value that looks like a credential.
type masking func(value string) string

func mask(string) string { return Masked }

func (p *Plan) document(hide masking) *Document {
	d := &Document{
		FormatVersion: DocumentVersion,
		Pending:       p.Pending(),
		CanApply:      p.CanApply(),
		Changes:       []DocumentChange{},
		Refusals:      []DocumentRefusal{},
		Notes:         []DocumentNote{},
		Summary: DocumentSummary{
			Create:     p.Count(Create),
			Update:     p.Count(Update),
			Destroy:    p.Count(Delete),
			Unchanged:  p.Count(NoOp),
			Refused:    len(p.Refusals),
			Undeclared: p.Undeclared,
			Unreadable: p.Unreadable(),
		},
	}
	if p.More != nil {
		d.More = &DocumentMore{p.More.Reference.Instance, p.More.Reference.Key, p.More.Use, documentOrigin(p.More.Origin)}
	}
	if p.Partial != nil {
		d.Partial = &DocumentPartial{append([]string{}, p.Partial.Targets...), append([]string{}, p.Partial.Excludes...), p.Partial.LeftOut}
	}
	for _, c := range p.Changes {
		if c.Pending() {
			d.Changes = append(d.Changes, c.document(hide))
		}
	}
	for _, r := range p.Refusals {
		d.Refusals = append(d.Refusals, DocumentRefusal{r.Address, documentOrigin(r.Origin), r.Message, r.Hint})
	}
	for _, n := range p.Notes {
		d.Notes = append(d.Notes, DocumentNote{n.Address, documentOrigin(n.Origin), n.Message})
	}
	return d
}

func (c *Change) document(hide masking) DocumentChange {
	d := DocumentChange{
		Action:     c.Action,
		Address:    c.Address(),
		Cause:      c.Cause,
		Revision:   c.Revision,
		Origin:     documentOrigin(c.Resource.Declared()),
		Attributes: []DocumentAttribute{},
		Unreadable: c.Unreadable,
		DependsOn:  append([]Address{}, c.DependsOn...),
	}
	switch r := c.Resource.(type) {
	case *Instance:
		d.Kind, d.Name = "instance", r.Name
	case *Software:
		d.Kind, d.Name, d.Computer = "software", r.SoftwareRelease, r.Computer
	}
	if c.Claim != nil {
		d.Claim = c.Claim.Pattern
	}
	for _, a := range c.Attributes {
		d.Attributes = append(d.Attributes, a.document(hide))
	}
	return d
}

// Sensitive reports whether the values of an attribute are not to be shown: one
// holds a secret, or looks like a credential.
func (a Attribute) Sensitive() bool { return a.HoldsSecret() || a.looksSecret() }

// HoldsSecret reports whether one of the values is or holds a secret of the files,
// which is never shown.
func (a Attribute) HoldsSecret() bool { return a.Hidden || a.After.HasSecret() }

func (a Attribute) looksSecret() bool {
	if a.Group != "parameters" {
		return false
	}
	if a.Credential || a.Before != nil && credential.Parameter(a.Name, *a.Before) {
		return true
	}
	return a.After != nil && credential.Parameter(a.Name, a.After.Display())
}

func (a Attribute) document(hide masking) DocumentAttribute {
	d := DocumentAttribute{Path: []string{a.Name}, Before: a.Before, Product: a.Product, MayChange: a.MayChange, Secret: a.Sensitive()}
	if a.Group != "" {
		d.Path = []string{a.Group, a.Name}
	}
	if a.HoldsSecret() {
		hide = mask // nothing of a secret is kept
	}
	hidden := func(value string) *string { value = hide(value); return &value }
	if d.Secret && d.Before != nil {
		d.Before = hidden(*d.Before)
	}
	value, known := a.After.Known()
	switch {
	case a.After == nil:
	case known && !a.After.HasSecret() && !a.looksSecret():
		d.After = &value
	case a.After.HasSecret(), !a.looksSecret():
		d.Parts = documentParts(a.After, hide)
	case known: // it looks like a credential
		d.After = hidden(value)
	default: // so does what is known of it
		d.Parts = documentParts(a.After.masked(), hide)
	}
	return d
}

// masked is t with a secret without a name in the place of all that is known.
func (t Text) masked() Text {
	hidden := make(Text, len(t))
	for i, p := range t {
		if hidden[i] = p; p.Reference == nil {
			hidden[i] = Part{Literal: p.Literal, Secret: Masked}
		}
	}
	return hidden
}

func documentParts(t Text, hide masking) []DocumentPart {
	var parts []DocumentPart
	for _, p := range t {
		part := DocumentPart{Literal: p.Literal, Secret: p.Secret}
		switch {
		case p.Secret != "":
			if part.Literal = hide(p.Literal); part.Literal == Masked {
				part.Literal = ""
			}
		case p.Reference != nil:
			part.Instance, part.Key = p.Reference.Instance, p.Reference.Key
		case p.Quoted != nil:
			part.Quoted = documentParts(p.Quoted, hide)
		}
		parts = append(parts, part)
	}
	return parts
}

func documentOrigin(o Origin) *DocumentOrigin {
	at := o.Position()
	d := &DocumentOrigin{File: at.File, Line: at.Line, Column: at.Col}
	if len(o.Stack) < 2 {
		return d
	}
	for _, f := range o.Stack {
		d.Stack = append(d.Stack, DocumentFrame{f.Function, f.Position.File, f.Position.Line, f.Position.Col})
	}
	return d
}
