package run

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"slapstar/cmd/slapstar/internal/limit"
	"slapstar/engine"
	"slapstar/internal/mask"
	"slapstar/slap"
	"slapstar/slap/config"
	"slapstar/slap/release"
	"slapstar/starlib/lang"
)

// A Connection says which Master is meant and how it is reached.
type Connection struct {
	File      string // the configuration; empty: it is looked for, see [config.Find]
	MasterURL string // instead of that of the configuration; may be empty, as may the next four
	Project   string
	CertFile  string
	KeyFile   string
	CAFile    string
	Insecure  bool
	Verbosity int // above 0 requests are logged to Trace, above 1 with the names and sizes of fields

	Trust  Trust
	Budget *release.Budget // of all schemas that are read; nil: each evaluation has its own
	Hidden *mask.Filter    // the secrets of the run, which no message repeats; may be nil

	Trace io.Writer // receives the log of requests
	// Waiting is called when a request to a Master that is not embedded begins, and what it
	// returns when it has ended. It may be nil.
	Waiting func() (resume func())

	once bool // a request that fails is not repeated

	Say func(string) // receives warnings, retries and messages of an embedded Master, a line each; may be nil
}

func (c Connection) say(message string) {
	if c.Say != nil {
		c.Say(message)
	}
}

// A Master is a client of a Master, and the Master itself when it is embedded. It
// has to be closed.
type Master struct {
	*slap.Client
	Requests  *slap.Log
	Location  string   // as the configuration or the flag names it; of an embedded one, with the whole path
	Products  []string // that the configuration names, in order
	settings  *config.File
	url       string          // empty when it is embedded
	budget    *release.Budget // of schemas
	clock     *clockTransport // nil when it is embedded
	untrusted bool            // the files are a stranger's, and only plans are made
	close     func() error
}

// Complete reads of all instances what a bulk read did not answer. One of which the
// listing was odd already may stay unread: that is added to what is odd.
func (m *Master) Complete(ctx context.Context, s *engine.State) error {
	odd := map[string]bool{}
	for _, o := range s.Odd {
		odd[o.Name] = s.Unread[o.Name]
	}
	names := slices.DeleteFunc(s.Names(), func(name string) bool { return odd[name] })
	if _, err := s.Complete(ctx, m.Reader(), &engine.Config{Reads: names}); err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(odd)) {
		if !odd[name] {
			continue
		}
		if err := s.Read(ctx, m.Reader(), name); ctx.Err() != nil || slap.MeaningOf(err).Temporary() || errors.Is(err, slap.ErrUnreachable) {
			return err
		} else if err != nil {
			s.Odd = append(s.Odd, slap.Oddity{Kind: slap.OddText, Name: name, Detail: err.Error()})
		}
	}
	return nil
}

// CompleteSoftware reads the software of all compute nodes of the Master. The error wraps
// [slap.ErrUnsupported] where that does not list its nodes.
func (m *Master) CompleteSoftware(ctx context.Context, s *engine.State) error {
	nodes, err := m.Reader().Nodes(ctx)
	if err != nil {
		return err
	}
	var references []string
	for _, n := range nodes {
		references = append(references, n.Reference)
	}
	return s.CompleteSoftware(ctx, m.Reader(), references)
}

// Allow allows the schemas of a product that the Master names, unless the Master is the
// stranger's, too.
func (m *Master) Allow(s *release.Schemas, product string) {
	if !m.settings.Untrusted {
		s.AllowProduct(product)
	}
}

// Wait stops the clock of a watch until resume is called, while the Master is waited for.
// An embedded one is this process, so its time counts.
func (m *Master) Wait(w *limit.Watch) (resume func()) {
	if m.url == "" {
		return func() {}
	}
	return w.Wait()
}

// Name is the Master as a plan names it: its URL, or embedded:PATH, with the path from
// the working folder where the database is below that; empty for one in memory.
func (m *Master) Name() string {
	file, ok := strings.CutPrefix(m.Location, embedded)
	if !ok {
		return m.Location
	}
	folder, err := os.Getwd()
	if err != nil {
		return m.Location
	}
	if short, err := filepath.Rel(folder, file); err == nil && filepath.IsLocal(short) {
		return embedded + filepath.ToSlash(short)
	}
	return m.Location
}

// Close ends the connection, and an embedded Master.
func (m *Master) Close() error {
	if err := m.close(); err != nil {
		return fmt.Errorf("closing the embedded Master: %w", err)
	}
	return nil
}

