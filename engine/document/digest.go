package document

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"slapstar/engine"
	"slapstar/internal/mask"
)

// digestVersion begins a digest. It is raised when a digest covers more, or something
// else.
const (
	digestNumber  = "3"
	digestVersion = "v" + digestNumber + "-"
)

// CheckDigest returns an error for a text that is no digest of this version.
func CheckDigest(digest string) error {
	sum, ok := strings.CutPrefix(digest, digestVersion)
	switch isSum := func(s string) bool { data, err := hex.DecodeString(s); return err == nil && len(data) == sha256.Size }; {
	case ok && isSum(sum):
		return nil
	case isSum(digest):
		return fmt.Errorf("%s is a digest of version 1, and this slapstar makes version "+digestNumber+", which covers more", digest)
	case strings.HasPrefix(digest, "v") && strings.Contains(digest, "-"):
		version, _, _ := strings.Cut(digest[1:], "-")
		if version != digestNumber {
			return fmt.Errorf("%q is a digest of version %s, and this slapstar makes version "+digestNumber, digest, version)
		}
	}
	return fmt.Errorf("got %q, want a digest: "+digestVersion+" and 64 hexadecimal digits", digest)
}

// Digest identifies what a plan does: "v3-" and 64 hexadecimal digits, the same for
// the same plan on any machine. Two plans whose applies would differ in a write have
// different digests. It covers the Master, the entry file, the options, all that is
// written with what the Master has where that differs, credentials included, what
// protects instances, what is refused, what is to come, and the policies that have judged
// with what is carried out in spite of them. It does not cover where
// the files declare it, in which order, nor causes and notes.
//
// A secret of the files counts by its name and its place, so that the digest is the same
// with and without the secrets. With a stable key, see [mask.Key], the values of those
// that are there count as well.
func Digest(p *engine.Plan) string {
	if p.Digest != "" {
		return p.Digest
	}
	data, err := json.Marshal(newEssence(p))
	if err != nil {
		panic(fmt.Sprintf("document: a plan has no JSON: %v", err)) // it is made of text and numbers
	}
	sum := sha256.Sum256(data)
	return digestVersion + hex.EncodeToString(sum[:])
}

// SecretValues returns the number of values in a plan that its digest does not cover,
// since they hold secrets of the files.
func SecretValues(p *engine.Plan) int {
	if p.Options.Key.Stable {
		return 0
	}
	n := 0
	for _, c := range p.Changes {
		if !c.Pending() {
			continue
		}
		for _, t := range written(c) {
			if t.Guarded() {
				n++
			}
		}
	}
	return n
}

// An essence is what a digest covers.
type essence struct {
	Master, Entry string
	Project       string // in which the client works
	Options       essentialOptions
	Claims        []essentialClaim
	Declared      []essentialDeclaration
	Changes       []essentialChange
	Refused       []engine.Address
	More          *More
	Policy        *essentialPolicy `json:",omitempty"` // nil: none has judged
}

type essentialClaim struct {
	Pattern string
	Protect []string
	But     []string `json:",omitempty"`
}

type essentialOptions struct {
	AllowMassDestroy, Destroy, Since bool
	Targets, Excludes                []string
}

// An essentialDeclaration is what a file says about an instance, changed or not, besides
// its attributes.
type essentialDeclaration struct {
	Address       engine.Address
	Protect       bool
	DependsOn     []string
	IgnoreChanges []string
	WaitFor       []string
	Timeout       string
}

type essentialChange struct {
	Action  engine.Action
	Address engine.Address
	Product string
	Write   map[string][]essentialPart // all that is sent, by path
	Before  map[string]*string         // what differs, as the Master has it; null: it has none
}

