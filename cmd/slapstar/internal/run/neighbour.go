package run

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// A Neighbour is another environment on the same Master, as the same person and in the same
// project. It is evaluated once, by whoever plans first, with what the Master has then.
type Neighbour struct {
	Name   string
	Inputs starlib.Inputs // without secrets that somebody would be asked for

	mu     sync.Mutex
	config *engine.Config // nil: it was not evaluated yet
	err    error          // of the evaluation: the files are wrong
}

// evaluated returns what the files declare, as far as that is known.
func (n *Neighbour) evaluated(ctx context.Context, p *Planner, r *observation) (*engine.Config, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.config == nil && n.err == nil {
		config, err := n.evaluate(ctx, p, r)
		if _, wrong := errors.AsType[*lang.Error](err); ctx.Err() != nil || err != nil && !wrong {
			return nil, err
		}
		n.config, n.err = config, err
	}
	return n.config, n.err
}

// evaluate evaluates for the names: no schema is read for that, and of the Master no more
// than the plan has read, unless the files cannot do without.
func (n *Neighbour) evaluate(ctx context.Context, p *Planner, r *observation) (*engine.Config, error) {
	in := n.Inputs
	in.Print, in.Secret = nil, GivenSecrets(in.Secret)
	files := p.evaluator(in)
	files.travel = func(_ context.Context, t starlib.Travel) (slap.Serialisation, error) {
		if t.Nested {
			return slap.JSONInXML, nil
		}
		return slap.XML, nil
	}
	config, err := p.evaluate(ctx, files, r)
	if err == nil && config.More == nil {
		return config, nil
	}
	return p.complete(ctx, files, r)
}

// LookAt makes all plans look at other environments of the same Master: what they declare
// is in a file, and what both want is an error.
func (p *Planner) LookAt(neighbours []*Neighbour) { p.neighbours = neighbours }

// mostClashes is how many are told.
const mostClashes = 20

// compareNeighbours compares with the neighbours. It returns their declarations, and why claims
// cannot be carried out; empty: they can.
func (p *Planner) compareNeighbours(ctx context.Context, r *observation, config *engine.Config, state *engine.State) (others []*engine.Config, blind string, err error) {
	var problems []lang.Problem
	for _, n := range p.neighbours {
		other, err := n.evaluated(ctx, p, r)
		if _, wrong := errors.AsType[*lang.Error](err); wrong && ctx.Err() == nil {
			blind = n.Name
			p.warn("environment %s is on this Master, too, and cannot be evaluated; what it declares counts as in no file: %v", n.Name, err)
			continue
		}
		if err != nil {
			return nil, "", fmt.Errorf("evaluating environment %s, which is on this Master, too: %w", n.Name, err)
		}
		if other.More != nil && len(other.Claims) == 0 {
			blind = n.Name
		}
		others = append(others, other)
		for _, c := range config.Clashes(other, "environment "+n.Name, state) {
			err := fmt.Errorf("%s (%v)", c.Message, c.There)
			problems = append(problems, lang.NewProblem(c.Here, lang.Hint(err, c.Hint)))
		}
	}
	if more := len(problems) - mostClashes; more > 0 {
		problems = problems[:mostClashes]
		problems[mostClashes-1].Message += fmt.Sprintf("; and %d more of this kind", more)
	}
	if len(problems) > 0 {
		return nil, "", &lang.Error{Problems: problems}
	}
	return others, blind, nil
}

func (p *Planner) warn(format string, args ...any) {
	if p.Say != nil && !p.warned {
		p.Say(fmt.Sprintf(format, args...))
	}
	p.warned = true
}

// refuseBlind refuses to destroy by a claim what another environment may declare, of which
// that is not known.
func refuseBlind(plan *engine.Plan, environment string) {
	if environment == "" {
		return
	}
	for _, c := range plan.Changes {
		if c.Action == engine.Delete && c.Claim != nil {
			plan.Refusals = append(plan.Refusals, engine.Refusal{Address: c.Address(), Origin: c.Claim.Origin,
				Message: fmt.Sprintf("environment %s is on this Master, too, and what it declares is not known: this may be its instance", environment),
				Hint:    "claims in its files, which do not overlap with these, would say what is whose"})
		}
	}
}

// Identity is what tells Masters apart for those who declare: where the Master is, the
// project, and as whom it is asked. Without a Master it is empty.
func (c Connection) Identity(entry string) (string, error) {
	c.Say = nil
	settings, err := c.Configuration(entry)
	if err != nil {
		return "", err
	}
	location, base := c.location(settings)
	file, err := database(location, base)
	if err != nil || location == "" {
		return "", err
	}
	if file != "" {
		return embedded + resolved(absolute(file)), nil
	}
	options, err := c.clientOptions(settings)
	if err != nil {
		return "", err
	}
	person := options.CertFile
	if certificate, err := os.ReadFile(person); err == nil { // the same one may lie in several places
		person = fmt.Sprintf("%x", sha256.Sum256(certificate))
	}
	if u, err := url.Parse(location); err == nil {
		u.Host = strings.ToLower(u.Host)
		location = strings.TrimRight(u.String(), "/")
	}
	return strings.Join([]string{location, options.Project, person}, "\n"), nil
}
