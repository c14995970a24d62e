package document

// A Context says which plan it is, and when and of what it was made. Nothing of it but
// the Master, the project and the entry file counts for the digest.
type Context struct {
	Master  string `json:"master,omitempty"`  // its URL, which holds no password, or embedded:PATH; empty: it is in memory
	Project string `json:"project,omitempty"` // in which the client works
	Entry   string `json:"entry,omitempty"`   // the entry file, relative to its root

	Title   string `json:"title,omitempty"`
	Commit  string `json:"commit,omitempty"`  // that the files are of; empty: it is not known
	Dirty   *bool  `json:"dirty,omitempty"`   // a file that was read is not as the commit has it; nil: it is not known
	Time    string `json:"time,omitempty"`    // when it was made, as in RFC 3339, in UTC and whole seconds
	Version string `json:"version,omitempty"` // of slapstar
}

// Made adds to a plan who made it when and of what: the first three of c are left alone.
func (p *Plan) Made(c Context) *Plan {
	p.Context.Title, p.Context.Commit, p.Context.Dirty, p.Context.Time, p.Context.Version = c.Title, c.Commit, c.Dirty, c.Time, c.Version
	return p
}
