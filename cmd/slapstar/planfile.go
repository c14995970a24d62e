package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/starlib"
)

const (
	planKind      = "slapstar plan"
	planVersion   = 1
	maxPlanFile   = 512 << 20 // bytes
	planKindProbe = 4096      // bytes of a file in which the kind of a plan stands
)

// A savedPlan is what plan --out writes: the plan, and all that it was made of, so
// that apply makes the same one again and finds out what has changed meanwhile. It
// holds the names of secrets and where they come from, never a value.
type savedPlan struct {
	Kind          string `json:"kind"`
	FormatVersion int    `json:"format_version"`
	Slapstar      string `json:"slapstar"` // the version that made it
	Digest        string `json:"digest"`
	Master        string `json:"master"` // as the configuration names it

	Plan *document.Plan `json:"plan"`
	Salt []byte         `json:"salt"` // of the seals in the plan

	File     string              `json:"file"` // as it was named
	Entry    string              `json:"entry"`
	Vars     map[string]givenVar `json:"vars"`
	Secrets  map[string]string   `json:"secrets"` // name to env:VARIABLE or file:PATH
	Products map[string]string   `json:"products"`
	Options  savedOptions        `json:"options"`
	Sources  map[string]string   `json:"sources"`
	Since    *savedRevision      `json:"since,omitempty"`
}

// A givenVar is an input: text, or a JSON value.
type givenVar struct {
	Text string          `json:"text,omitempty"`
	JSON json.RawMessage `json:"json,omitempty"`
}

type savedOptions struct {
	AllowMassDestroy bool     `json:"allow_mass_destroy"`
	Destroy          bool     `json:"destroy"`
	Targets          []string `json:"targets"`
	Excludes         []string `json:"excludes"`
}

// A savedRevision is what was compared with.
type savedRevision struct {
	Name    string            `json:"name"`
	Entry   string            `json:"entry"`
	Sources map[string]string `json:"sources"`
}

// save writes a plan of a stage to a file that only its owner can read.
func (s *stage) save(path, file string, secrets map[string]string, plan *engine.Plan) error {
	entry, err := starlib.EntryName(s.files.inputs)
	if err != nil {
		return err
	}
	salt := make([]byte, 16)
	rand.Read(salt) // it never fails
	saved := savedPlan{
		Kind: planKind, FormatVersion: planVersion, Slapstar: version(),
		Digest: document.Digest(plan), Master: s.master.location,
		Plan: document.Seal(plan, salt), Salt: salt,
		File: file, Entry: entry, Vars: map[string]givenVar{}, Secrets: secrets, Products: s.products,
		Options: savedOptions{s.options.AllowMassDestroy, s.options.Destroy, s.options.Targets, s.options.Excludes},
		Sources: s.files.inputs.Sources.Text,
	}
	for name, v := range s.files.inputs.Vars { // the environment has others, too
		if v.Explicit || v.JSON != nil || slices.Contains(plan.Declared.Inputs, name) {
			saved.Vars[name] = givenVar{v.Text, v.JSON}
		}
	}
	if s.since != nil {
		saved.Since = &savedRevision{s.options.Since.Name, s.since.inputs.File, s.since.inputs.Sources.Text}
	}
	if exists(path) && !isPlan(path) {
		return &hintedError{fmt.Errorf("%s exists and is no plan: it is left as it is", path), "give --out another name"}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(saved); err != nil {
		return err
	}
	return replaceFile(path, b.Bytes(), 0o600)
}

// planHead is how a saved plan begins, however it is laid out.
var planHead = regexp.MustCompile(`^\s*\{\s*"kind"\s*:\s*"` + planKind + `"`)

// isPlan reports whether a file is a saved plan.
func isPlan(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, planKindProbe))
	return err == nil && planHead.Match(head)
}

// readPlan reads a saved plan. One of another format is refused.
func readPlan(path string) (*savedPlan, error) {
	data, err := readLimited(path, maxPlanFile)
	if err != nil {
		return nil, err
	}
	var head struct {
		FormatVersion int    `json:"format_version"`
		Slapstar      string `json:"slapstar"`
	}
	again := "make the plan again: slapstar plan --out " + path
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, &hintedError{fmt.Errorf("%s is a damaged plan: %w", path, err), again}
	}
	if head.FormatVersion != planVersion {
		return nil, &hintedError{fmt.Errorf("%w: %s is a plan of format %d, made by slapstar %s; this slapstar reads format %d",
			errRefused, path, head.FormatVersion, head.Slapstar, planVersion), again}
	}
	var saved savedPlan
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&saved); err != nil {
		return nil, &hintedError{fmt.Errorf("%s is a damaged plan: %w", path, err), again}
	}
	if saved.Plan == nil || saved.Plan.Digest != saved.Digest || !saved.Plan.Intact() || saved.Sources == nil {
		return nil, &hintedError{fmt.Errorf("%s is a damaged plan: parts of it are missing, or do not belong together", path), again}
	}
	return &saved, nil
}

// stage is the stage that a saved plan was made by, on the sources that it holds.
func (p *savedPlan) stage(e *env, m *master, secrets map[string]string) (*stage, error) {
	if m.location != p.Master {
		return nil, &hintedError{fmt.Errorf("%w: this plan was made for the Master %s, and the configuration names %s", errRefused, p.Master, m.location),
			"give the configuration that it was made with"}
	}
	for name, source := range p.Secrets {
		if secrets[name] == "" { // a flag counts for more
			secrets[name] = source
		}
	}
	in := starlib.Inputs{File: p.Entry, Sources: closedSources(p.Sources), Vars: map[string]starlib.Var{}, Secret: secretsFrom(secrets)}
	for name, v := range p.Vars {
		in.Vars[name] = starlib.Var{Text: v.Text, JSON: v.JSON}
	}
	s := newStage(e, m, in)
	maps.Copy(s.products, p.Products)
	s.options = engine.Options{AllowMassDestroy: p.Options.AllowMassDestroy, Destroy: p.Options.Destroy,
		Selection: engine.Selection{Targets: p.Options.Targets, Excludes: p.Options.Excludes}}
	if p.Since != nil {
		before := in
		before.File, before.Sources = p.Since.Entry, closedSources(p.Since.Sources)
		s.compareSince(p.Since.Name, before)
	}
	return s, nil
}

// check plans, and returns the plan if it is what was saved.
func (p *savedPlan) check(ctx context.Context, s *stage) (*engine.Plan, error) {
	plan, _, err := s.plan(ctx)
	if err != nil {
		return nil, err
	}
	return plan, document.CheckSaved(p.Plan, document.Seal(plan, p.Salt))
}

func closedSources(text map[string]string) *starlib.Sources {
	return &starlib.Sources{Text: text, Read: func(string) ([]byte, error) { return nil, fs.ErrNotExist }}
}

// replaceFile writes a file, all of it or nothing.
func replaceFile(path string, text []byte, mode fs.FileMode) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	_, err = f.Write(text)
	if err := errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return os.Rename(f.Name(), path)
}
