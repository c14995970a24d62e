package run

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"slapstar/cmd/slapstar/internal/limit"
	"slapstar/engine"
	"slapstar/starlib/lang"
	"slapstar/starlib/policy"
)

// Policies judge each plan that is shown, and so each stage of an apply. They are read
// once: all plans of a run are judged by the same text.
type Policies struct {
	Sources   []PolicySource
	Overrides []engine.Override // with a reason each
	Lenient   bool              // what is overridden need not be denied any more: it was approved so

	// Circumstances are told besides the Master, the project and the entry file. They are
	// asked for when there is a policy. It may be nil.
	Circumstances func(context.Context) (engine.Circumstances, error)

	// Print receives what the policies print, once. It may be nil.
	Print func(at engine.Position, message string)

	// Say receives warnings, a line each. It may be nil.
	Say func(string)

	files  []policyFile // that were read; nil: not yet
	told   engine.Circumstances
	judged bool // once: what is printed and overridden was shown
}

// A policyFile is a source that was read.
type policyFile struct {
	source PolicySource
	policy *policy.Policy // nil: it is wrong as a whole
	wrong  []engine.Verdict
	sum    string
}

// An OverrideError is an override that overrides nothing.
type OverrideError struct{ message string }

func (e *OverrideError) Error() string { return e.message }

// judge adds what the policies say to a plan.
func (p *Policies) judge(ctx context.Context, w *limit.Watch, plan *engine.Plan) error {
	if p == nil {
		return nil
	}
	if len(p.Sources) == 0 {
		return p.checkOverrides(engine.Policies{})
	}
	if err := p.read(ctx, w); err != nil {
		return err
	}
	by := engine.Policies{Circumstances: p.told, Overrides: p.Overrides}
	by.Circumstances.Master, by.Circumstances.Project, by.Circumstances.Entry = plan.Options.Master, plan.Options.Project, plan.Options.Entry
	var verdicts []engine.Verdict
	for _, f := range p.files {
		by.Files = append(by.Files, engine.PolicyFile{Name: f.source.Name, Sum: f.sum})
		if f.policy == nil {
			verdicts = append(verdicts, f.wrong...)
			continue
		}
		found, err := f.policy.Judge(ctx, plan, by.Circumstances)
		if err != nil {
			return err
		}
		verdicts = append(verdicts, found...)
	}
	plan.Judge(by, verdicts)
	if err := p.checkOverrides(*plan.Policies); err != nil {
		return err
	}
	p.judged = true
	return nil
}

// read reads the policies, if they are not read yet. One that was saved with a plan and is
// the same now is read once.
func (p *Policies) read(ctx context.Context, w *limit.Watch) error {
	if p.files != nil {
		return nil
	}
	if p.Circumstances != nil {
		var err error
		if p.told, err = p.Circumstances(ctx); err != nil {
			return err
		}
	}
	for _, s := range p.Sources {
		f, err := s.read(ctx, w, p.print)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(p.files, func(other policyFile) bool { return other.sum == f.sum && other.source.Saved != s.Saved }) {
			p.files = append(p.files, f)
		}
	}
	p.sayChanged()
	return nil
}

// print passes on what is printed while the first plan is judged.
func (p *Policies) print(at engine.Position, message string) {
	if p.Print != nil && !p.judged {
		p.Print(at, message)
	}
}

// sayChanged says which policies are not those that a saved plan was made with.
func (p *Policies) sayChanged() {
	saved := slices.ContainsFunc(p.Sources, func(s PolicySource) bool { return s.Saved })
	if !saved || p.Say == nil {
		return
	}
	for _, f := range p.files {
		name := f.source.Name
		now := slices.ContainsFunc(p.Sources, func(s PolicySource) bool { return !s.Saved && s.Name == name })
		switch {
		case f.source.Saved && now && slices.ContainsFunc(p.files, func(o policyFile) bool { return !o.source.Saved && o.source.Name == name }):
			p.Say(fmt.Sprintf("%s is another one than when the plan was made: the plan is judged by both", name))
		case f.source.Saved && !now:
			p.Say(fmt.Sprintf("%s, by which the plan was judged, is not there any more: it holds as the plan has it", name))
		}
	}
}

func (s PolicySource) read(ctx context.Context, w *limit.Watch, printed func(engine.Position, string)) (policyFile, error) {
	files := w.Source(s.Source)
	if files.Sources == nil {
		files.Sources = &lang.Sources{Text: map[string]string{}}
	}
	files.Print = printed
	f := policyFile{source: s}
	f.source.Source.Sources = files.Sources
	var err error
	f.policy, err = policy.Read(ctx, s.Name, files)
	if ctx.Err() != nil {
		return f, err
	}
	if err != nil {
		f.policy, f.wrong = nil, policy.Failed(s.Name, err)
	}
	data, err := json.Marshal(files.Sources.Text)
	sum := sha256.Sum256(data)
	f.sum = hex.EncodeToString(sum[:])
	return f, err
}

// checkOverrides returns an error for an override of nothing, in the first plan that is
// judged: later stages may have nothing left of it.
func (p *Policies) checkOverrides(by engine.Policies) error {
	if p.judged || p.Lenient {
		return nil
	}
	var names []string
	for _, f := range p.files {
		if f.policy == nil { // nobody knows what is in it, and the plan is refused
			return nil
		}
		names = append(names, f.policy.Names()...)
	}
	for i, o := range p.Overrides {
		switch {
		case len(p.files) == 0:
			return &OverrideError{fmt.Sprintf("--override %s: no policy judges this plan", o.Name)}
		case !slices.Contains(names, o.Name):
			err := error(&OverrideError{fmt.Sprintf("--override: there is no function %q in the policies that refuses, want one of %s", o.Name, engine.Quoted(names))})
			if guess := lang.DidYouMean(o.Name, names); guess != "" {
				err = lang.Hint(err, guess)
			}
			return err
		case i < len(by.Overrides) && len(by.Overrides[i].Denied) == 0:
			return lang.Hint(error(&OverrideError{fmt.Sprintf("--override %s: it denies nothing in this plan", o.Name)}), "leave the override out: it would be recorded for nothing")
		}
	}
	return nil
}
