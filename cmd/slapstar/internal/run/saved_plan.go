package run

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"

	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/internal/mask"
	"slapstar/internal/tree"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

const (
	planKind      = "slapstar plan"
	planVersion   = 5
	maxPlanFile   = 512 << 20 // bytes
	planKindProbe = 4096      // bytes of a file in which the kind of a plan stands
)

// A SavedPlan is what plan --out writes: the plan, and all that it was made of, so
// that apply makes the same one again and finds out what has changed meanwhile. It
// holds the names of secrets and where they come from, never a value.
type SavedPlan struct {
	Kind          string `json:"kind"`
	FormatVersion int    `json:"format_version"`
	Slapstar      string `json:"slapstar"` // the version that made it
	Digest        string `json:"digest"`
	Master        string `json:"master"` // as the configuration names it

	Plan *document.Plan `json:"plan"`
	Salt []byte         `json:"salt"` // of the seals
	Sum  string         `json:"sum"`  // of all but itself: a damaged file is refused

	File     string              `json:"file"` // as it was named
	Entry    string              `json:"entry"`
	Vars     map[string]givenVar `json:"vars"`
	Secrets  map[string]string   `json:"secrets"` // names and seals; where they come from is said when the plan is carried out
	Products map[string]string   `json:"products"`
	Kinds    map[string]string   `json:"serialisations"` // what schemas said: none is read again
	Judged   []string            `json:"judged"`         // seals of the parameters that schemas allow, or of which there are none
	Options  savedOptions        `json:"options"`
	Sources  map[string]string   `json:"sources"`
	Data     map[string]string   `json:"data,omitempty"` // what file and load_data read, in base64
	Since    *savedRevision      `json:"since,omitempty"`
	Policies []savedPolicy       `json:"policies,omitempty"` // that have judged it; the plan has the overrides
}

// A givenVar is an input: text, or a JSON value.
type givenVar struct {
	Text string          `json:"text,omitempty"`
	JSON json.RawMessage `json:"json,omitempty"`
}

type savedOptions struct {
	AllowMassDestroy bool     `json:"allow_mass_destroy"`
	Destroy          bool     `json:"destroy"`
	NoSchemas        bool     `json:"no_schemas"`
	Targets          []string `json:"targets"`
	Excludes         []string `json:"excludes"`
}

// A Saving says where and how a plan is saved.
type Saving struct {
	Path     string // of the plan
	File     string // the entry file, as it was named
	Slapstar string // the version that saves it
	Context  document.Context
}

// Save writes a plan that the Planner has made to a file that only its owner can
// read. A file that exists and is no plan is left as it is.
func (p *Planner) Save(plan *engine.Plan, to Saving) error {
	entry, err := p.files.inputs.EntryName()
	if err != nil {
		return err
	}
	salt := make([]byte, 16)
	rand.Read(salt) // it never fails
	saved := SavedPlan{
		Kind: planKind, FormatVersion: planVersion, Slapstar: to.Slapstar,
		Digest: document.Digest(plan), Master: p.master.Location,
		Plan: document.Seal(plan, salt).Made(to.Context), Salt: salt,
		File: to.File, Entry: entry, Vars: map[string]givenVar{}, Secrets: sealedSecrets(plan, salt), Products: p.products, Kinds: map[string]string{},
		Options: savedOptions{p.Options.AllowMassDestroy, p.Options.Destroy, !p.Check, p.Options.Targets, p.Options.Excludes},
		Sources: p.files.inputs.Sources.Text, Data: p.files.inputs.Sources.Data,
	}
	for k, said := range p.saidOfKinds() {
		saved.Kinds[k.String()] = string(said)
	}
	saved.Judged = p.sealedJudgement(salt)
	for name, v := range p.files.inputs.Vars { // the environment has others, too
		if v.Explicit || v.JSON != nil || slices.Contains(plan.Declared.Inputs, name) {
			saved.Vars[name] = givenVar{v.Text, v.JSON}
		}
	}
	if p.since != nil {
		saved.Since = p.savedRevision()
	}
	if saved.Policies, err = p.Policies.saved(); err != nil {
		return err
	}
	if err := CheckPlanPath(to.Path); err != nil {
		return err
	}
	if saved.Sum, err = saved.sum(); err != nil {
		return err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(saved); err != nil {
		return err
	}
	return ReplaceFile(to.Path, b.Bytes(), 0o600)
}

// CheckPlanPath returns an error for a path that a plan cannot be saved to.
func CheckPlanPath(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil: // there is nothing yet, or it cannot be written
		return nil
	case !info.Mode().IsRegular():
		return lang.Hint(fmt.Errorf("%s is no regular file, and a plan is saved in one that its owner alone can read", path), "give --out the name of a new file; plan --format json writes to standard output")
	case !IsPlan(path):
		return lang.Hint(fmt.Errorf("%s exists and is no plan: it is left as it is", path), "give --out another name")
	}
	return nil
}

// sum is the SHA-256 of what is saved, without the sum.
func (p SavedPlan) sum() (string, error) {
	p.Sum = ""
	data, err := json.Marshal(p)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}

// planHead is how a saved plan begins, however it is laid out.
var planHead = regexp.MustCompile("^(?:\uFEFF)?" + `\s*\{\s*"kind"\s*:\s*"` + planKind + `"`)

