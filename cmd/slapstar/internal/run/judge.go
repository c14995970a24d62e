package run

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/release"
)

// A judge compares equal parameters of a software type once, however often it is asked.
type judge struct {
	schemas *release.Schemas
	judged  map[judged]*release.Validation

	// What a saved plan has judged: such parameters are not compared again, and of the
	// releases that it knows nothing is fetched.
	before  func(judged) bool // nil: there is no such plan
	knows   map[kind]bool
	offline *release.Schemas
}

// judged are parameters, by the digest of their JSON. A mark stands for what is secret, or
// not known yet.
type judged struct {
	kind
	sum [sha256.Size]byte
}

// check compares parameters, and the values to come that they and a boundary, which may be
// nil, need. Done is as for [release.Schemas.Prefetch].
func (j *judge) check(ctx context.Context, instances []*engine.Instance, more *engine.Boundary, done func(n, of int)) (Parameters, error) {
	var p Parameters
	var checked []*engine.Instance
	var checks, needed []release.ParameterCheck
	for _, i := range instances {
		if i.State == slap.Destroyed {
			continue
		}
		c := parameterCheck(i)
		key, ok := judgedOf(c)
		if ok && j.before != nil && j.before(key) {
			p.Checked++
			continue
		}
		checked, checks = append(checked, i), append(checks, c)
		if !j.knows[key.kind] {
			needed = append(needed, c)
		}
	}
	j.schemas.Prefetch(ctx, needed, done)
	said := map[string]bool{}
	for n, i := range checked {
		text := j.contradiction(ctx, i)
		if text != "" {
			p.Checked++
			p.add(i, Wrong, "", text, "take serialisation out: the release says how it reads its parameters")
			continue
		}
		v, err := j.validate(ctx, checks[n])
		if ctx.Err() != nil {
			return p, ctx.Err()
		}
		p.addVerdict(i, v, err, said)
	}
	j.checkOutputs(ctx, instances, more, &p)
	for _, host := range j.schemas.Stale() {
		p.Stale = append(p.Stale, fmt.Sprintf("%s did not answer: what the cache has of its schemas serves, the oldest of %s", host.Host, host.At.Format(time.DateTime)))
	}
	return p, ctx.Err()
}

func parameterCheck(i *engine.Instance) release.ParameterCheck {
	return release.ParameterCheck{
		Release: i.SoftwareRelease, SoftwareType: i.SoftwareType, Shared: i.Shared, Parameters: checkedValues(i),
		Unknown: func(text string) bool { return strings.Contains(text, unknownMark) },
	}
}

// judgedOf reports false for what has no JSON.
func judgedOf(c release.ParameterCheck) (judged, bool) {
	data, err := json.Marshal(c.Parameters)
	return judged{kind{c.Release, c.SoftwareType, c.Shared}, sha256.Sum256(data)}, err == nil
}

// sourceOf are the schemas that a release is read from.
func (j *judge) sourceOf(k kind) *release.Schemas {
	if j.knows[k] {
		return j.offline
	}
	return j.schemas
}

// contradiction says that the file gives another serialisation than the release.
func (j *judge) contradiction(ctx context.Context, i *engine.Instance) string {
	if i.Serialisation == "" {
		return ""
	}
	k := kind{i.SoftwareRelease, i.SoftwareType, i.Shared}
	said, err := Serialisation(ctx, j.sourceOf(k), k)
	if err != nil || said == "" || said == i.Serialisation {
		return ""
	}
	return fmt.Sprintf("serialisation: the file says %q, and the release takes its parameters as %q", i.Serialisation, said)
}

func (j *judge) validate(ctx context.Context, c release.ParameterCheck) (*release.Validation, error) {
	key, ok := judgedOf(c)
	if made := j.judged[key]; ok && made != nil {
		return made, nil
	}
	v, err := j.sourceOf(key.kind).Validate(ctx, c)
	if ok && err == nil {
		if j.judged == nil {
			j.judged = map[judged]*release.Validation{}
		}
		j.judged[key] = v
	}
	return v, err
}

// passed are what was judged of instances, but for those with findings.
func (j *judge) passed(instances []*engine.Instance, p Parameters) []judged {
	wrong := map[*engine.Instance]bool{}
	for _, f := range p.Wrong() {
		wrong[f.Instance] = true
	}
	var list []judged
	for _, i := range instances {
		if wrong[i] || i.State == slap.Destroyed {
			continue
		}
		if key, ok := judgedOf(parameterCheck(i)); ok {
			list = append(list, key)
		}
	}
	return list
}
