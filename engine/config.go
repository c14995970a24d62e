package engine

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"slapstar/slap"
)

// An Address names a resource for people and for the plan; it is unique in a
// Config.
type Address string

// A Resource is something that a file declares: an [Instance] or a [Software].
type Resource interface {
	Address() Address
	Declared() Origin
}

// A Config is what the files declare, in order of declaration.
type Config struct {
	Resources []Resource
	Claims    []Claim
	Outputs   []*FileOutput // what the files make for other tools, in order of declaration
	Reads     []string      // instances that the files read and do not declare, each once
	Published []Published   // credentials that the evaluation was given of what is published, each once
	Secrets   []Part        // secrets that the evaluation was given, each once
	Withheld  []string      // names of the secrets that the evaluation asked for and was not given
	Inputs    []string      // names of the inputs that the files asked for, secrets included
	Asked     []Input       // the same, with what the files say of each, once
	More      *Boundary     // not nil: there is more, which depends on a value not known yet
}

// A Boundary is where an evaluation ended because a value was needed that is
// not known yet, or a secret that is withheld. What was declared before is a stage, with
// what is declared further down and does not depend on it.
type Boundary struct {
	Reference Reference
	Secret    string // not empty: the secret that is needed, and no Reference
	Use       string // what needs the value, such as ==
	Origin    Origin // where

	Beyond int        // how many of the last resources of the Config are declared further down
	Also   []Boundary // further down, of what does not depend on this one; without more of these
	Left   []Left     // what was left out further down
}

// All are the boundary and those further down.
func (b *Boundary) All() []Boundary {
	if b == nil {
		return nil
	}
	return append([]Boundary{*b}, b.Also...)
}

// Left is a statement that was not evaluated, since it depends on a boundary, or may.
type Left struct {
	Position Position // of the statement
	Name     string   // of what it uses; empty: no name says why
	Rest     bool     // nor was all that follows it
}

// A Claim says that instances whose names match a pattern are those of the
// files: one that they do not declare is to be destroyed.
type Claim struct {
	Pattern string   // as [path.Match] has it, or a name: see [Ownership]
	But     []string // patterns or names of those that the claim does not cover
	Protect []string // patterns or names of those that are not destroyed
	Origin  Origin
}

// An Instance is a declared instance tree.
type Instance struct {
	Name            string
	SoftwareRelease string // URL
	Product         string // the product that gave the URL, or empty
	SoftwareType    string
	State           string // slap.Started, Stopped or Destroyed
	StateGiven      bool   // the file says the state; it is the default otherwise
	Shared          bool
	Parameters      map[string]Text
	Typed           map[string]any     // of parameters that travel as text: what the file gives as no text, a json.Number, a bool or nil
	Serialisation   slap.Serialisation // how the file says that the parameters travel; empty: it does not
	SLA             map[string]string
	SLALater        map[string]Text // the part of the SLA that is not known yet
	SLASources      map[string]Text // of the SLA what says where it comes from
	Project         string          // reference of its project on a full Master; empty: that of the client, or where it is
	Origin          Origin

	DependsOn     []string      // names of instances whose changes go first
	Protect       bool          // a plan that would destroy it is refused
	IgnoreChanges []string      // attribute paths, see [ParseAttributePath], of which the Master's value counts
	WaitFor       []Reference   // of itself, with nothing else than Key and Path: without these an apply is not ready
	Timeout       time.Duration // of waiting for this instance; 0 is that of the apply
}

// Address implements [Resource].
func (i *Instance) Address() Address { return InstanceAddress(i.Name) }

// Declared implements [Resource].
func (i *Instance) Declared() Origin { return i.Origin }

// awaited is WaitFor, with the name and the place of the instance.
func (i *Instance) awaited() []Reference {
	var list []Reference
	for _, r := range i.WaitFor {
		r.Instance, r.Position = i.Name, i.Origin.Position()
		list = append(list, r)
	}
	return list
}

// sla is all of the SLA.
func (i *Instance) sla() map[string]Text {
	all := maps.Clone(i.SLALater)
	if all == nil {
		all = map[string]Text{}
	}
	for key, value := range i.SLA {
		all[key] = Literal(value)
	}
	return all
}

// Needs are the values to come that the declaration needs, and what it waits for.
func (i *Instance) Needs() []Reference { return slices.Concat(i.references(), i.awaited()) }

// references are the values to come that the declaration needs.
func (i *Instance) references() []Reference {
	var list []Reference
	for _, texts := range []map[string]Text{i.SLALater, i.Parameters} {
		for _, key := range slices.Sorted(maps.Keys(texts)) {
			list = append(list, texts[key].References()...)
		}
	}
	return list
}

// InstanceAddress returns the address of the instance of that name.
func InstanceAddress(name string) Address { return Address("instance " + name) }

// A Software is a declared software installation on a compute node.
type Software struct {
	SoftwareRelease string // URL
	Product         string // the product that gave the URL, or empty
	Computer        string
	State           string // slap.Available or Destroyed
	Origin          Origin
}

// Address implements [Resource].
func (s *Software) Address() Address {
	return Address(fmt.Sprintf("software %s on %s", s.SoftwareRelease, s.Computer))
}

// Declared implements [Resource].
func (s *Software) Declared() Origin { return s.Origin }

// Instances returns the declared instances, in order.
func (c *Config) Instances() []*Instance { return only[*Instance](c) }

// Software returns the declared software installations, in order.
func (c *Config) Software() []*Software { return only[*Software](c) }

func only[T Resource](c *Config) []T {
	var list []T
	for _, r := range c.Resources {
		if wanted, ok := r.(T); ok {
			list = append(list, wanted)
		}
	}
	return list
}

// ParseTimeout reads a time such as 90s or 10m; it must be positive.
func ParseTimeout(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return 0, fmt.Errorf("got %q, want a time with its unit, such as \"30s\" or \"10m\"", s)
	}
	return d, nil
}

// Timeout returns a time of some seconds.
func Timeout(seconds float64) time.Duration { return time.Duration(seconds * float64(time.Second)) }

// ParseAttributePath checks the path of an attribute as ignore_changes takes it:
// software_release, software_type, state, parameters, parameters.KEY, sla or
// sla.KEY.
func ParseAttributePath(s string) error {
	for _, group := range []string{"parameters.", "sla."} {
		if len(s) > len(group) && s[:len(group)] == group {
			return nil
		}
	}
	if slices.Contains(attributePaths, s) {
		return nil
	}
	return fmt.Errorf("got %q, want one of %s, parameters.KEY, sla.KEY", s, Quoted(attributePaths))
}

// attributePaths are those without a key.
var attributePaths = []string{"parameters", "sla", "software_release", "software_type", "state"}

// AttributePaths returns the paths that ignore_changes takes, but for those with
// a key.
func AttributePaths() []string { return slices.Clone(attributePaths) }
