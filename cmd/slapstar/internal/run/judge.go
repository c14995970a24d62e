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
	said    map[kind]slap.Serialisation  // what the release says; empty: nothing
	clean   map[kind]*release.Validation // of parameters that nothing is said of

	// What a saved plan has judged: such parameters are not compared again, and of the
	// releases that it knows nothing is fetched.
	locked func(kind) slap.Serialisation // what a lock records; nil: there is none

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
	var needed []release.ParameterCheck // one of each kind
	asked := map[kind]bool{}
	for _, i := range instances {
		k := kind{i.SoftwareRelease, i.SoftwareType, i.Shared}
		if i.State == slap.Destroyed || asked[k] || j.knows[k] {
			continue
		}
		asked[k] = true
		needed = append(needed, release.ParameterCheck{Release: k.release, SoftwareType: k.softwareType, Shared: k.shared})
	}
	j.schemas.Prefetch(ctx, needed, done)
	said := map[string]bool{}
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
		if !ok {
			key = judged{kind: key.kind}
		}
		text, hint := j.contradiction(ctx, i)
		if text != "" {
			p.Checked++
			p.add(i, Wrong, "", text, hint)
			continue
		}
		v, err := j.validate(ctx, c, key)
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
	k := kind{c.Release, c.SoftwareType, c.Shared}
	if text, ok := c.Parameters["_"].(string); ok && len(c.Parameters) == 1 { // most, and long: as it is
		return judged{k, sha256.Sum256([]byte("_ " + text))}, true
	}
	data, err := json.Marshal(c.Parameters)
	return judged{k, sha256.Sum256(data)}, err == nil
}

// sourceOf are the schemas that a release is read from.
func (j *judge) sourceOf(k kind) *release.Schemas {
	if j.knows[k] {
		return j.offline
	}
	return j.schemas
}

// contradiction says that the file gives another serialisation than the release.
func (j *judge) contradiction(ctx context.Context, i *engine.Instance) (text, hint string) {
	recorded := slap.Serialisation("")
	k := kind{i.SoftwareRelease, i.SoftwareType, i.Shared}
	said, ok := j.said[k]
	if !ok {
		var err error
		if said, err = Serialisation(ctx, j.sourceOf(k), k); err != nil {
			said = "" // validate says it
		}
		if j.said == nil {
			j.said = map[kind]slap.Serialisation{}
		}
		j.said[k] = said
	}
	if j.locked != nil {
		recorded = j.locked(k)
	}
	switch {
	case said != "" && recorded != "" && said != recorded:
		return fmt.Sprintf("serialisation: products.lock records %q, and the release takes its parameters as %q", recorded, said), "slapstar lock --update NAME records what the release says today"
	case said == "" && recorded != "" && i.Serialisation != "" && i.Serialisation != recorded:
		return fmt.Sprintf("serialisation: the file says %q, and products.lock records %q", i.Serialisation, recorded), noSerialisation
	case said == "" || i.Serialisation == "" || said == i.Serialisation:
		return "", ""
	}
	return fmt.Sprintf("serialisation: the file says %q, and the release takes its parameters as %q", i.Serialisation, said), noSerialisation
}

// noSerialisation is what to do about a file that says it in another way.
const noSerialisation = "take serialisation out: the release says how it reads its parameters"

// validate compares parameters, whose key has no sum if they have no JSON.
func (j *judge) validate(ctx context.Context, c release.ParameterCheck, key judged) (*release.Validation, error) {
	if made := j.judged[key]; made != nil {
		return made, nil
	}
	v, err := j.sourceOf(key.kind).Validate(ctx, c)
	if err != nil || key.sum == (judged{}).sum {
		return v, err
	}
	if j.judged == nil {
		j.judged, j.clean = map[judged]*release.Validation{}, map[kind]*release.Validation{}
	}
	if len(v.Violations)+len(v.Strangers) == 0 { // most are, and then all of a kind are the same
		if j.clean[key.kind] == nil {
			j.clean[key.kind] = v
		}
		v = j.clean[key.kind]
	}
	j.judged[key] = v
	return v, nil
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
