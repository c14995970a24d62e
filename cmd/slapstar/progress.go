package main

import (
	"time"

	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
)

// A progress shows one plan and how it is carried out: as JSON on standard output,
// or on standard error, in a live area where that is a terminal.
type progress struct {
	env    *env
	json   bool
	saved  bool // the plan is
	stream view.Stream
	live   *view.Live
	broken error // of the last write to standard output
}

func newProgress(e *env, format string, saved bool) *progress {
	return &progress{env: e, json: format == "json", saved: saved, stream: view.Stream{W: e.Out, Now: time.Now}}
}

func (p *progress) plan(plan *engine.Plan, showSecrets bool) error {
	if p.json {
		return p.stream.Plan(plan)
	}
	return planOptions{format: "text", showSecrets: showSecrets}.show(p.env, plan)
}

// begin takes the terminal over, if there is one. What else is written to standard
// error then goes above the live area; a log of requests would only fight with it.
func (p *progress) begin(plan *engine.Plan) {
	e := p.env
	if !e.Live || p.json || e.global.connection.Verbosity > 0 {
		return
	}
	total := 0
	for _, c := range plan.Changes {
		if c.Pending() {
			total++
		}
	}
	p.live = view.NewLive(view.LiveOptions{W: e.stderr.W, Width: e.ErrWidth, Color: e.ErrColor, Total: total})
	e.stderr.Divert(p.live)
}

func (p *progress) event(event engine.Event) {
	switch {
	case p.json:
		if err := p.stream.Event(event); p.broken == nil {
			p.broken = err
		}
	case p.live != nil:
		p.live.Event(event)
	default:
		view.Text{W: p.env.Err, Color: p.env.ErrColor}.Event(event)
	}
}

// end gives the terminal back.
func (p *progress) end() {
	if p.live != nil {
		p.live.Close()
		p.env.stderr.Divert(nil)
	}
}

// outcome says how it ended. Its error decides the exit code.
func (p *progress) outcome(o *engine.Outcome, stopped error) error {
	begun := len(o.Done)+len(o.Failed)+len(o.NotStarted)+len(o.Needless) > 0
	hint := goOn
	if p.saved {
		hint = goOnSaved
	}
	result := report(p.env, o, stopped, begun && !p.json, hint)
	if !p.json {
		return result
	}
	if err := p.stream.Outcome(o, stopped, exitCode(result)); err != nil {
		return err
	}
	if result == nil {
		return p.broken
	}
	return result
}