// Open connects to the Master of an entry file, or of the working folder without
// one. An embedded one is opened so that it cannot write, if readOnly is set.
func (c Connection) Open(entry string, readOnly bool) (*Master, error) {
	settings, err := c.Configuration(entry)
	if err != nil {
		return nil, err
	}
	location, base := c.location(settings)
	if location == "" && settings.Path == "" {
		return nil, lang.Hint(errors.New("there is no configuration file, so there is no Master to talk to"),
			"slapstar init writes a slapos.cfg; or write one beside the file (slapos.cfg.example), or give --cfg or --master-url; --master-url embedded:master.sqlite is a Master of its own for a first try")
	}
	if c.Trust.Untrusted && !readOnly && !strings.HasPrefix(location, embedded) {
		return nil, fmt.Errorf("%w: the files are untrusted: they are planned, and nothing is written to %s", ErrRefused, location)
	}
	file, err := database(location, base)
	if err != nil {
		return nil, err
	}
	if file == "" {
		m, err := c.connect(settings)
		if err != nil {
			return nil, err
		}
		m.Location, m.untrusted = location, c.Trust.Untrusted
		return m, nil
	}
	if err := c.checkEmbedded(entry, file); err != nil {
		return nil, err
	}
	m, err := c.openEmbedded(settings, file, readOnly)
	if err != nil {
		return nil, err
	}
	m.Location, m.untrusted = location, c.Trust.Untrusted && readOnly
	if file, err = filepath.Abs(file); err == nil { // the same words elsewhere are another one
		m.Location = embedded + file
	}
	return m, nil
}

// location is the Master, and the folder that a path in it is relative to.
func (c Connection) location(settings *config.File) (location, base string) {
	if c.MasterURL != "" {
		return c.MasterURL, "."
	}
	return settings.MasterURL, filepath.Dir(settings.Path)
}

func (c Connection) connect(settings *config.File) (*Master, error) {
	options, err := c.clientOptions(settings)
	if err != nil {
		return nil, err
	}
	if options.Insecure {
		c.say("WARNING: --insecure: the certificate of the Master is not verified; anybody on the way can read and change what is sent")
	}
	transport, err := slap.NewTransport(options)
	if err != nil {
		return nil, err
	}
	if warning := endsSoon(options.CertFile, time.Now()); warning != "" {
		c.say(warning)
	}
	return c.newMaster(settings, options.MasterURL, options, transport, func() error { return nil })
}

// clientOptions are what the configuration says, with the flags in its place.
// Another Master than the configured one has URLs and projects of its own.
func (c Connection) clientOptions(settings *config.File) (slap.Options, error) {
	configured := *settings
	if c.CertFile != "" || c.KeyFile != "" {
		configured.CertFile, configured.KeyFile = "", ""
	}
	if c.CAFile != "" {
		configured.CAFile = ""
	}
	o := slap.Options{MasterURL: c.MasterURL, CertFile: configured.CertFile, KeyFile: configured.KeyFile, CAFile: configured.CAFile}
	if c.MasterURL == "" {
		var err error
		if o, err = configured.ClientOptions(); err != nil {
			return o, err
		}
	}
	o.Insecure = c.Insecure
	if c.Project != "" {
		o.Project = c.Project
	}
	if c.CertFile != "" || c.KeyFile != "" {
		o.CertFile, o.KeyFile = c.CertFile, c.KeyFile
	}
	if c.CAFile != "" {
		o.CAFile = c.CAFile
	}
	return o, nil
}

// A waitingTransport says when it waits for an answer.
type waitingTransport struct {
	next    http.RoundTripper
	waiting func() func()
}

func (t waitingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	defer t.waiting()()
	return t.next.RoundTrip(r)
}

// newMaster makes the client. Location is the URL of the Master, empty for an embedded one.
func (c Connection) newMaster(settings *config.File, location string, o slap.Options, transport http.RoundTripper, closeMaster func() error) (*Master, error) {
	var clock *clockTransport
	if location != "" {
		clock = &clockTransport{next: transport}
		transport = clock
	}
	if c.Waiting != nil && location != "" { // an embedded Master works, and nobody is waited for
		transport = waitingTransport{transport, c.Waiting}
	}
	log := &slap.Log{Next: transport, Fields: c.Verbosity > 1}
	if c.Verbosity > 0 {
		log.W = c.Trace
	}
	o.Transport, o.Limits.Bytes = hiding{log, c.Hidden}, settings.MaxListing
	o.Retry.Notify = func(r slap.Retry) {
		c.say(fmt.Sprintf("trying again in %s: %s", r.Wait.Round(time.Millisecond), r.Err))
	}
	if c.once {
		o.Retry.Tries = 1
	}
	client, err := slap.NewClient(o)
	if err != nil {
		return nil, errors.Join(err, closeMaster())
	}
	return &Master{
		Client:   client,
		Requests: log,
		Products: slices.Sorted(maps.Keys(settings.Proxy.Products)),
		settings: settings,
		url:      location,
		budget:   c.Budget,
		clock:    clock,
		close:    closeMaster,
	}, nil
}
