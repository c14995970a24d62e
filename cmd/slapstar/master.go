package main

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"slapstar/proxy"
	"slapstar/slap"
	"slapstar/slap/config"
)

// simulatedDelay is how long the simulated nodes of an embedded Master take.
const simulatedDelay = 200 * time.Millisecond

// embedded starts a master_url that names the SQLite file of an embedded Master.
const embedded = "embedded:"

// defaultComputer is the node that a Master without computer_id allocates on.
const defaultComputer = "local_computer"

// global are the flags of all commands.
type global struct {
	cfg       string
	masterURL string
	certFile  string
	keyFile   string
	caFile    string
	insecure  bool
	noColor   bool
	verbosity int
}

func (g *global) flags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "cfg", Usage: "configuration `FILE`; else $" + config.Variable + ", slapos.cfg beside FILE, ./slapos.cfg, ~/.slapos/slapos-client.cfg", Destination: &g.cfg},
		&cli.StringFlag{Name: "master-url", Usage: "the Master, instead of master_url: http(s)://HOST:PORT/ or embedded:FILE", Destination: &g.masterURL},
		&cli.StringFlag{Name: "cert-file", Usage: "TLS client certificate", Destination: &g.certFile},
		&cli.StringFlag{Name: "key-file", Usage: "TLS client key", Destination: &g.keyFile},
		&cli.StringFlag{Name: "ca-file", Usage: "certificate of the authority that signed the Master's", Destination: &g.caFile},
		&cli.BoolFlag{Name: "insecure", Usage: "do not verify the Master's certificate", Destination: &g.insecure},
		&cli.BoolFlag{Name: "no-color", Usage: "no colours", Destination: &g.noColor},
		&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}, Usage: "log the requests to the Master on stderr; twice, with the names and sizes of fields", Count: &g.verbosity},
	}
}

