package engine

import (
	"slices"

	"slapstar/internal/mask"
	"slapstar/slap"
)

// A Plan is the difference between a Config and a State, in order of
// declaration. It is plain data: the same inputs give the same plan.
type Plan struct {
	Options    Options // that it was made with
	Changes    []*Change
	Declared   *Config   // what was compared
	More       *Boundary // not nil: there is more, which is known when this is done
	Refusals   []Refusal
	Notes      []Note
	Undeclared Undeclared
	Partial    *Partial  // nil: nothing is left out
	Digest     string    // of a plan that was read from a file; empty: it is made when it is asked for
	Unseen     *Boundary // of a plan that destroys: more may be declared after it, which stays
	Policies   *Policies // that judged it; nil: none did
	Unchanged  []*Change // what stays as it is, with its values, if [Options.Unchanged] asks for that
}

// Undeclared counts what is on the Master and in no file.
type Undeclared struct {
	Instances int
	Software  int // releases on the compute nodes whose software was read
}

// A Note is something that a declaration asks for and that no change brings
// about, although nothing is wrong with the rest.
type Note struct {
	Address Address
	Origin  Origin
	Message string
}

// Pending reports whether there is anything to do, now or when more is known.
func (p *Plan) Pending() bool {
	return p.More != nil || slices.ContainsFunc(p.Changes, (*Change).Pending)
}

// instances are the declarations of the instances that the plan changes, or not.
func (p *Plan) instances() []*Instance {
	var list []*Instance
	for _, c := range p.Changes {
		if i, ok := c.Resource.(*Instance); ok {
			list = append(list, i)
		}
	}
	return list
}

// LeavesUnseen reports whether a plan destroys an instance on whose value further
// declarations depend, which stay.
func (p *Plan) LeavesUnseen() bool {
	return p.Unseen != nil && slices.ContainsFunc(p.Changes, func(c *Change) bool {
		return c.Pending() && c.Address() == InstanceAddress(p.Unseen.Reference.Instance)
	})
}

// CanApply reports whether nothing in the plan is refused.
func (p *Plan) CanApply() bool { return len(p.Refusals) == 0 }

// Count returns the number of changes with an action.
func (p *Plan) Count(a Action) int {
	n := 0
	for _, c := range p.Changes {
		if c.Action == a {
			n++
		}
	}
	return n
}

// undeclaredSoftware counts what stays on the nodes although no file declares it.
func (p *planning) undeclaredSoftware() int {
	shown := p.byAddress()
	others := map[Address]bool{}
	for _, c := range p.Options.others() {
		for _, s := range c.Software() {
			others[s.Address()] = true
		}
	}
	n := 0
	for computer, releases := range p.state.Software {
		for release, state := range releases {
			address := (&Software{Computer: computer, SoftwareRelease: release}).Address()
			if state != slap.Destroyed && shown[address] == nil && !others[address] {
				n++
			}
		}
	}
	return n
}

// Unreadable returns the number of resources of which the Master does not tell all
// that is declared.
func (p *Plan) Unreadable() int {
	n := 0
	for _, c := range p.Changes {
		if len(c.Unreadable) > 0 {
			n++
		}
	}
	return n
}

// Options are what a plan may be told besides.
type Options struct {
	Master           string    // whose State is compared, as people are to see it; may be empty
	Entry            string    // the entry file of the Config, relative to its root; may be empty
	Project          string    // in which the client works; empty: none was named
	Key              mask.Key  // of the fingerprints of what is not shown
	AllowMassDestroy bool      // of what is owned and no longer declared
	Destroy          bool      // of all that the files declare, instead of what they ask for
	Untrusted        bool      // the files are a stranger's: a piece of a credential is not compared, and nothing is written
	Judged           Judgement // of the parameters that are declared
	Unchanged        bool      // the values of what stays as it is are wanted
	Selection
	Since *Revision // nil: nothing is compared with what the files said before
	Base  *Revision // what was protected there is not forgotten; nil: there is none

	Others []*Config // what other files declare on this Master: that is in a file, too
}

// A Revision is what the files declared earlier. What they no longer declare is
// to be destroyed, and the cause of a change can be told.
type Revision struct {
	Name   string  // as it was asked for, such as HEAD~1
	Config *Config // nil: it declares nothing
	Fork   *Fork   // nil: what is planned comes after the revision
}

