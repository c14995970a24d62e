package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/engine/document"
)

// A progress shows one plan and how it is carried out: as JSON on standard output,
// or on standard error, in a live area where that is a terminal.
type progress struct {
	env    *env
	json   bool
	saved  bool   // the plan is
	file   string // receives the outcome; empty: none
	stream view.Stream
	live   *view.Live
	broken error // of the last write to standard output
}

func newProgress(e *env, o applyOptions) *progress {
	return &progress{env: e, json: o.format == "json", saved: o.saved != nil, file: o.outcome, stream: view.Stream{W: e.Out, Now: time.Now, Context: document.Context{Version: version()}}}
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

// outcome says how it ended, also in the file for that. Its error decides the exit code.
func (p *progress) outcome(o *engine.Outcome, stopped error) error {
	result := p.say(o, stopped)
	if p.file == "" {
		return result
	}
	var b bytes.Buffer
	err := view.OutcomeJSON(p.env.hidden.Writer(&b), o, stopped, exitCode(result))
	if err == nil {
		err = run.ReplaceFile(p.file, b.Bytes(), 0o600)
	}
	if err != nil {
		return errors.Join(result, fmt.Errorf("--outcome: %w", err))
	}
	return result
}

func (p *progress) say(o *engine.Outcome, stopped error) error {
	begun := len(o.Done)+len(o.Failed)+len(o.NotStarted)+len(o.Needless) > 0
	hint := goOn
	if p.saved {
		hint = goOnSaved
	}
	result := report(p.env, o, stopped, begun && !p.json, hint)
	if !p.json {
		return result
	}
	if err := p.stream.Outcome(o, stopped, exitCode(result)); err != nil && !errors.Is(stopped, context.Canceled) {
		return err
	}
	if result == nil {
		return p.broken
	}
	return result
}
