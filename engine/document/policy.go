package document

import (
	"cmp"
	"slices"
	"strings"

	"slapstar/engine"
)

// A Policy is an [engine.Policies]: what a plan was judged by.
type Policy struct {
	Files     []PolicyFile  `json:"files"`
	Context   Circumstances `json:"context"`
	Overrides []Override    `json:"overrides"`
}

// A PolicyFile is an [engine.PolicyFile].
type PolicyFile struct {
	Name string `json:"name"`
	Sum  string `json:"sum"` // SHA-256 of its text and of what it loads
}

// Circumstances are an [engine.Circumstances]: what policies were told of the run.
type Circumstances struct {
	Environment string `json:"environment"`
	Branch      string `json:"branch"`
	Command     string `json:"command"`
	Time        string `json:"time"`
	Weekday     string `json:"weekday"`
}

// An Override is an [engine.Override].
type Override struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
	Denied []Note `json:"denied"`
}

func newPolicy(p *engine.Policies) *Policy {
	if p == nil {
		return nil
	}
	c := p.Circumstances
	d := &Policy{Files: []PolicyFile{}, Overrides: []Override{}, Context: Circumstances{Environment: c.Environment, Branch: c.Branch, Command: c.Command, Time: c.Time}}
	if at, ok := c.Clock(); ok {
		d.Context.Weekday = at.Weekday
	}
	for _, f := range p.Files {
		d.Files = append(d.Files, PolicyFile(f))
	}
	for _, o := range p.Overrides {
		d.Overrides = append(d.Overrides, Override{o.Name, o.Reason, newNotes(o.Denied)})
	}
	return d
}

func newNotes(list []engine.Note) []Note {
	notes := []Note{}
	for _, n := range list {
		notes = append(notes, Note{n.Address, newOrigin(n.Origin), n.Message})
	}
	return notes
}

func (p *Policy) restore() *engine.Policies {
	if p == nil {
		return nil
	}
	c := p.Context
	e := &engine.Policies{Circumstances: engine.Circumstances{Environment: c.Environment, Branch: c.Branch, Command: c.Command, Time: c.Time}}
	for _, f := range p.Files {
		e.Files = append(e.Files, engine.PolicyFile(f))
	}
	for _, o := range p.Overrides {
		e.Overrides = append(e.Overrides, engine.Override{Name: o.Name, Reason: o.Reason, Denied: restoreNotes(o.Denied)})
	}
	return e
}

func restoreNotes(list []Note) []engine.Note {
	var notes []engine.Note
	for _, n := range list {
		notes = append(notes, engine.Note{Address: n.Address, Origin: n.Origin.origin(), Message: n.Message})
	}
	return notes
}

// An essentialPolicy is what a digest covers of the policies: their text, and what is
// carried out in spite of them. When and where they judged does not count.
type essentialPolicy struct {
	Sums      []string
	Overrides []essentialOverride
}

type essentialOverride struct{ Name, Reason string }

func newEssentialPolicy(p *engine.Policies) *essentialPolicy {
	if p == nil {
		return nil
	}
	e := &essentialPolicy{}
	for _, f := range p.Files {
		e.Sums = append(e.Sums, f.Sum)
	}
	e.Sums = sorted(e.Sums)
	for _, o := range p.Overrides {
		e.Overrides = append(e.Overrides, essentialOverride{exact(o.Name), exact(o.Reason)})
	}
	slices.SortFunc(e.Overrides, func(a, b essentialOverride) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Reason, b.Reason))
	})
	return e
}

// policyDifferences says which policies, and which overrides, are others than those of the
// approved plan.
func policyDifferences(approved, now *Policy) []Difference {
	var list []Difference
	add := func(what, then, found string) {
		if then != found {
			list = append(list, Difference{Address: engine.Address(what), Approved: then, Found: found})
		}
	}
	sums := func(p *Policy) string {
		if p == nil || len(p.Files) == 0 {
			return "none"
		}
		var all []string
		for _, f := range p.Files {
			all = append(all, f.Name+" "+f.Sum[:min(len(f.Sum), 12)])
		}
		return strings.Join(all, ", ")
	}
	overrides := func(p *Policy) string {
		if p == nil || len(p.Overrides) == 0 {
			return "none"
		}
		var all []string
		for _, o := range p.Overrides {
			all = append(all, o.Name+" ("+o.Reason+")")
		}
		return strings.Join(sorted(all), ", ")
	}
	add("the policies", sums(approved), sums(now))
	add("the overrides of policies", overrides(approved), overrides(now))
	return list
}
