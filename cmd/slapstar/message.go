package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/slap"
	"slapstar/starlib/lang"
)

// printError writes an error as people read it: what is wrong and where, the
// calls that led there, what to do.
func printError(w io.Writer, err error) {
	if files, ok := errors.AsType[*lang.Error](err); ok {
		for _, p := range files.Problems {
			printProblem(w, p)
		}
		return
	}
	text := err.Error()
	if errors.Is(err, context.Canceled) {
		text = strings.Replace(text, context.Canceled.Error(), "interrupted", 1)
	}
	fmt.Fprintf(w, "slapstar: %s\n", term.Clean(text))
	if hint := hintFor(err); hint != "" {
		fmt.Fprintf(w, "hint: %s\n", term.Clean(hint))
	}
}

func printProblem(w io.Writer, p lang.Problem) {
	fmt.Fprintln(w, term.Clean(fmt.Sprintf("slapstar: %v: %s", p.Position, p.Message)))
	if len(p.Stack) > 1 {
		fmt.Fprintln(w, "Traceback (most recent call last):")
		for _, f := range p.Stack {
			fmt.Fprintln(w, term.Clean(fmt.Sprintf("  %v: in %s", f.Position, f.Function)))
		}
	}
	hint := p.Hint
	if hint == "" && p.Cause != nil {
		hint = hintFor(p.Cause)
	}
	if hint != "" {
		fmt.Fprintf(w, "hint: %s\n", term.Clean(hint))
	}
}

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
	case errors.Is(err, slap.ErrNotAMaster):
		return "is master_url right? It is the address of the Master itself, not of its web panel"
	case strings.Contains(err.Error(), "project_reference"):
		return "this Master has projects: project_reference in the configuration names yours"
	case errors.Is(err, slap.ErrUnauthorized):
		return "the Master knows you by cert_file and key_file: are they yours, and still valid?"
	case errors.Is(err, slap.ErrNoPartition):
		return "the node may be full, or not registered: look at it with slapos node format, free a partition, or name another node in filter_kw"
	}
	return ""
}
