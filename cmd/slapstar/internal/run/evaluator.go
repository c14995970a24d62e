package run

import (
	"context"
	"errors"
	"reflect"

	"slapstar/cmd/slapstar/internal/limit"
	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib"
)

// An evaluator evaluates one entry file. Evaluation is hermetic: as long as the
// Master answers the same to what the files asked of it, the result is the same,
// and they are not evaluated again.
type evaluator struct {
	inputs  starlib.Inputs
	travel  func(context.Context, starlib.Travel) (slap.Serialisation, error) // what the schemas say
	frozen  bool                                                              // the result stays, whatever the Master answers: what is to be destroyed is known
	config  *engine.Config                                                    // of the last evaluation that went well; nil: none did
	asked   *lookups                                                          // by that evaluation
	printed []printedLine                                                     // by the last evaluation
}

// A printedLine is one call of print.
type printedLine struct {
	at      engine.Position
	message string
}

// evaluate waits for the observation only when the files ask for something that
// the Master has.
func (v *evaluator) evaluate(ctx context.Context, o *observation, w *limit.Watch) (*engine.Config, error) {
	if v.config != nil {
		state, err := o.State(w)
		if err != nil {
			return nil, err
		}
		if v.frozen || v.asked.same(state) {
			return v.config, nil
		}
	}
	var printed []printedLine
	asked := &lookups{observation: o, watch: w, values: map[engine.Reference]answer[string]{}, instances: map[string]answer[slap.Instance]{}, forms: map[string]slap.Serialisation{}}
	in := v.inputs
	in.Source = w.Source(in.Source)
	in.Lookup, in.Instance = asked.value, asked.instance
	in.Serialisation = func(ctx context.Context, t starlib.Travel) (slap.Serialisation, error) {
		said, err := v.travel(ctx, t)
		switch {
		case errors.Is(err, errPutOff):
			asked.guessed = append(asked.guessed, t)
			return said, nil
		case said != "":
			return said, nil
		}
		return asked.form(t.Instance), err
	}
	in.Print = func(at engine.Position, message string) {
		printed = append(printed, printedLine{at, message})
	}
	config, err := starlib.Exec(ctx, in)
	v.printed, v.config, v.asked = printed, nil, asked
	if err == nil {
		v.config = config
	}
	return config, err
}

// lookups are what an evaluation asked of the Master, and was answered.
type lookups struct {
	observation *observation
	watch       *limit.Watch
	values      map[engine.Reference]answer[string]
	instances   map[string]answer[slap.Instance]
	forms       map[string]slap.Serialisation // that the Master has parameters in, where no schema says it
	guessed     []starlib.Travel              // whose form was put off
}

// An answer is a value, and whether there is one.
type answer[T any] struct {
	value T
	there bool
}

func (l *lookups) value(r engine.Reference) (string, bool) {
	var a answer[string]
	if state, err := l.observation.State(l.watch); err == nil {
		a.value, a.there = state.Find(r)
	}
	l.values[r] = a
	return a.value, a.there
}

func (l *lookups) instance(name string) (slap.Instance, bool) {
	var a answer[slap.Instance]
	if state, err := l.observation.State(l.watch); err == nil {
		a.value, a.there = state.Instances[name]
	}
	l.instances[name] = a
	return a.value, a.there
}

// form is the one in which the Master has the parameters of an instance.
func (l *lookups) form(name string) slap.Serialisation {
	var form slap.Serialisation
	if state, err := l.observation.State(l.watch); err == nil {
		form = SerialisationOf(state.Instances[name].Parameters)
	}
	l.forms[name] = form
	return form
}

// guessedRight reports whether an evaluation would be the same with what schemas say of the
// forms that it guessed.
func (l *lookups) guessedRight(ask func(starlib.Travel) slap.Serialisation) bool {
	for _, t := range l.guessed {
		form := ask(t)
		if form == "" {
			form = l.form(t.Instance)
		}
		if (form == slap.JSONInXML) != t.Nested {
			return false
		}
	}
	l.guessed = nil
	return true
}

// none reports whether nothing was asked, so that the result is the same whatever the
// Master has.
func (l *lookups) none() bool { return len(l.values)+len(l.instances)+len(l.forms) == 0 }

// same reports whether the same questions would get the same answers.
func (l *lookups) same(s *engine.State) bool {
	for asked, was := range l.values {
		if value, there := s.Find(asked); value != was.value || there != was.there {
			return false
		}
	}
	for name, was := range l.forms {
		if now := SerialisationOf(s.Instances[name].Parameters); (now == slap.JSONInXML) != (was == slap.JSONInXML) {
			return false
		}
	}
	for name, was := range l.instances {
		if i, there := s.Instances[name]; there != was.there || !reflect.DeepEqual(i, was.value) {
			return false
		}
	}
	return true
}
