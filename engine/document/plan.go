package document

import (
	"maps"
	"slices"

	"slapstar/engine"
	"slapstar/internal/mask"
)

// formatVersion is raised when a program that reads the JSON of a plan has to
// change for it.
const formatVersion = 2

// A Plan is an [engine.Plan] as programs read it. docs/plan.schema.json describes
// its JSON. Changes are listed in order of declaration, those of action "no-op" only
// counted, or listed apart. It holds no secret, and no value that looks like a credential.
type Plan struct {
	FormatVersion int       `json:"format_version"`
	Digest        string    `json:"digest"` // see [Digest]
	Context       Context   `json:"context"`
	Fingerprints  string    `json:"fingerprints,omitempty"` // of the key of the fingerprints: those of two keys are not to be compared
	Pending       bool      `json:"pending"`
	CanApply      bool      `json:"can_apply"`
	Changes       []Change  `json:"changes"`
	Unchanged     []Change  `json:"unchanged,omitzero"` // what stays as it is, if it is asked for: both values of each attribute are the same
	Refusals      []Refusal `json:"refusals"`
	Notes         []Note    `json:"notes"`
	More          *More     `json:"more,omitempty"`     // there is more, which depends on a value not known yet
	Partial       *Partial  `json:"partial,omitempty"`  // something was left out
	Withheld      []string  `json:"withheld,omitempty"` // names of secrets without which the plan was made
	NotCompared   []Value   `json:"not_compared,omitempty"`
	Policy        *Policy   `json:"policy,omitempty"` // what has judged it
	Summary       Summary   `json:"summary"`

	Comparison *Comparison `json:"comparison,omitempty"` // of two revisions: it is no plan for a Master
}

// A Change is an [engine.Change].
type Change struct {
	Action     engine.Action    `json:"action"`
	Address    engine.Address   `json:"address"`
	Kind       string           `json:"kind"`               // "instance" or "software"; "claim" where revisions are compared
	Name       string           `json:"name"`               // of the instance, or the software release, or the pattern of the claim
	Computer   string           `json:"computer,omitempty"` // of software
	Cause      engine.Cause     `json:"cause,omitempty"`
	Claim      string           `json:"claim,omitempty"`    // the pattern of owns, of what is no longer declared
	Revision   string           `json:"revision,omitempty"` // that declared what is no longer declared
	Origin     *Origin          `json:"origin,omitempty"`
	Attributes []Attribute      `json:"attributes"`
	Leaves     []Attribute      `json:"leaves"`               // the attributes, with documents taken apart
	Lost       *Lost            `json:"lost,omitempty"`       // of the instance that is destroyed
	Unreadable []string         `json:"unreadable,omitempty"` // what is declared and the Master does not tell
	DependsOn  []engine.Address `json:"depends_on"`
}

// A Lost is what is lost with an instance that is destroyed.
type Lost struct {
	SoftwareRelease string   `json:"software_release"`
	SoftwareType    string   `json:"software_type"`
	State           string   `json:"state"`
	Computer        string   `json:"computer"`
	Published       []string `json:"published"`                  // keys of connection parameters
	UsedBy          []string `json:"used_by"`                    // instances that have a published value in their parameters
	Perhaps         []string `json:"probably_used_by,omitempty"` // others of which what the Master has looks like that
}

// A Value is a parameter that was not compared, because a secret in it is withheld.
// Also those of unchanged resources are listed.
type Value struct {
	Address engine.Address `json:"address"`
	Path    []string       `json:"path"`
}

// A More is an [engine.Boundary].
type More struct {
	Instance string      `json:"instance"`
	Kind     engine.Kind `json:"kind,omitempty"` // see [Part]
	Key      string      `json:"key"`
	Path     engine.Path `json:"path,omitempty"`
	Secret   string      `json:"secret,omitempty"` // that is needed, where no instance is
	Use      string      `json:"use"`
	Origin   *Origin     `json:"origin,omitempty"`
	Also     []More      `json:"also,omitempty"` // boundaries further down
	Left     []Left      `json:"left,omitempty"` // what was left out further down
}

// Left is an [engine.Left].
type Left struct {
	Name   string  `json:"name,omitempty"`
	Rest   bool    `json:"rest,omitempty"`
	Origin *Origin `json:"origin,omitempty"`
}

// A Partial is an [engine.Partial].
type Partial struct {
	Targets  []string `json:"targets"`
	Excludes []string `json:"excludes"`
	LeftOut  int      `json:"left_out"`
}

// A Refusal is an [engine.Refusal].
type Refusal struct {
	Address engine.Address `json:"address"`
	Origin  *Origin        `json:"origin,omitempty"`
	Message string         `json:"message"`
	Hint    string         `json:"hint,omitempty"`
}

// A Note is an [engine.Note].
type Note struct {
	Address engine.Address `json:"address"`
	Origin  *Origin        `json:"origin,omitempty"`
	Message string         `json:"message"`
}

