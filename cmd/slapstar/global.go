package main

import (
	"fmt"
	"io"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/limit"
	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/engine"
	"slapstar/slap/config"
	"slapstar/slap/release"
)

// global are the flags of all commands.
type global struct {
	connection run.Connection
	limits     limit.Limits
	schemas    *release.Budget // of all that the command evaluates
	noColor    bool
}

func (g *global) flags() []cli.Flag {
	return append([]cli.Flag{
		&cli.StringFlag{Name: "cfg", Usage: "configuration `FILE`; else that of the environment, $" + config.Variable + ", slapos.cfg beside FILE, ./slapos.cfg, ~/.slapos/slapos-client.cfg", Destination: &g.connection.File},
		&cli.StringFlag{Name: "master-url", Usage: "the Master, instead of master_url: http(s)://HOST:PORT/ or embedded:FILE", Destination: &g.connection.MasterURL},
		&cli.StringFlag{Name: "project", Usage: "`REFERENCE` of the project to work in, instead of project_reference; only a full Master has some", Destination: &g.connection.Project},
		&cli.StringFlag{Name: "cert-file", Usage: "TLS client certificate", Destination: &g.connection.CertFile},
		&cli.StringFlag{Name: "key-file", Usage: "TLS client key", Destination: &g.connection.KeyFile},
		&cli.StringFlag{Name: "ca-file", Usage: "certificate of the authority that signed the Master's", Destination: &g.connection.CAFile},
		&cli.BoolFlag{Name: "insecure", Usage: "do not verify the Master's certificate", Destination: &g.connection.Insecure},
		&cli.BoolFlag{Name: "untrusted", Usage: "the files are somebody else's: they are planned, and choose neither the Master nor the certificate", EnvVars: []string{"SLAPSTAR_UNTRUSTED"}, Destination: &g.connection.Trust.Untrusted},
		&cli.StringFlag{Name: "base", Usage: "with --untrusted, the git revision `REV` whose configuration is used, and whose protected instances stay", Destination: &g.connection.Trust.Base},
		&cli.BoolFlag{Name: "no-color", Usage: "no colours", Destination: &g.noColor},
		&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "log the requests to the Master on stderr; twice, with the names and sizes of fields", Count: &g.connection.Verbosity},
	}, limitFlags(&g.limits)...)
}

// connection is what the flags say of the Master, with what is said of it on Err.
func (e *env) connection() run.Connection {
	c := e.global.connection
	c.Trust.CI = term.CI()
	c.Trace, c.Hidden, c.Budget = cleaned{e.Err}, e.hidden, e.global.schemas
	c.Say = func(message string) { view.Say(e.Err, message) }
	return c
}

// printer shows what files print.
func (e *env) printer() func(engine.Position, string) { return view.Printed(e.Err) }

// closing ends the connection after a command that ended with err. An error of the
// connection is returned unless there is a worse one.
func closing(m *run.Master, err error) error {
	if closed := m.Close(); closed != nil && (err == nil || silent(err)) {
		return closed
	}
	return err
}

// readOnly opens an embedded Master so that nothing can be written to it.
const readOnly = true

// withMaster opens the Master of an entry file, or of the working folder if file is
// empty, and closes it after do.
func withMaster(e *env, file string, noWrites bool, do func(*run.Master) error) (err error) {
	m, err := e.connection().Open(file, noWrites)
	if err != nil {
		return err
	}
	defer func() { err = closing(m, err) }()
	return do(m)
}

// A cleaned is a writer of lines that begin with words of slapstar.
type cleaned struct{ w io.Writer }

// Write implements [io.Writer].
func (c cleaned) Write(p []byte) (int, error) {
	_, err := fmt.Fprint(c.w, term.Clean(string(p)))
	return len(p), err
}