// An essentialPart is one of these: text, a secret, a value to come, the JSON string of
// parts, or a function of them.
type essentialPart struct {
	Text          string          `json:",omitempty"`
	Secret        string          `json:",omitempty"`
	Sum           string          `json:",omitempty"` // of the secret
	Instance, Key string          `json:",omitempty"`
	Kind          engine.Kind     `json:",omitempty"`
	Path          engine.Path     `json:",omitempty"`
	JSON          bool            `json:",omitempty"`
	Quoted        []essentialPart `json:",omitempty"`
	Function      string          `json:",omitempty"`
	Args          []string        `json:",omitempty"`
	Of            []essentialPart `json:",omitempty"` // what the function is of
}

func newEssence(p *engine.Plan) *essence {
	o := p.Options
	e := &essence{Master: o.Master, Entry: o.Entry, Project: o.Project, Options: essentialOptions{o.AllowMassDestroy, o.Destroy, o.Since != nil, sorted(o.Targets), sorted(o.Excludes)}}
	e.Policy = newEssentialPolicy(p.Policies)
	if p.Declared != nil {
		for _, c := range p.Declared.Claims {
			e.Claims = append(e.Claims, essentialClaim{c.Pattern, sorted(c.Protect), sorted(c.But)})
		}
		for _, i := range p.Declared.Instances() {
			d := essentialDeclaration{i.Address(), i.Protect, sorted(i.DependsOn), sorted(i.IgnoreChanges), sorted(awaited(i)), i.Timeout.String()}
			if d.Protect || len(d.DependsOn)+len(d.IgnoreChanges)+len(d.WaitFor) > 0 || i.Timeout != 0 {
				e.Declared = append(e.Declared, d)
			}
		}
	}
	slices.SortFunc(e.Claims, func(a, b essentialClaim) int {
		return cmp.Or(cmp.Compare(a.Pattern, b.Pattern), slices.Compare(a.Protect, b.Protect), slices.Compare(a.But, b.But))
	})
	slices.SortFunc(e.Declared, func(a, b essentialDeclaration) int { return cmp.Compare(a.Address, b.Address) })
	for _, c := range p.Changes {
		if d, ok := newEssentialChange(c, o.Key); ok {
			e.Changes = append(e.Changes, d)
		}
	}
	slices.SortFunc(e.Changes, func(a, b essentialChange) int { return cmp.Compare(a.Address, b.Address) })
	for _, r := range p.Refusals {
		e.Refused = append(e.Refused, r.Address)
	}
	e.Refused = sorted(e.Refused)
	if p.More != nil {
		e.More = newMore(p.More)
	}
	return e
}

func sorted[T cmp.Ordered](list []T) []T { return slices.Sorted(slices.Values(list)) }

// secretsOnly is the action of a change that there is, or not, depending on the values of
// secrets.
const secretsOnly engine.Action = "write if a secret differs"

// newEssentialChange reports false for a change that writes nothing, whatever the values
// of secrets are.
func newEssentialChange(c *engine.Change, key mask.Key) (essentialChange, bool) {
	d := essentialChange{Action: c.Action, Address: c.Address(), Write: map[string][]essentialPart{}, Before: map[string]*string{}}
	for _, a := range c.Attributes {
		if a.Product != "" {
			d.Product = a.Product
		}
		if c.Action == engine.Create || mayBeSame(a) && (!key.Stable || a.NotCompared) {
			continue
		}
		before := a.Before
		if before != nil && a.Name == "_" { // which is compared as JSON
			text := canonical(*before)
			before = &text
		}
		if before != nil {
			text := exact(*before)
			before = &text
		}
		d.Before[path(a)] = before
	}
	write := written(c)
	secrets := false
	for at, t := range write {
		d.Write[at] = essentialParts(t, key)
		secrets = secrets || t.Guarded()
	}
	if c.Pending() && len(d.Before) > 0 || c.Action == engine.Create || c.Action == engine.Delete {
		return d, c.Pending()
	}
	d.Action = secretsOnly
	return d, secrets && !key.Stable
}