// A Summary counts.
type Summary struct {
	Create             int                  `json:"create"`
	Update             int                  `json:"update"`
	Destroy            int                  `json:"destroy"`
	Unchanged          int                  `json:"unchanged"`
	Refused            int                  `json:"refused"`
	Undeclared         int                  `json:"undeclared"`          // instances on the Master that are in no file
	UndeclaredSoftware int                  `json:"undeclared_software"` // releases in no file, on the nodes whose software was read
	Causes             map[engine.Cause]int `json:"causes"`              // of the changes that have one

	Unreadable int `json:"unreadable"` // resources of which the Master does not tell all that is declared
}

// New returns a plan as programs read it. Its slices and maps are its own.
func New(p *engine.Plan) *Plan {
	hidden := false
	d := newPlan(p, p.Options.Key, func(key mask.Key, value string) string {
		hidden = true
		return key.Hidden(value)
	})
	d.Digest = Digest(p)
	if hidden { // else the same plan has the same bytes, whatever the key is
		d.Fingerprints = p.Options.Key.At("the key itself").Fingerprint("")
	}
	return d
}

// A masking returns the text that stands for a value which looks like a credential.
type masking func(value string) string

// A hiding is how values are hidden with a key.
type hiding func(key mask.Key, value string) string

// at is how a value is hidden at the place of a leaf.
func (hide hiding) at(key mask.Key, c *engine.Change, a engine.Attribute, steps ...engine.Step) masking {
	key = key.At(string(c.Address()), a.Group, a.Name)
	for _, s := range steps {
		key = key.At(s.String())
	}
	return func(value string) string { return hide(key, value) }
}

// newPlan is New without the digest.
func newPlan(p *engine.Plan, key mask.Key, hide hiding) *Plan {
	d := &Plan{
		FormatVersion: formatVersion,
		Context:       Context{Master: p.Options.Master, Project: p.Options.Project, Entry: p.Options.Entry},
		Pending:       p.Pending(),
		CanApply:      p.CanApply(),
		Changes:       []Change{},
		Refusals:      []Refusal{},
		Summary: Summary{
			Create:             p.Count(engine.Create),
			Update:             p.Count(engine.Update),
			Destroy:            p.Count(engine.Delete),
			Unchanged:          p.Count(engine.NoOp),
			Refused:            len(p.Refusals),
			Undeclared:         p.Undeclared.Instances,
			UndeclaredSoftware: p.Undeclared.Software,
			Unreadable:         p.Unreadable(),
			Causes:             map[engine.Cause]int{},
		},
	}
	if p.More != nil {
		d.More = newMore(p.More)
		d.More.place(p.More)
	}
	if p.Partial != nil {
		d.Partial = &Partial{append([]string{}, p.Partial.Targets...), append([]string{}, p.Partial.Excludes...), p.Partial.LeftOut}
	}
	d.Withheld = append(d.Withheld, p.Withheld()...)
	for _, c := range p.Changes {
		if c.Pending() && c.Cause != "" {
			d.Summary.Causes[c.Cause]++
		}
		if c.Pending() {
			d.Changes = append(d.Changes, newChange(c, key, hide))
		}
		for _, a := range c.Attributes {
			if a.NotCompared {
				d.NotCompared = append(d.NotCompared, Value{c.Address(), []string{a.Group, a.Name}})
			}
		}
	}
	if p.Options.Unchanged {
		d.Unchanged = []Change{}
	}
	for _, c := range p.Unchanged {
		d.Unchanged = append(d.Unchanged, newChange(c, key, hide))
	}
	for _, r := range p.Refusals {
		d.Refusals = append(d.Refusals, Refusal{r.Address, newOrigin(r.Origin), r.Message, r.Hint})
	}
	d.Notes, d.Policy, d.Comparison = newNotes(p.Notes), newPolicy(p.Policies), newComparison(p)
	return d
}

func newChange(c *engine.Change, key mask.Key, hide hiding) Change {
	d := Change{
		Action:     c.Action,
		Address:    c.Address(),
		Cause:      c.Cause,
		Revision:   c.Revision,
		Origin:     newOrigin(c.Resource.Declared()),
		Attributes: []Attribute{},
		Leaves:     []Attribute{},
		Unreadable: c.Unreadable,
		DependsOn:  append([]engine.Address{}, c.DependsOn...),
	}
	switch r := c.Resource.(type) {
	case *engine.Instance:
		d.Kind, d.Name = "instance", r.Name
	case *engine.Software:
		d.Kind, d.Name, d.Computer = "software", r.SoftwareRelease, r.Computer
	case *engine.Claimed:
		d.Kind, d.Name = "claim", r.Claim.Pattern
	}
	if was := c.Current; was != nil && c.Action == engine.Delete {
		d.Lost = &Lost{was.SoftwareRelease, was.SoftwareType, was.State, was.Computer, append([]string{}, slices.Sorted(maps.Keys(was.ConnectionParameters))...), append([]string{}, c.UsedBy...), c.Perhaps}
	}
	if c.Claim != nil {
		d.Claim = c.Claim.Pattern
	}
	for _, a := range c.Attributes {
		d.Attributes = append(d.Attributes, newAttribute(a, hide.at(key, c, a)))
	}
	for _, l := range c.Leaves {
		d.Leaves = append(d.Leaves, newLeaf(l, hide.at(key, c, l.Attribute, l.At...)))
	}
	return d
}