// IsPlanText reports whether a text is a saved plan.
func IsPlanText(text []byte) bool { return planHead.Match(text[:min(len(text), planKindProbe)]) }

// IsPlan reports whether a file is a saved plan.
func IsPlan(path string) bool {
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, planKindProbe))
	return err == nil && planHead.Match(head)
}

// ReadPlan reads a saved plan. One of another format is refused.
func ReadPlan(path string) (*SavedPlan, error) {
	data, err := tree.ReadNamed(path, maxPlanFile)
	if err != nil {
		return nil, err
	}
	data = tree.Text(data)
	var head struct {
		FormatVersion int    `json:"format_version"`
		Slapstar      string `json:"slapstar"`
	}
	again := "make the plan again: slapstar plan --out " + path
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, lang.Hint(fmt.Errorf("%s is a damaged plan: %w", path, err), again)
	}
	if head.FormatVersion != planVersion {
		return nil, lang.Hint(fmt.Errorf("%w: %s is a plan of format %d, made by slapstar %s; this slapstar reads format %d",
			ErrRefused, path, head.FormatVersion, head.Slapstar, planVersion), again)
	}
	var saved SavedPlan
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&saved); err != nil {
		return nil, lang.Hint(fmt.Errorf("%s is a damaged plan: %w", path, err), again)
	}
	if sum, err := saved.sum(); err != nil || saved.Sum != sum || saved.Plan == nil || saved.Sources == nil {
		return nil, lang.Hint(fmt.Errorf("%s is a damaged plan: parts of it are missing, or do not belong together", path), again)
	}
	return &saved, nil
}

// Planner returns a Planner like the one that made the plan, on the sources that it
// holds. Where secrets come from is said by who carries it out, and not by the plan.
// The values are made known to hidden.
func (p *SavedPlan) Planner(ctx context.Context, m *Master, secrets SecretSources, hidden *mask.Filter) (*Planner, error) {
	if m.Location != p.Master {
		return nil, lang.Hint(fmt.Errorf("%w: this plan was made for the Master %s, and the configuration names %s", ErrRefused, p.Master, m.Location),
			"give the configuration that it was made with: --cfg FILE, or slapos.cfg in the working folder")
	}
	read := secrets.Open(hidden)
	if err := p.checkSecrets(ctx, read); err != nil {
		return nil, err
	}
	in := starlib.Inputs{Source: lang.Source{File: p.Entry, Sources: closedSources(p.Sources, p.Data)}, Vars: map[string]lang.Var{}, Secret: read, Mask: hidden}
	for name, v := range p.Vars {
		in.Vars[name] = lang.Var{Text: v.Text, JSON: v.JSON}
	}
	s := NewPlanner(m, in)
	s.Schemas.Root = planRoot(p.File, p.Entry)
	maps.Copy(s.products, p.Products)
	p.recall(s)
	s.Options = engine.Options{AllowMassDestroy: p.Options.AllowMassDestroy, Destroy: p.Options.Destroy,
		Selection: engine.Selection{Targets: p.Options.Targets, Excludes: p.Options.Excludes}}
	s.Policies = p.policies()
	if p.Since != nil {
		before := in
		before.File, before.Sources = p.Since.Entry, closedSources(p.Since.Sources, p.Since.Data)
		s.CompareSince(p.Since.Name, before)
		p.Since.compareFork(s, in)
	}
	return s, nil
}

// Check plans, and returns the plan if it is what was saved, or what is left of that. A
// secret with another value than it had then is refused unless secretsMoved is set.
func (p *SavedPlan) Check(ctx context.Context, by *Planner, secretsMoved bool) (*engine.Plan, error) {
	plan, state, err := by.Plan(ctx)
	if err != nil {
		return nil, err
	}
	if p.Plan.More != nil && p.goesOn(plan) { // what it waited for is there by now: only what is left of it was approved
		by.Options.Chosen = map[engine.Address]bool{}
		for _, c := range p.Plan.Changes {
			by.Options.Chosen[c.Address] = true
		}
		if plan, state, err = by.Plan(ctx); err != nil {
			return nil, err
		}
	}
	moved := map[string]bool{}
	for name, seal := range sealedSecrets(plan, p.Salt) {
		if p.Secrets[name] != "" && p.Secrets[name] != seal {
			moved[name] = true
		}
	}
	if names := slices.Sorted(maps.Keys(moved)); len(names) > 0 && !secretsMoved {
		return nil, lang.Hint(fmt.Errorf("%w: another value than when the plan was made has the secret %s", ErrRefused, engine.Quoted(names)),
			"--secrets-moved carries the plan out with the values of today")
	}
	return plan, document.CheckSaved(p.Plan, document.Seal(plan, p.Salt), document.Now{Published: state.Find, Moved: moved})
}

// goesOn reports whether a plan has changes that the saved one did not show.
func (p *SavedPlan) goesOn(plan *engine.Plan) bool {
	shown := func(a engine.Address) bool {
		return slices.ContainsFunc(p.Plan.Changes, func(c document.Change) bool { return c.Address == a })
	}
	return slices.ContainsFunc(plan.Changes, func(c *engine.Change) bool { return c.Pending() && !shown(c.Address()) })
}

func closedSources(text, data map[string]string) *lang.Sources {
	return &lang.Sources{Text: text, Data: data, Read: func(string) ([]byte, error) { return nil, fs.ErrNotExist }}
}
