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
	if hint := meaningHints[slap.MeaningOf(err)]; hint != "" {
		return hint
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
	case errors.Is(err, slap.ErrNoPartition):
		return "the node may be full, or not registered: look at it with slapos node format, free a partition, or name another node in filter_kw"
	}
	return ""
}

// meaningHints say what to do about what a Master means; those that pass by themselves
// say how to go on.
var meaningHints = map[slap.Meaning]string{
	slap.InProgress:        "the Master has it, or takes it just now, and lists it in a moment: look at a new plan then",
	slap.OnItsWayOut:       "something of this name is being destroyed: ask again when slapstar list does not show it any more",
	slap.Conflicting:       "several writes at once hinder each other there: try again, with a smaller --parallelism",
	slap.Busy:              "the Master, or something in front of it, has too much to do: try again later",
	slap.RefusedForGood:    "what exists keeps its release, its type and whether it is shared: destroy it first, or give the new one another name",
	slap.DamagedMaster:     "the Master's own data contradicts itself: tell those who run it, with this message",
	slap.NoProject:         "this Master has projects: project_reference in the configuration names yours, or --project does; a name that you have in another project is taken, too",
	slap.NoSuchProject:     "project_reference in the configuration, or --project, names a project that does not exist or is not yours",
	slap.TitleElsewhere:    "you have an instance of this name in another project, and a name counts in all of them: take another name, or name that project with --project",
	slap.NotAllowed:        "the Master knows you by cert_file and key_file: are they yours, and still valid?",
	slap.ManagersOnly:      "only managers of a project may supply software: ask one of them, or use a node on which it is there",
	slap.NodeCertificate:   "is cert_file that of a compute node? A person's is wanted; and master_url of a full Master ends in /erp5/portal_slap",
	slap.NoLongerSupported: "this Master does not have that any more: use its web panel",
}
