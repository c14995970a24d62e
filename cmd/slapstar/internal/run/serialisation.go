package run

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/release"
	"slapstar/starlib"
)

// Serialisations are how the parameters of releases travel: what the schemas say, each read
// once, or said when a plan was saved. What needs the network is put off, so that all of it
// is read at once: see [Serialisations.Read]. Whoever knows more than the schemas, such as a
// lock of products, tells it with keep before the first question. They are used by one
// goroutine at a time.
type Serialisations struct {
	Schemas *release.Schemas

	// Confirm is asked to allow a release whose host was refused, and reports whether it may
	// have. It may be nil.
	Confirm func(ctx context.Context, release string) bool

	said    map[kind]slap.Serialisation // empty: no schema says it
	putOff  map[kind]bool
	refused map[kind]bool // by the policy, which may allow more later
}

// errPutOff is the error for what needs the network.
var errPutOff = errors.New("it is not read yet")

// A kind is what a schema is asked for.
type kind struct {
	release, softwareType string
	shared                bool
}

// Ask returns what a schema says; empty if none is had, and the error says why. What is
// put off has [errPutOff], and a guess that lets the evaluation go on.
func (s *Serialisations) Ask(ctx context.Context, t starlib.Travel) (slap.Serialisation, error) {
	k := kind{t.Release, t.SoftwareType, t.Shared}
	switch said, ok := s.said[k]; {
	case said != "", ok && !t.Nested:
		return said, nil
	case ok:
		return s.read(ctx, k)
	case s.Schemas.AtHand(k.release):
		return s.settle(ctx, k)
	}
	s.delay(k)
	if t.Nested {
		return slap.JSONInXML, errPutOff
	}
	return "", errPutOff
}

// Exec evaluates, and again if what schemas say had to be read from the network. What the
// files print is passed on once.
func (s *Serialisations) Exec(ctx context.Context, in starlib.Inputs, say func(engine.Position, string)) (*engine.Config, error) {
	for {
		var printed []printedLine
		in.Print = func(at engine.Position, message string) { printed = append(printed, printedLine{at, message}) }
		config, err := starlib.Exec(ctx, in)
		if ctx.Err() == nil && s.Read(ctx, nil) {
			continue
		}
		for _, line := range printed {
			say(line.at, line.message)
		}
		return config, err
	}
}

// Allowed is called when the policy allows more than before.
func (s *Serialisations) Allowed() {
	for k := range s.refused {
		if !s.Schemas.Refuses(k.release) {
			delete(s.said, k)
			delete(s.refused, k)
			s.delay(k)
		}
	}
}

func (s *Serialisations) delay(k kind) {
	if s.putOff == nil {
		s.putOff = map[kind]bool{}
	}
	s.putOff[k] = true
}

// Read reads what was put off, several releases at a time, and reports whether there was
// anything: then the files have to be evaluated again. Done is as for
// [release.Schemas.Prefetch].
func (s *Serialisations) Read(ctx context.Context, done func(n, of int)) bool {
	if len(s.putOff) == 0 {
		return false
	}
	releases := map[string]bool{}
	for k := range s.putOff {
		releases[k.release] = true
	}
	s.Schemas.ReadReleases(ctx, slices.Sorted(maps.Keys(releases)), done)
	for k := range s.putOff {
		s.settle(ctx, k) // the error is for who asks again
	}
	clear(s.putOff)
	return true
}

// settle keeps what a schema says, also if that is nothing.
func (s *Serialisations) settle(ctx context.Context, k kind) (slap.Serialisation, error) {
	said, err := s.read(ctx, k)
	if ctx.Err() == nil {
		s.keep(k, said)
	}
	if _, refused := errors.AsType[*release.RefusedHostError](err); refused {
		if s.refused == nil {
			s.refused = map[kind]bool{}
		}
		s.refused[k] = true
	}
	return said, err
}

// settled is what a schema was found to say.
func (s *Serialisations) settled(t starlib.Travel) slap.Serialisation {
	return s.said[kind{t.Release, t.SoftwareType, t.Shared}]
}

func (s *Serialisations) keep(k kind, said slap.Serialisation) {
	if s.said == nil {
		s.said = map[kind]slap.Serialisation{}
	}
	s.said[k] = said
}

func (s *Serialisations) read(ctx context.Context, k kind) (slap.Serialisation, error) {
	said, err := Serialisation(ctx, s.Schemas, k)
	if _, refused := errors.AsType[*release.RefusedHostError](err); refused && s.Confirm != nil && s.Confirm(ctx, k.release) {
		return Serialisation(ctx, s.Schemas, k)
	}
	return said, err
}

// Serialisation is what the schema of a release says of a software type; empty when
// the release has none.
func Serialisation(ctx context.Context, schemas *release.Schemas, k kind) (slap.Serialisation, error) {
	schema, err := schemas.Release(ctx, k.release)
	if errors.Is(err, slap.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", HintSchema(err)
	}
	entry, _ := schema.Type(k.softwareType, k.shared)
	return entry.Serialisation, nil
}

// SerialisationOf is the form in which a Master has parameters; empty if they would be the
// same in each.
func SerialisationOf(p slap.Parameters) slap.Serialisation {
	text, ok := p["_"]
	switch {
	case len(p) == 0:
		return ""
	case ok && len(p) == 1 && json.Valid([]byte(text)):
		return slap.JSONInXML
	}
	return slap.XML
}