// mayBeSame reports whether a value that holds a secret is what the Master has, or not,
// depending on the secret.
func mayBeSame(a engine.Attribute) bool {
	return a.After.Guarded() && a.Before != nil && engine.NotCompared(a.Name, a.After.WithoutSecrets(), *a.Before)
}

func path(a engine.Attribute) string {
	if a.Group == "" {
		return a.Name
	}
	return a.Group + "." + exact(a.Name)
}

func exactAll(list []string) []string {
	all := make([]string, len(list))
	for i, s := range list {
		all[i] = exact(s)
	}
	return all
}

// exact is a text of which JSON keeps all bytes.
func exact(s string) string { return strconv.QuoteToASCII(s) }

// written are all values that a change sends, by path.
func written(c *engine.Change) map[string]engine.Text {
	list := map[string]engine.Text{}
	switch r := c.Resource.(type) {
	case *engine.Software:
		list["state"] = engine.Literal(r.State)
	case *engine.Instance:
		if c.Action == engine.Delete && c.Current != nil { // it is repeated, with another state
			current := c.Current.InstanceRequest
			r = &engine.Instance{SoftwareRelease: current.SoftwareRelease, SoftwareType: current.SoftwareType, Shared: current.Shared, SLA: current.SLA, State: "destroyed", Parameters: map[string]engine.Text{}}
			for key, value := range current.Parameters {
				r.Parameters[key] = engine.Literal(value)
			}
		}
		list["software_release"], list["software_type"], list["state"] = engine.Literal(r.SoftwareRelease), engine.Literal(r.SoftwareType), engine.Literal(r.State)
		list["shared"] = engine.Literal(fmt.Sprint(r.Shared))
		if r.Project != "" {
			list["project"] = engine.Literal(r.Project)
		}
		for key, t := range r.SLALater {
			list[path(engine.Attribute{Group: "sla", Name: key})] = t
		}
		for key, value := range r.SLA {
			list[path(engine.Attribute{Group: "sla", Name: key})] = engine.Literal(value)
		}
		for key, t := range r.Parameters {
			list[path(engine.Attribute{Group: "parameters", Name: key})] = t.Plain()
		}
	}
	return list
}

// essentialParts takes known text together, whatever it was made of.
func essentialParts(t engine.Text, key mask.Key) []essentialPart {
	parts := []essentialPart{}
	known := "" // text that is not in parts yet
	add := func(p essentialPart) {
		if known != "" {
			parts = append(parts, essentialPart{Text: exact(known)})
		}
		known = ""
		if p.Secret != "" || p.Instance != "" || p.Quoted != nil || p.Function != "" {
			parts = append(parts, p)
		}
	}
	for _, p := range t {
		switch value, isKnown := (engine.Text{p}).Known(); {
		case p.Derived != nil: // a digest of the result could be searched for
			add(essentialPart{Function: p.Derived.Name, Args: exactAll(p.Derived.Args), Of: essentialParts(p.Derived.Of, key)})
		case p.Secret != "" && key.Stable && !p.Withheld:
			add(essentialPart{Secret: p.Secret, Sum: key.Sum(p.Literal)})
		case p.Secret != "":
			add(essentialPart{Secret: p.Secret})
		case p.Reference != nil:
			r := p.Reference
			add(essentialPart{Instance: r.Instance, Kind: r.Kind, Key: r.Key, Path: r.Path, JSON: r.JSON})
		case p.Quoted != nil && (!isKnown || p.Quoted.HasSecret()):
			add(essentialPart{Quoted: essentialParts(p.Quoted, key)})
		default:
			known += value
		}
	}
	add(essentialPart{})
	return parts
}

// canonical is a JSON document with sorted members and without blanks; another text as it
// is.
func canonical(text string) string {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return text
	}
	if _, err := d.Token(); err != io.EOF {
		return text
	}
	data, err := json.Marshal(v)
	if err != nil {
		return text
	}
	return string(data)
}
