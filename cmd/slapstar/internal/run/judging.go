package run

import (
	"context"
	"errors"
	"fmt"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/release"
)

// A judging compares the parameters of a Config with the schemas of their releases, while
// the Master is read.
type judging struct {
	config     *engine.Config
	done       chan struct{}
	parameters Parameters
	err        error
}

// wait waits until nothing reads schemas any more.
func (j *judging) wait() {
	if j != nil {
		<-j.done
	}
}

// startJudging begins to compare what the files declare. What the last one has compared is
// not compared again.
func (p *Planner) startJudging(ctx context.Context, c *engine.Config) {
	p.judging.wait()
	if !p.Check || p.Options.Destroy || p.judging != nil && p.judging.config == c && p.judging.err == nil {
		return
	}
	j := &judging{config: c, done: make(chan struct{})}
	p.judging = j
	p.judge.schemas = p.Schemas
	if p.judge.knows != nil && p.judge.offline == nil {
		p.judge.offline = p.Schemas.Cached()
	}
	go func() {
		defer close(j.done)
		j.parameters, j.err = p.judge.check(ctx, c.Instances(), c.More, p.Reading)
	}()
}

// judgement is what the last one has found.
func (p *Planner) judgement() (engine.Judgement, error) {
	var j engine.Judgement
	if p.judging != nil && !p.Options.Destroy {
		p.judging.wait()
		if p.judging.err != nil {
			return j, p.judging.err
		}
		j = p.judging.parameters.judgement()
		p.sayStale(p.judging.parameters.Stale)
	}
	if p.Quiet || p.Options.Destroy {
		j.Unchecked = nil
		return j, nil
	}
	if j.Unchecked == nil {
		j.Unchecked = map[string]string{}
	}
	for name, form := range p.files.asked.forms {
		reason := j.Unchecked[name]
		switch {
		case reason == "" && p.Check: // the schema was had, and does not say it
			continue
		case reason == "":
			reason = "--no-schemas"
		}
		switch form {
		case "":
			j.Unchecked[name] = reason + `; each goes as its own text, unless the file says serialisation = "json-in-xml"`
		case slap.JSONInXML:
			j.Unchecked[name] = reason + "; they stay JSON, as the Master has them"
		}
	}
	return j, nil
}

// Judge compares the parameters of instances with schemas, for a plan that no [Planner]
// makes. Nothing is said of schemas that cannot be had.
func Judge(ctx context.Context, schemas *release.Schemas, instances []*engine.Instance) (engine.Judgement, error) {
	p, err := CheckParameters(ctx, schemas, instances, nil)
	j := p.judgement()
	j.Unchecked = nil
	return j, err
}

// sayStale says once that a host did not answer and the cache serves.
func (p *Planner) sayStale(list []string) {
	for _, text := range list {
		if p.Say != nil && !p.stale[text] {
			p.Say(text)
		}
		if p.stale == nil {
			p.stale = map[string]bool{}
		}
		p.stale[text] = true
	}
}

// judgement is what a plan is to know of the findings.
func (p Parameters) judgement() engine.Judgement {
	var j engine.Judgement
	for _, f := range p.Findings {
		text := f.Message
		if f.Path != "" {
			text = f.Path + ": " + text
		}
		switch {
		case f.Kind == Wrong:
			j.Wrong = append(j.Wrong, engine.Refusal{Address: f.Instance.Address(), Origin: f.Instance.Origin, Message: text, Hint: f.Hint})
		case f.Err == nil:
			if f.Hint != "" {
				text += ": " + f.Hint
			}
			j.Remarks = append(j.Remarks, engine.Note{Address: f.Instance.Address(), Origin: f.Instance.Origin, Message: text})
		}
	}
	j.Unchecked = map[string]string{}
	for _, u := range p.Unhad {
		if text := uncheckedReason(u); text != "" {
			j.Unchecked[u.Instance.Name] = text
		}
	}
	return j
}

// uncheckedReason says why parameters were not compared, in the same words for all that
// the same thing is missing of. It is empty where nobody misses anything: an instance
// without parameters of a release that has no schema.
func uncheckedReason(u Unhad) string {
	refused, isRefused := errors.AsType[*release.RefusedHostError](u.Err)
	silent, isSilent := errors.AsType[*release.SilentHostError](u.Err)
	missing := errors.Is(u.Err, slap.ErrNotFound)
	switch {
	case (isRefused || missing) && len(u.Instance.Parameters) == 0:
		return ""
	case isRefused:
		return fmt.Sprintf("schemas are not fetched from %s (schema_hosts in the configuration allows it, --schema-dir does without)", refused.Host)
	case isSilent:
		return fmt.Sprintf("%s %s", silent.Host, silent.Reason)
	case errors.Is(u.Err, release.ErrOffline):
		return release.ErrOffline.Error()
	case missing && !release.IsOfType(u.Err):
		return "the release has no schema"
	}
	return u.Err.Error()
}