// A Fork is where what is planned and an earlier revision part: what that declares and the
// fork does not was added there since.
type Fork struct {
	Config *Config // nil: it declares nothing
	Behind int     // commits of the revision after the fork
}

// planning is the state of one NewPlan.
type planning struct {
	*Plan
	config   *Config
	state    *State
	declared map[string]*Instance // by name
	earlier  map[string]*Instance // declared at an earlier revision

	blind bool // it was said that one may not look at what a full Master allocates

	moving map[string]bool // the names of the instances that are updated

	claims     Ownership // what is destroyed unless it is declared
	protection Ownership // the same, also where all that is declared is destroyed
}

// NewPlan compares. The only error is a cycle of dependencies.
func NewPlan(c *Config, s *State, o Options) (*Plan, error) {
	if o.Untrusted {
		c = c.withoutPieces()
	}
	unseen, protection := (*Boundary)(nil), c.Ownership(s)
	if o.Destroy {
		unseen, c = c.More, c.destroyed()
	}
	p := &planning{Plan: &Plan{Options: o, Declared: c, More: c.More, Unseen: unseen}, config: c, state: s, declared: byName(c), earlier: map[string]*Instance{},
		claims: c.Ownership(s), protection: protection}
	if o.Since != nil {
		p.earlier = byName(o.Since.Config)
	}
	s.adopt(c.Instances()...)
	odd := s.oddities()
	for _, r := range c.Resources {
		var change *Change
		var refused []Refusal
		switch r := r.(type) {
		case *Instance:
			change, refused = p.planInstance(r)
			p.note(r, unread(r, s), nameTaken(r, s), stays(r, change), inert(r, change, s), notCarriedOut(r, change), odd[r.Name], p.created(r, change), projectless(r, s), unpublished(change, s), otherForm(r, change))
		case *Software:
			change, refused = planSoftware(r, s)
			p.note(r, p.unused(r))
		}
		p.Changes = append(p.Changes, change)
		for _, r := range refused {
			r.Address, r.Origin = change.Address(), change.Resource.Declared()
			p.Refusals = append(p.Refusals, r)
		}
	}
	owned := p.prune(o)
	p.keepProtected(o)
	p.refuseJudged()
	p.noteNames()
	p.refuseUsedSoftware()
	p.refuseBoundary()
	p.Undeclared = Undeclared{Instances: p.undeclaredInstances(), Software: p.undeclaredSoftware()}
	p.markMayChange()
	if o.Unchanged {
		p.listUnchanged()
	}
	p.hideSecrets()
	p.findUsers()
	p.noteRenames()
	p.noteUnseen()
	if err := p.order(); err != nil {
		return nil, err
	}
	whole := slices.Clone(p.Changes)
	p.choose(o.Selection)
	p.noteJudged()
	p.brake(whole, owned, o.AllowMassDestroy)
	return p.Plan, nil
}

func byName(c *Config) map[string]*Instance {
	m := map[string]*Instance{}
	for _, i := range c.Instances() {
		m[i.Name] = i
	}
	return m
}

// destroyed is c with the end of all that it declares.
func (c *Config) destroyed() *Config {
	end := &Config{Reads: c.Reads, Published: c.Published}
	for _, r := range c.Resources {
		switch r := r.(type) {
		case *Instance:
			gone := *r
			gone.State, gone.StateGiven, gone.WaitFor = slap.Destroyed, true, nil
			end.Resources = append(end.Resources, &gone)
		case *Software:
			gone := *r
			gone.State = slap.Destroyed
			end.Resources = append(end.Resources, &gone)
		}
	}
	return end
}

// undeclaredInstances counts those that no file declares and no claim covers.
func (p *planning) undeclaredInstances() int {
	gone, others := p.byAddress(), newElsewhere(p.Options.others(), p.state)
	n := 0
	for _, name := range p.state.Names() {
		current, read := p.state.Instances[name]
		owned := p.config.More == nil && p.claims.Claim(name) != nil
		if gone[InstanceAddress(name)] == nil && !owned && !others.has(name) && (!read || current.State != slap.Destroyed) {
			n++
		}
	}
	return n
}
