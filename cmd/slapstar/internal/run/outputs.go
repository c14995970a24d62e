package run

import (
	"cmp"
	"context"
	"fmt"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/release"
	"slapstar/starlib/lang"
)

// An awaitedOutput is a value to come that something declared needs.
type awaitedOutput struct {
	by        *engine.Instance // that needs it; of a condition the one that is to publish it
	reference engine.Reference
	check     release.OutputCheck
}

// awaitedOutputs are the values to come of declared instances, each once. Of others the
// release is not known.
func awaitedOutputs(instances []*engine.Instance, more *engine.Boundary) []awaitedOutput {
	declared := make(map[string]*engine.Instance, len(instances))
	for _, i := range instances {
		declared[i.Name] = i
	}
	var list []awaitedOutput
	seen := map[engine.Reference]bool{}
	add := func(by *engine.Instance, r engine.Reference) {
		of, key := declared[r.Instance], r
		if key.Position = (engine.Position{}); of == nil || of.State == slap.Destroyed || seen[key] {
			return
		}
		seen[key] = true
		if by == nil {
			by = of
		}
		if path := publishedPath(r); path != nil {
			list = append(list, awaitedOutput{by, r, release.OutputCheck{
				Release: of.SoftwareRelease, SoftwareType: of.SoftwareType, Shared: of.Shared, Path: path, Text: r.Path != "" && !r.JSON,
			}})
		}
	}
	for _, i := range instances {
		if i.State == slap.Destroyed {
			continue
		}
		for _, r := range i.Needs() {
			add(i, r)
		}
	}
	for _, b := range more.All() {
		if b.Secret == "" {
			add(nil, b.Reference)
		}
	}
	return list
}

// publishedPath is where a value stands in what a response schema describes; nil: it is
// nothing of that.
func publishedPath(r engine.Reference) []any {
	switch steps := r.Path.Steps(); {
	case r.Kind != "", r.Key == "" && r.Path == "", r.Path == engine.Whole:
		return nil
	case r.Path == "" && r.Key == engine.DocumentKey:
		return nil
	case r.Path == "":
		return []any{r.Key}
	case r.Key == "" || r.Key == engine.DocumentKey:
		return steps
	}
	return nil // a document that stands in a connection parameter
}

// checkOutputs compares what is waited for with what releases say that they publish. What a
// schema cannot tell is not said: it would be said of the parameters.
func (j *judge) checkOutputs(ctx context.Context, instances []*engine.Instance, more *engine.Boundary, p *Parameters) {
	list := awaitedOutputs(instances, more)
	var needed []release.OutputCheck
	for _, o := range list {
		if !j.knows[o.kind()] {
			needed = append(needed, o.check)
		}
	}
	j.schemas.PrefetchOutputs(ctx, needed)
	for _, o := range list {
		v, err := j.sourceOf(o.kind()).Output(ctx, o.check)
		if err != nil || v == nil {
			continue
		}
		o.judge(v, p)
	}
}

func (o awaitedOutput) kind() kind {
	return kind{o.check.Release, o.check.SoftwareType, o.check.Shared}
}

// judge adds what is to be said of a value. A schema that is closed is sure of its names;
// another one may have left some out.
func (o awaitedOutput) judge(v *release.OutputVerdict, p *Parameters) {
	r := o.reference
	at := ""
	if r.Position != (engine.Position{}) {
		at = fmt.Sprintf(" (%v)", r.Position)
	}
	isParameter := r.Path == "" && v.Type.Serialisation == slap.JSONInXML
	switch {
	case isParameter && v.Stranger == nil:
		p.add(o.by, Stranger, "", fmt.Sprintf("%v%s: the release publishes it in JSON", r, at),
			fmt.Sprintf("output(%q) is the value in the document; wait_for takes it as (%q, %q)", r.Key, engine.DocumentKey, r.Key))
	case v.Stranger != nil && isParameter:
		p.add(o.by, Stranger, "", fmt.Sprintf("%v%s: the release publishes JSON, and has no such key there", r, at), lang.DidYouMean(v.Stranger.Name, v.Stranger.Known))
	case v.Stranger != nil:
		kind, says := Wrong, ""
		if v.Stranger.Passes {
			kind, says = Stranger, ", which may leave some out"
		}
		p.add(o.by, kind, "", fmt.Sprintf("%v%s: the release publishes no %q, says its response schema%s", r, at, v.Stranger.Name, says), publishedHint(v.Stranger))
	case len(v.Astray) < len(o.check.Path):
		n := len(v.Astray)
		p.add(o.by, Wrong, "", fmt.Sprintf("%v%s: %s has no %s, says the response schema of the release", r, at,
			cmp.Or(engine.NewPath(v.Astray...).String(), "the document"), engine.NewPath(o.check.Path[n])), "")
	case v.NotText:
		p.add(o.by, Wrong, "", fmt.Sprintf("%v%s is no text, says the response schema of the release", r, at), "str() makes text of it")
	}
}

// mostKnown is how many names a hint lists.
const mostKnown = 10

func publishedHint(s *release.Stranger) string {
	if hint := lang.DidYouMean(s.Name, s.Known); hint != "" || len(s.Known) > mostKnown {
		return hint
	}
	return "it publishes " + engine.Quoted(s.Known)
}
