package run

import "slapstar/starlib"

// A savedRevision is what was compared with.
type savedRevision struct {
	Name    string            `json:"name"`
	Entry   string            `json:"entry"`
	Sources map[string]string `json:"sources"`
	Data    map[string]string `json:"data,omitempty"`
	Fork    *savedFork        `json:"fork,omitempty"`
}

// A savedFork is where that and what is planned part.
type savedFork struct {
	Behind int            `json:"behind"`
	Files  *savedRevision `json:"files,omitempty"` // absent: the entry file is not there
}

// savedRevision is what a Planner compares with.
func (p *Planner) savedRevision() *savedRevision {
	saved := &savedRevision{p.Options.Since.Name, p.since.inputs.File, p.since.inputs.Sources.Text, p.since.inputs.Sources.Data, nil}
	if fork := p.Options.Since.Fork; fork != nil {
		saved.Fork = &savedFork{Behind: fork.Behind}
	}
	if p.fork != nil {
		saved.Fork.Files = &savedRevision{"", p.fork.inputs.File, p.fork.inputs.Sources.Text, p.fork.inputs.Sources.Data, nil}
	}
	return saved
}

// compareFork makes a Planner compare with the fork, if there is one.
func (r *savedRevision) compareFork(s *Planner, in starlib.Inputs) {
	switch {
	case r.Fork == nil:
	case r.Fork.Files == nil:
		s.CompareFork(nil, r.Fork.Behind)
	default:
		in.File, in.Sources = r.Fork.Files.Entry, closedSources(r.Fork.Files.Sources, r.Fork.Files.Data)
		s.CompareFork(&in, r.Fork.Behind)
	}
}
