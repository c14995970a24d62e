package engine_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/internal/mask"
	"slapstar/slap"
)

// A side is what one plan of a pair is made of.
type side struct {
	config *engine.Config
	master map[string]slap.Instance
	o      engine.Options
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

func randomText(r *rand.Rand, secrets bool) engine.Text {
	switch n := r.IntN(8); {
	case n == 0 && secrets:
		return engine.Secret("pw", "hunter2")
	case n == 1:
		return engine.Refer(engine.Reference{Instance: pick(r, "a", "b"), Key: pick(r, "url", "password")})
	case n == 2:
		return engine.Join(engine.Literal(pick(r, "x", "y")), engine.Refer(engine.Reference{Instance: "a", Key: "url"}))
	case n == 3 && secrets:
		return engine.Join(engine.Literal(`{"c":`+pick(r, "1", "2", "99")+`,"password":`), engine.Quote(engine.Secret("pw", "hunter2")), engine.Literal("}"))
	case n == 4:
		return engine.Literal(fmt.Sprintf(`{"a": 1, "b": {"c": %d}, "password": %q}`, r.IntN(3), pick(r, "p", "q")))
	case n == 5:
		return engine.Literal("https://" + pick(r, "u:p", "u:q") + "@" + pick(r, "one", "two") + ".example/")
	}
	return engine.Literal(pick(r, "1", "2", "3", ""))
}

func (s side) instance(r *rand.Rand, name string) *engine.Instance {
	i := &engine.Instance{Name: name, SoftwareRelease: pick(r, "r1", "r1", "r2"), SoftwareType: pick(r, "default", "default", "small"),
		State: pick(r, slap.Started, slap.Started, slap.Stopped, slap.Destroyed), Shared: r.IntN(6) == 0, Parameters: map[string]engine.Text{}}
	for range r.IntN(3) {
		i.Parameters[pick(r, "_", "k", "password", "url")] = randomText(r, s.o.Key.Stable)
	}
	if r.IntN(3) == 0 {
		i.SLA = map[string]string{"computer_guid": pick(r, "N1", "N2")}
	}
	if r.IntN(6) == 0 {
		i.IgnoreChanges = []string{pick(r, "parameters", "parameters.k", "state")}
	}
	i.Protect = r.IntN(8) == 0
	return i
}

// masterOf has mostly what is declared, and sometimes something else.
func masterOf(r *rand.Rand, i *engine.Instance) slap.Instance {
	have := slap.Instance{InstanceRequest: slap.InstanceRequest{Name: i.Name, SoftwareRelease: i.SoftwareRelease, SoftwareType: i.SoftwareType, State: slap.Started, Shared: i.Shared, SLA: i.SLA, Parameters: slap.Parameters{}}, SLAKnown: r.IntN(2) == 0}
	for key, t := range i.Parameters {
		if value, known := t.Known(); known {
			have.Parameters[key] = value
		}
	}
	if r.IntN(2) == 0 {
		have.Parameters[pick(r, "_", "k", "password", "url")] = pick(r, "1", "2", `{"a": 1, "b": {"c": 0}, "password": "p"}`, "https://u:p@one.example/", `{"c":1,"password":"hunter2"}`)
	}
	return have
}

func randomSide(r *rand.Rand, stable bool) side {
	s := side{config: &engine.Config{Secrets: []engine.Part{{Literal: "hunter2", Secret: "pw"}}}, master: map[string]slap.Instance{}, o: engine.Options{Master: "m", AllowMassDestroy: true, Key: mask.Key{Secret: []byte("k"), Stable: stable}}}
	for _, name := range []string{"a", "b", "c"}[:1+r.IntN(3)] {
		i := s.instance(r, name)
		s.config.Resources = append(s.config.Resources, i)
		if r.IntN(2) == 0 {
			s.master[name] = masterOf(r, i)
		}
	}
	if r.IntN(4) == 0 {
		s.master["d"] = masterOf(r, s.instance(r, "d"))
		s.config.Claims = []engine.Claim{{Pattern: "*"}}
	}
	if r.IntN(3) == 0 {
		s.config.Resources = append(s.config.Resources, &engine.Software{SoftwareRelease: pick(r, "r1", "r2"), Computer: "N1", State: pick(r, slap.Available, slap.Destroyed)})
	}
	return s
}

// changed is a side with one thing changed.
func (s side) changed(r *rand.Rand) side {
	c := side{config: &engine.Config{Secrets: s.config.Secrets, Claims: s.config.Claims}, master: maps.Clone(s.master), o: s.o}
	at := r.IntN(len(s.config.Resources))
	for n, resource := range s.config.Resources {
		i, ok := resource.(*engine.Instance)
		if !ok || n != at {
			c.config.Resources = append(c.config.Resources, resource)
			continue
		}
		other := *i
		other.Parameters = maps.Clone(i.Parameters)
		switch r.IntN(7) {
		case 0:
			other.State = pick(r, slap.Started, slap.Stopped, slap.Destroyed)
		case 1:
			other.SLA = map[string]string{"computer_guid": "N3"}
		case 2:
			other.SoftwareType = "large"
		case 3:
			if have, ok := c.master[i.Name]; ok {
				have.Parameters = maps.Clone(have.Parameters)
				have.Parameters[pick(r, "_", "k", "password")] = pick(r, "7", `{"a": 1, "b": {"c": 1}, "password": "q"}`)
				c.master[i.Name] = have
			}
		case 4:
			delete(c.master, i.Name)
		default:
			other.Parameters[pick(r, "_", "k", "password", "url")] = randomText(r, s.o.Key.Stable)
		}
		c.config.Resources = append(c.config.Resources, &other)
	}
	return c
}

// moved is a side in another order, and at other places.
func (s side) moved(r *rand.Rand) side {
	m := side{config: &engine.Config{Secrets: s.config.Secrets, Claims: s.config.Claims}, master: s.master, o: s.o}
	for _, resource := range s.config.Resources {
		if i, ok := resource.(*engine.Instance); ok {
			other := *i
			other.Origin = engine.Origin{Stack: []engine.Frame{{Function: "f", Position: engine.Position{File: "other.star", Line: 1 + r.IntN(99), Col: 1}}}}
			resource = &other
		}
		m.config.Resources = append(m.config.Resources, resource)
	}
	r.Shuffle(len(m.config.Resources), func(i, j int) {
		m.config.Resources[i], m.config.Resources[j] = m.config.Resources[j], m.config.Resources[i]
	})
	return m
}

// plan is the digest of a plan, with all that its apply sends, in order of addresses.
func (s side) plan(t *testing.T) (digest, writes string, ok bool) {
	t.Helper()
	state := engine.NewState()
	maps.Copy(state.Instances, s.master)
	p, err := engine.NewPlan(s.config, state, s.o)
	if err != nil {
		return "", "", false // a cycle
	}
	changes := slices.Clone(p.Changes)
	slices.SortFunc(changes, func(a, b *engine.Change) int {
		if a.Address() < b.Address() {
			return -1
		}
		return 1
	})
	for _, c := range changes {
		if c.Pending() {
			writes += fmt.Sprintf("%+v\n", engine.Request(c))
		}
	}
	return document.Digest(p), writes, true
}

// Two plans whose applies differ in a write have different digests; in another order and
// at other places a plan is the same.
func TestDigestBindsWrites(t *testing.T) {
	pairs := 10_000
	if testing.Short() {
		pairs = 500
	}
	differ, compared := 0, 0
	for seed := uint64(0); compared < pairs; seed++ {
		r := rand.New(rand.NewPCG(seed, 1))
		a := randomSide(r, seed%2 == 0) // without a stable key the values of secrets are not in it
		b := a.changed(r)
		digestA, writesA, okA := a.plan(t)
		digestB, writesB, okB := b.plan(t)
		if !okA || !okB {
			continue
		}
		compared++
		if writesA != writesB {
			if differ++; digestA == digestB {
				t.Fatalf("seed %d: one digest, and these writes:\n%s\n%s", seed, writesA, writesB)
			}
		}
		if digest, writes, ok := a.moved(r).plan(t); ok && (digest != digestA || writes != writesA) {
			t.Fatalf("seed %d: in another order and at other places the digest is %s, want %s:\n%s\n%s", seed, digest, digestA, writesA, writes)
		}
	}
	if differ < pairs/4 {
		t.Errorf("only %d of %d pairs differ in a write", differ, pairs)
	}
}
