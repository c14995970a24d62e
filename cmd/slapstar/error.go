package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"strings"

	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/slap"
	"slapstar/starlib/lang"
)

// printError writes an error as people read it.
func printError(w io.Writer, err error) { view.WriteProblems(w, problems(err)) }

// problems are what an error says is wrong: several, if it is of files.
func problems(err error) []view.Problem {
	if files, ok := errors.AsType[*lang.Error](err); ok {
		list := make([]view.Problem, len(files.Problems))
		for i, p := range files.Problems {
			hint := p.Hint
			if hint == "" && p.Cause != nil {
				hint = hintFor(p.Cause)
			}
			list[i] = view.NewProblem(p.Position, p.Stack, p.Message, hint)
		}
		return list
	}
	text := err.Error()
	if errors.Is(err, context.Canceled) {
		text = strings.Replace(text, context.Canceled.Error(), "interrupted", 1)
	}
	return []view.Problem{{Message: text, Hint: hintFor(err)}}
}

// hintFor is what to do about an error; empty when nothing is known to help.
func hintFor(err error) string {
	if hinted, ok := errors.AsType[*lang.HintedError](err); ok {
		return hinted.Text
	}
	switch {
	case isA[*lang.MemoryError](err):
		return "is there something that grows without end? The values may take half of --max-memory"
	case isA[*engine.NotApprovedError](err), isA[*engine.DivergedError](err):
		return "nothing more was written; look at a new plan and apply that"
	case isA[*document.StaleError](err):
		return "make a new plan, look at it, and apply that"
	case errors.Is(err, slap.ErrUnreachable):
		return "is the Master running, and is master_url right? slapstar proxy --cfg FILE serves one, master_url = embedded:FILE needs none"
	case errors.Is(err, slap.ErrTLS) && isA[tls.RecordHeaderError](err):
		return "nobody speaks TLS there: is master_url http:// instead of https://?"
	case errors.Is(err, slap.ErrTLS):
		return "--ca-file names the authority that signed the Master's certificate; cert_file and key_file are yours; --insecure turns the check off"
	case errors.Is(err, slap.ErrTooMuch):
		return "max_listing = MIB in [slapstar] of the configuration allows more; a plan may read four times that"
	case errors.Is(err, slap.ErrElsewhere):
		return "if the Master is there, too, write its HATEOAS address: master_rest_url in [slapos] of the configuration"
	case errors.Is(err, slap.ErrNotAMaster):
		return "is master_url right? It is the address of the Master itself, not of its web panel"
	case errors.Is(err, slap.ErrNoProject):
		return "this Master has projects: project_reference in the configuration names yours"
	case errors.Is(err, slap.ErrUnauthorized):
		return "the Master knows you by cert_file and key_file: are they yours, and still valid?"
	case errors.Is(err, slap.ErrNoPartition):
		return "the node may be full, or not registered: look at it with slapos node format, free a partition, or name another node in filter_kw"
	}
	return ""
}
