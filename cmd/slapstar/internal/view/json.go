package view

import (
	"encoding/json"
	"io"

	"slapstar/engine"
)

// formatVersion is raised when a program that reads the JSON of a plan has to
// change for it.
const formatVersion = 1

// The shape of a plan in JSON. Changes are listed in order of declaration, those
// of action "no-op" only counted.
type (
	planJSON struct {
		FormatVersion int           `json:"format_version"`
		Pending       bool          `json:"pending"`
		CanApply      bool          `json:"can_apply"`
		Changes       []changeJSON  `json:"changes"`
		Refusals      []refusalJSON `json:"refusals"`
		Notes         []noteJSON    `json:"notes"`
		More          *moreJSON     `json:"more,omitempty"` // there is more, which depends on a value not known yet
		Summary       summaryJSON   `json:"summary"`
	}
	changeJSON struct {
		Action     engine.Action    `json:"action"`
		Address    engine.Address   `json:"address"`
		Kind       string           `json:"kind"`               // "instance" or "software"
		Name       string           `json:"name"`               // of the instance, or the software release
		Computer   string           `json:"computer,omitempty"` // of software
		Claim      string           `json:"claim,omitempty"`    // the pattern of owns, of what is no longer declared
		Origin     originJSON       `json:"origin"`
		Attributes []attributeJSON  `json:"attributes"`
		DependsOn  []engine.Address `json:"depends_on"`
	}
	attributeJSON struct {
		Path    []string   `json:"path"`
		Before  *string    `json:"before"`                // null: absent
		After   *string    `json:"after"`                 // null: absent, or not known yet
		Unknown []partJSON `json:"after_parts,omitempty"` // of a value that is not known yet, or holds a secret
		Secret  bool       `json:"secret,omitempty"`      // what is not to be shown is "(secret)"
		Product string     `json:"product,omitempty"`
	}
	partJSON struct {
		Literal  string `json:"literal,omitempty"`
		Instance string `json:"instance,omitempty"`
		Key      string `json:"key,omitempty"`

		Secret string     `json:"secret,omitempty"` // its name
		Quoted []partJSON `json:"quoted,omitempty"` // the JSON string of these
	}
	moreJSON struct {
		Instance string     `json:"instance"`
		Key      string     `json:"key"`
		Use      string     `json:"use"`
		Origin   originJSON `json:"origin"`
	}
	originJSON struct {
		File   string      `json:"file"`
		Line   int         `json:"line"`
		Column int         `json:"column"`
		Stack  []frameJSON `json:"stack,omitempty"` // outermost first, when there is more than one call
	}
	frameJSON struct {
		Function string `json:"function"`
		File     string `json:"file"`
		Line     int    `json:"line"`
		Column   int    `json:"column"`
	}
	refusalJSON struct {
		Address engine.Address `json:"address"`
		Origin  originJSON     `json:"origin"`
		Message string         `json:"message"`
		Hint    string         `json:"hint,omitempty"`
	}
	noteJSON struct {
		Address engine.Address `json:"address"`
		Origin  originJSON     `json:"origin"`
		Message string         `json:"message"`
	}
	summaryJSON struct {
		Create     int `json:"create"`
		Update     int `json:"update"`
		Destroy    int `json:"destroy"`
		Unchanged  int `json:"unchanged"`
		Refused    int `json:"refused"`
		Undeclared int `json:"undeclared"` // instances on the Master that are in no file
	}
)

// PlanJSON writes a plan as one JSON document.
func PlanJSON(w io.Writer, p *engine.Plan) error {
	doc := planJSON{
		FormatVersion: formatVersion,
		Pending:       p.Pending(),
		CanApply:      p.CanApply(),
		Changes:       []changeJSON{},
		Refusals:      []refusalJSON{},
		Notes:         []noteJSON{},
		Summary: summaryJSON{
			Create:     p.Count(engine.Create),
			Update:     p.Count(engine.Update),
			Destroy:    p.Count(engine.Delete),
			Unchanged:  p.Count(engine.NoOp),
			Refused:    len(p.Refusals),
			Undeclared: p.Undeclared,
		},
	}
	if p.More != nil {
		doc.More = &moreJSON{p.More.Reference.Instance, p.More.Reference.Key, p.More.Use, newOriginJSON(p.More.Origin)}
	}
	for _, c := range p.Changes {
		if c.Pending() {
			doc.Changes = append(doc.Changes, newChangeJSON(c))
		}
	}
	for _, r := range p.Refusals {
		doc.Refusals = append(doc.Refusals, refusalJSON{r.Address, newOriginJSON(r.Origin), r.Message, r.Hint})
	}
	for _, n := range p.Notes {
		doc.Notes = append(doc.Notes, noteJSON{n.Address, newOriginJSON(n.Origin), n.Message})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}

func newChangeJSON(c *engine.Change) changeJSON {
	doc := changeJSON{
		Action:     c.Action,
		Address:    c.Address(),
		Origin:     newOriginJSON(c.Resource.Declared()),
		Attributes: []attributeJSON{},
		DependsOn:  append([]engine.Address{}, c.DependsOn...),
	}
	switch r := c.Resource.(type) {
	case *engine.Instance:
		doc.Kind, doc.Name = "instance", r.Name
	case *engine.Software:
		doc.Kind, doc.Name, doc.Computer = "software", r.SoftwareRelease, r.Computer
	}
	if c.Claim != nil {
		doc.Claim = c.Claim.Pattern
	}
	for _, a := range c.Attributes {
		doc.Attributes = append(doc.Attributes, newAttributeJSON(a))
	}
	return doc
}

func newAttributeJSON(a engine.Attribute) attributeJSON {
	doc := attributeJSON{Path: []string{a.Name}, Before: a.Before, Product: a.Product}
	if a.Group != "" {
		doc.Path = []string{a.Group, a.Name}
	}
	value, known := a.After.Known()
	doc.Secret = a.After.HasSecret()
	if doc.Secret && doc.Before != nil {
		masked := "(secret)"
		doc.Before = &masked
	}
	switch {
	case a.After == nil:
	case known && !doc.Secret:
		doc.After = &value
	default:
		doc.Unknown = newPartsJSON(a.After)
	}
	return doc
}

func newPartsJSON(t engine.Text) []partJSON {
	var parts []partJSON
	for _, p := range t {
		part := partJSON{Literal: p.Literal, Secret: p.Secret}
		switch {
		case p.Secret != "":
			part.Literal = ""
		case p.Reference != nil:
			part.Instance, part.Key = p.Reference.Instance, p.Reference.Key
		case p.Quoted != nil:
			part.Quoted = newPartsJSON(p.Quoted)
		}
		parts = append(parts, part)
	}
	return parts
}

func newOriginJSON(o engine.Origin) originJSON {
	at := o.Position()
	doc := originJSON{File: at.File, Line: at.Line, Column: at.Col}
	if len(o.Stack) < 2 {
		return doc
	}
	for _, f := range o.Stack {
		doc.Stack = append(doc.Stack, frameJSON{f.Function, f.Position.File, f.Position.Line, f.Position.Col})
	}
	return doc
}