// config reads the configuration that belongs to an entry file. Without one it
// is empty.
func (g *global) config(entry string) (*config.File, error) {
	path, err := config.Find(g.cfg, entry)
	if err != nil {
		return nil, err
	}
	if path == "" {
		return &config.File{}, nil
	}
	c, err := config.Read(path)
	if err != nil && g.cfg == "" && os.Getenv(config.Variable) != "" {
		return nil, fmt.Errorf("reading the configuration that $%s names: %w", config.Variable, err)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	return c, nil
}

// A master is a connection to a Master, and the Master itself when it is
// embedded.
type master struct {
	*slap.Client
	requests *slap.Log
	location string   // as the configuration or the flag names it
	products []string // that the configuration names
	close    func() error
}

// closeAfter ends the connection after a command that ended with err. An error
// of its own is returned unless there is a worse one.
func (m *master) closeAfter(err error) error {
	closing := m.close()
	if closing != nil && (err == nil || silent(err)) {
		return fmt.Errorf("closing the embedded Master: %w", closing)
	}
	return err
}

// openMaster connects to the Master of an entry file. An embedded one is opened
// so that it cannot write, if readOnly is set.
func openMaster(e *env, entry string, readOnly bool) (*master, error) {
	c, err := e.global.config(entry)
	if err != nil {
		return nil, err
	}
	location, base := c.MasterURL, filepath.Dir(c.Path)
	if e.global.masterURL != "" {
		location, base = e.global.masterURL, "."
	}
	if location == "" && c.Path == "" {
		return nil, &hintedError{errors.New("there is no configuration file, so there is no Master to talk to"),
			"write a slapos.cfg beside the file (slapos.cfg.example), or give --cfg or --master-url; --master-url embedded:master.sqlite is a Master of its own for a first try"}
	}
	m, err := connect(e, c, location, base, readOnly)
	if err != nil {
		return nil, err
	}
	m.location = location
	if file, ok := strings.CutPrefix(location, embedded); ok { // the same words elsewhere are another one
		if !filepath.IsAbs(file) {
			file = filepath.Join(base, file)
		}
		if file, err = filepath.Abs(file); err == nil {
			m.location = embedded + file
		}
	}
	return m, nil
}

func connect(e *env, c *config.File, location, base string, readOnly bool) (*master, error) {
	if file, ok := strings.CutPrefix(location, embedded); ok {
		return openEmbedded(e, c, file, base, readOnly)
	}
	options, err := e.global.clientOptions(c)
	if err != nil {
		return nil, err
	}
	if options.Insecure {
		fmt.Fprintln(e.Err, "slapstar: WARNING: --insecure: the certificate of the Master is not verified; anybody on the way can read and change what is sent")
	}
	transport, err := slap.NewTransport(options)
	if err != nil {
		return nil, err
	}
	return newMaster(e, c, options, transport, func() error { return nil })
}

// reading opens the Master that the configuration names, without a file, for what
// only reads.
func reading(e *env, do func(*master) error) (err error) {
	m, err := openMaster(e, "", true)
	if err != nil {
		return err
	}
	defer func() { err = m.closeAfter(err) }()
	return do(m)
}

// clientOptions are what the configuration says, with the flags in its place.
// Another Master than the configured one has URLs and projects of its own.
func (g *global) clientOptions(c *config.File) (slap.Options, error) {
	configured := *c
	if g.certFile != "" || g.keyFile != "" {
		configured.CertFile, configured.KeyFile = "", ""
	}
	if g.caFile != "" {
		configured.CAFile = ""
	}
	o := slap.Options{MasterURL: g.masterURL, CertFile: configured.CertFile, KeyFile: configured.KeyFile, CAFile: configured.CAFile}
	if g.masterURL == "" {
		var err error
		if o, err = configured.ClientOptions(); err != nil {
			return o, err
		}
	}
	o.Insecure = g.insecure
	if g.certFile != "" || g.keyFile != "" {
		o.CertFile, o.KeyFile = g.certFile, g.keyFile
	}
	if g.caFile != "" {
		o.CAFile = g.caFile
	}
	return o, nil
}

func openEmbedded(e *env, c *config.File, file, base string, readOnly bool) (*master, error) {
	if file == "" {
		return nil, &hintedError{errors.New("master_url = embedded: names no file"), "write embedded:master.sqlite"}
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(base, file)
	}
	server, err := proxy.Open(proxy.Options{
		Database:  file,
		ReadOnly:  readOnly,
		Computer:  computerOr(c, defaultComputer),
		Products:  c.Proxy.Products,
		Simulator: proxy.DefaultSimulator{Delay: simulatedDelay},
		Log:       func(s string) { fmt.Fprintf(e.Err, "slapstar: embedded Master: %s\n", safe(s)) },
	})
	if err != nil {
		return nil, fmt.Errorf("opening the embedded Master: %w", err)
	}
	transport, closeServing := server.Transport()
	return newMaster(e, c, slap.Options{MasterURL: "http://embedded/"}, transport, func() error {
		closeServing()
		return server.Close()
	})
}

func computerOr(c *config.File, otherwise string) string {
	if c.ComputerID != "" {
		return c.ComputerID
	}
	return otherwise
}

func newMaster(e *env, c *config.File, o slap.Options, transport http.RoundTripper, closeMaster func() error) (*master, error) {
	log := &slap.Log{Next: transport, Fields: e.global.verbosity > 1}
	if e.global.verbosity > 0 {
		log.W = e.Err
	}
	o.Transport = log
	o.Retry.Notify = func(err error, wait time.Duration) {
		fmt.Fprintf(e.Err, "slapstar: trying again in %s: %s\n", wait.Round(time.Millisecond), safe(err.Error()))
	}
	client, err := slap.NewClient(o)
	if err != nil {
		return nil, errors.Join(err, closeMaster())
	}
	return &master{Client: client, requests: log, products: slices.Sorted(maps.Keys(c.Proxy.Products)), close: closeMaster}, nil
}
