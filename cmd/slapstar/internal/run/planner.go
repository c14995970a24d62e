package run

import (
	"context"
	"errors"
	"fmt"

	"slapstar/cmd/slapstar/internal/limit"
	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/release"
	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// A Planner plans an entry file against what a Master has, as often as it is
// asked to. It is used by one goroutine at a time.
type Planner struct {
	Options engine.Options

	// Print receives what the files print, once: the same text is not printed again
	// by a later plan. It may be nil.
	Print func(at engine.Position, message string)

	// Say receives warnings, a line each. It may be nil.
	Say func(string)

	// Watch is what the planning is watched by, and told when it waits for the Master.
	// It may be nil.
	Watch *limit.Watch

	// Policies judge the plans; nil: none do.
	Policies *Policies

	// Check compares the parameters with the schemas of the releases: see
	// [engine.Options.Judged].
	Check bool

	// Quiet leaves out what is said of schemas that cannot be had.
	Quiet bool

	// Reading is told how many releases of how many are read. It may be nil.
	Reading func(n, of int)

	// Schemas are where the schemas of releases come from: those of the Master, see
	// [Master.Schemas]. They may be changed before the first plan.
	Schemas *release.Schemas

	master   *Master
	products map[string]string // looked up once
	asked    map[string]bool   // the products for which the Master was asked
	travel   Serialisations
	judge    judge
	judging  *judging        // the last; nil: there was none
	stale    map[string]bool // what was said of hosts
	files    *evaluator
	since    *evaluator // of the files at an earlier revision; nil: there is none
	fork     *evaluator // of the files where that and what is planned part; nil: they do not, or it has none
	base     *evaluator // of the files at the base, for what they protect; nil: there is none
	silent   bool       // what the files print has been shown
	site     engine.Site

	neighbours []*Neighbour
	warned     bool // of neighbours
}

// NewPlanner returns a Planner of an entry file. All its evaluations see the same
// sources, products and schemas: Product, Products and Serialisation of the inputs
// are ignored.
func NewPlanner(m *Master, in starlib.Inputs) *Planner {
	p := &Planner{master: m, Schemas: m.Schemas(in.Source), products: map[string]string{}, asked: map[string]bool{}}
	p.travel.Confirm = p.confirm
	p.files = p.evaluator(in)
	return p
}

// Freeze keeps the result of the first evaluation, whatever the Master answers
// later: what is to be destroyed is known from then on.
func (p *Planner) Freeze() { p.files.frozen = true }

// evaluator evaluates files with the products and schemas of the Planner. All
// evaluations see the same files.
func (p *Planner) evaluator(in starlib.Inputs) *evaluator {
	in.Product, in.Products = p.product, p.master.Products
	if in.Sources == nil {
		in.Sources = &lang.Sources{Text: map[string]string{}}
	}
	return &evaluator{inputs: in, travel: p.serialisation}
}

// CompareSince adds what the files declared earlier to all plans.
func (p *Planner) CompareSince(name string, in starlib.Inputs) {
	p.since = p.evaluator(in)
	p.Options.Since = &engine.Revision{Name: name}
}

// CompareFork says that the earlier revision is no ancestor: what it declares and the files
// do not where the two part, behind commits before it, was added there since. Without the
// entry file there it is nil.
func (p *Planner) CompareFork(in *starlib.Inputs, behind int) {
	p.Options.Since.Fork = &engine.Fork{Behind: behind}
	if in != nil {
		p.fork = p.evaluator(*in)
	}
}

// ProtectBase keeps all plans from forgetting what the files protected at the base.
func (p *Planner) ProtectBase(name string, in starlib.Inputs) {
	p.base = p.evaluator(in)
	p.Options.Base = &engine.Revision{Name: name}
}

// Plan reads the Master, evaluates meanwhile, compares, and has the policies judge.
func (p *Planner) Plan(ctx context.Context) (*engine.Plan, *engine.State, error) {
	plan, state, err := p.Replan(ctx)
	if err != nil {
		return nil, nil, err
	}
	return plan, state, p.Policies.judge(ctx, p.Watch, plan)
}

// Replan is Plan without the policies: for an apply, which does nothing but what the plan
// shows that they have judged.
func (p *Planner) Replan(ctx context.Context) (*engine.Plan, *engine.State, error) {
	ctx, cancel := context.WithCancel(ctx)
	reading := p.observe(ctx)
	defer func() { // nothing reads any more when this is over
		cancel()
		<-reading.done
		p.judging.wait()
	}()
	config, err := p.complete(ctx, p.files, reading)
	if !p.silent && !errors.Is(err, context.Canceled) {
		p.say()
	}
	if err != nil {
		return nil, nil, err
	}
	if p.since != nil {
		if p.Options.Since.Config, err = p.complete(ctx, p.since, reading); err != nil {
			return nil, nil, fmt.Errorf("evaluating the files at %s: %w", p.Options.Since.Name, err)
		}
	}
	if p.fork != nil {
		if p.Options.Since.Fork.Config, err = p.complete(ctx, p.fork, reading); err != nil {
			return nil, nil, fmt.Errorf("evaluating the files where this branch and %s part: %w", p.Options.Since.Name, err)
		}
	}
	if err := p.completeBase(ctx, reading); err != nil {
		return nil, nil, err
	}
	state, err := reading.State(p.Watch)
	if err != nil {
		return nil, nil, err
	}
	if err := p.lookAround(ctx, reading, state, config); err != nil {
		return nil, nil, err
	}
	options := p.Options
	others, blind, err := p.compareNeighbours(ctx, reading, config, state)
	if err != nil {
		return nil, nil, err
	}
	options.Others = others
	options.Master, options.Untrusted = p.master.Name(), p.master.untrusted
	options.Project = p.master.Project()
	if options.Judged, err = p.judgement(); err != nil {
		return nil, nil, err
	}
	if options.Entry, err = p.files.inputs.EntryName(); err != nil {
		return nil, nil, err
	}
	plan, err := engine.NewPlan(config, state, options)
	if err == nil {
		refuseBlind(plan, blind)
	}
	return plan, state, err
}

// lookAround reads once what a full Master has around the instances.
func (p *Planner) lookAround(ctx context.Context, r *observation, s *engine.State, c *engine.Config) error {
	defer p.master.Wait(p.Watch)()
	return p.site.Complete(ctx, r.reader, s, c)
}

// completeBase evaluates the files at the base. They are not those that are planned, so
// a mistake in them is a warning.
func (p *Planner) completeBase(ctx context.Context, reading *observation) (err error) {
	if p.base == nil {
		return nil
	}
	p.Options.Base.Config, err = p.complete(ctx, p.base, reading)
	if _, wrong := errors.AsType[*lang.Error](err); wrong && ctx.Err() == nil {
		if p.Say != nil {
			p.Say(fmt.Sprintf("what the files protect at %s is not known: %v", p.Options.Base.Name, err))
		}
		p.base, p.Options.Base, err = nil, nil, nil
	}
	return err
}

// say passes on what the files printed.
func (p *Planner) say() {
	p.silent = true
	if p.Print == nil {
		return
	}
	for _, line := range p.files.printed {
		p.Print(line.at, line.message)
	}
}

// complete evaluates, and reads what is declared and was not read. It evaluates
// again when the declarations name instances that the bulk read did not answer
// whole: their connection parameters may be what the files ask for.
func (p *Planner) complete(ctx context.Context, files *evaluator, r *observation) (*engine.Config, error) {
	for {
		config, evalErr := p.evaluate(ctx, files, r)
		if evalErr != nil && (files.asked.none() || ctx.Err() != nil) { // whatever the Master has
			return nil, evalErr
		}
		if evalErr == nil && files == p.files {
			p.startJudging(ctx, config)
		}
		state, err := r.State(p.Watch)
		if err != nil { // then there was nothing to evaluate with
			return nil, err
		}
		more := false
		if config != nil {
			resume := p.master.Wait(p.Watch)
			more, err = state.Complete(ctx, r.reader, config)
			resume()
			if err != nil {
				return nil, err
			}
		}
		if !more {
			return config, evalErr
		}
	}
}

// evaluate evaluates, and again when what the schemas say of how parameters travel had to be
// read from the network.
func (p *Planner) evaluate(ctx context.Context, files *evaluator, r *observation) (*engine.Config, error) {
	for {
		config, err := files.evaluate(ctx, r, p.Watch)
		if ctx.Err() != nil || !p.travel.Read(ctx, p.Reading) && len(files.asked.guessed) == 0 {
			return config, err
		}
		if files.asked.guessedRight(p.travel.settled) {
			return config, err
		}
		files.config = nil
	}
}

// serialisation is what a schema says. What is to be destroyed travels as the Master has it.
func (p *Planner) serialisation(ctx context.Context, t starlib.Travel) (slap.Serialisation, error) {
	p.travel.Schemas = p.Schemas
	if p.Options.Destroy && !t.Nested {
		return slap.XML, nil
	}
	return p.travel.Ask(ctx, t)
}

// confirm asks the Master for the products that a saved plan says a release is of: a
// plan allows no host. It reports whether it asked.
func (p *Planner) confirm(ctx context.Context, release string) (asked bool) {
	for name, saved := range p.products {
		if saved != release || p.asked[name] {
			continue
		}
		asked = true
		p.ask(ctx, name) // if it fails, the refusal says enough
	}
	return asked
}

func (p *Planner) product(ctx context.Context, name string) (string, error) {
	if release, ok := p.products[name]; ok {
		return release, nil
	}
	releases, err := p.ask(ctx, name)
	if err != nil {
		return "", err
	}
	if len(releases) == 0 {
		releases = []string{""}
	}
	p.products[name] = releases[0]
	return releases[0], nil
}

// ask asks the Master for the releases of a product. Their schemas may be fetched.
func (p *Planner) ask(ctx context.Context, product string) ([]string, error) {
	resume := p.master.Wait(p.Watch)
	releases, err := p.master.Product(ctx, product)
	resume()
	if err != nil {
		return nil, err
	}
	p.asked[product] = true
	for _, release := range releases {
		p.master.Allow(p.Schemas, release)
	}
	p.travel.Allowed()
	return releases, nil
}
