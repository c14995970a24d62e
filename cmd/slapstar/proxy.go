package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/proxy"
	"slapstar/slap/config"
	"slapstar/starlib/lang"
)

// proxyFlags are the flags of slapstar proxy. What is not given is as the
// configuration says.
type proxyFlags struct {
	host        string
	port        int
	database    string
	computer    string
	profile     string
	full        cli.StringSlice
	simulate    string
	seed        int64
	readOnly    bool
	allowRemote bool
	allowHosts  cli.StringSlice
	tlsCert     string
	tlsKey      string
	clientCA    string
	logFile     string
}

func proxyCommand(e *env) *cli.Command {
	var f proxyFlags
	return &cli.Command{
		Name:  "proxy",
		Usage: "serve the embedded Master, as [slapproxy] of the configuration says",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "host", Usage: "address to listen on (127.0.0.1)", Destination: &f.host},
			&cli.IntFlag{Name: "port", Aliases: []string{"p"}, Usage: "port to listen on; 0 takes a free one", Value: -1, DefaultText: "that of the configuration", Destination: &f.port},
			&cli.StringFlag{Name: "database", Aliases: []string{"database-uri", "u"}, Usage: "SQLite `FILE`; what a slapproxy has in it is taken over", Destination: &f.database},
			&cli.StringFlag{Name: "computer-id", Usage: "the default compute node", Destination: &f.computer},
			&cli.StringFlag{Name: "profile", Usage: "what kind of Master to be: slapproxy or full", Value: "slapproxy", Destination: &f.profile},
			&cli.StringSliceFlag{Name: "full", Usage: "of --profile full: `NAME=VALUE`, as the key full_NAME of the configuration; may be repeated", Destination: &f.full},
			&cli.StringFlag{Name: "simulate", Usage: "play the compute nodes, as `FILE.star` says", Destination: &f.simulate},
			&cli.Int64Flag{Name: "seed", Usage: "of the random numbers of --simulate", Destination: &f.seed},
			&cli.BoolFlag{Name: "read-only", Usage: "refuse every write", Destination: &f.readOnly},
			&cli.BoolFlag{Name: "allow-remote", Usage: "listen on an address that other machines reach, although anybody may then change everything", Destination: &f.allowRemote},
			&cli.StringSliceFlag{Name: "allow-host", Usage: "answer to the host `NAME` too, besides IP addresses, localhost and --host; may be repeated", Destination: &f.allowHosts},
			&cli.StringFlag{Name: "tls-cert", Usage: "certificate of this Master: speak https", Destination: &f.tlsCert},
			&cli.StringFlag{Name: "tls-key", Usage: "key of --tls-cert", Destination: &f.tlsKey},
			&cli.StringFlag{Name: "client-ca", Usage: "ask clients for a certificate that this authority signed", Destination: &f.clientCA},
			&cli.StringFlag{Name: "request-log", Usage: "append a line a request to `FILE`; -v writes it on stderr", Destination: &f.logFile},
		},
		Action: func(c *cli.Context) error {
			if err := noArguments(c, "the configuration is --cfg FILE"); err != nil {
				return err
			}
			return runProxy(c.Context, e, f)
		},
	}
}

func runProxy(ctx context.Context, e *env, f proxyFlags) (err error) {
	var c *config.File
	var tlsConfig *tls.Config
	// Files may be pipes: waiting for them ends with a signal, too.
	if err := e.watched(ctx, func(context.Context) error {
		if c, err = proxyConfig(e, f); err != nil {
			return err
		}
		tlsConfig, err = f.tlsConfig()
		return err
	}); err != nil {
		return err
	}
	if err := checkListen(ctx, c.Proxy.Host, f); err != nil {
		return err
	}
	options, closeLog, err := proxyOptions(ctx, e, c, f)
	if err != nil {
		return err
	}
	defer closeLog()
	// Before the database: what a slapproxy has is not taken over while that still
	// runs, which is then on the port.
	listener, err := net.Listen("tcp", net.JoinHostPort(c.Proxy.Host, strconv.Itoa(c.Proxy.Port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return lang.Hint(err, "end what listens there, which may be a slapproxy or another slapstar proxy, or name another --port")
	}
	if err != nil {
		return err
	}
	defer listener.Close() // which serving has done, if it came to that
	server, err := proxy.Open(options)
	var inUse *proxy.InUseError
	if errors.As(err, &inUse) {
		return lang.Hint(err, "two would give one partition to two instances; end the other, or name another --database")
	}
	if _, ok := errors.AsType[*proxy.SchemaError](err); ok {
		return lang.Hint(err, "somebody changed this database: name another --database, or remove it and a new one is made")
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	scheme := "http"
	if tlsConfig != nil {
		scheme, listener = "https", tls.NewListener(listener, tlsConfig)
	}
	fmt.Fprintf(e.Err, "slapstar: serving %s://%s%s, data in %s\n", scheme, listener.Addr(), options.Profile.MasterPath(), dataIn(server, options))
	return serve(ctx, e, listener, server, shutdownLimit)
}

// dataIn says where the data of a Master is. One that only reads makes no file.
func dataIn(s *proxy.Server, o proxy.Options) string {
	if file := s.Database(); file != "" {
		return absolute(file)
	}
	return "memory, as of " + absolute(o.Database)
}

func absolute(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}

// proxyConfig is the configuration with the flags over it.
func proxyConfig(e *env, f proxyFlags) (*config.File, error) {
	c, err := e.connection().Configuration("")
	if err != nil {
		return nil, err
	}
	if err := c.CheckProxy(); err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	if f.host != "" {
		c.Proxy.Host = f.host
	}
	if c.Proxy.Host == "" {
		c.Proxy.Host = "127.0.0.1"
	}
	if f.database != "" {
		c.Proxy.Database = f.database
	}
	if f.computer != "" {
		c.ComputerID = f.computer
	}
	if f.logFile != "" {
		c.Proxy.LogFile = f.logFile
	}
	for _, name := range c.Proxy.Hosts {
		if err := proxy.CheckHost(name); err != nil {
			return nil, &config.Error{Path: c.Path, Section: "slapproxy", Key: "allow_host", Message: err.Error()}
		}
	}
	for _, name := range f.allowHosts.Value() {
		if err := proxy.CheckHost(name); err != nil {
			return nil, usagef("--allow-host: %v", err)
		}
		c.Proxy.Hosts = append(c.Proxy.Hosts, name)
	}
	missing := func(key, flag string) error {
		if c.Path == "" {
			return lang.Hint(fmt.Errorf("there is no configuration file, and no --%s", flag), "slapstar proxy --cfg FILE; slapos.cfg.example shows [slapproxy]")
		}
		return &config.Error{Path: c.Path, Section: "slapproxy", Key: key, Message: "is missing"}
	}
	switch {
	case c.Proxy.Database == "":
		return nil, missing("database_uri", "database")
	case f.port < -1 || f.port > 65535: // -1 is none
		return nil, usagef("--port: got %d, want a port number", f.port)
	case f.port < 0 && c.Proxy.Port == 0:
		return nil, missing("port", "port")
	case f.port >= 0:
		c.Proxy.Port = f.port
	}
	return c, nil
}

// setFull sets what the configuration, and then the flags, say of the full profile.
func setFull(o *proxy.Options, c *config.File, flags []string) error {
	given := map[string]string{}
	maps.Copy(given, c.Proxy.Full)
	for _, flag := range flags {
		name, value, ok := strings.Cut(flag, "=")
		if err := (&proxy.Options{}).Set(name, value); !ok || err != nil {
			return usagef("--full %s: %v", flag, cmp.Or(err, errors.New("want NAME=VALUE")))
		}
		given[name] = value
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if err := o.Set(name, given[name]); err != nil {
			return &config.Error{Path: c.Path, Section: "slapproxy", Key: config.FullPrefix + name, Message: err.Error()}
		}
	}
	return nil
}

// proxyOptions are what the configuration and the flags say to package proxy.
func proxyOptions(ctx context.Context, e *env, c *config.File, f proxyFlags) (o proxy.Options, closeLog func(), err error) {
	o = proxy.Options{
		Database: c.Proxy.Database,
		ReadOnly: f.readOnly,
		Computer: run.Computer(c),
		Products: c.Proxy.Products,
		Hosts:    append(c.Proxy.Hosts, c.Proxy.Host),
		Log:      func(s string) { view.Say(e.Err, s) },
	}
	for _, m := range c.Proxy.Masters {
		o.Masters = append(o.Masters, proxy.MasterOptions{URL: m.URL, Releases: m.Releases,
			Computer: m.Computer, Partition: m.Partition, CertFile: m.CertFile, KeyFile: m.KeyFile})
	}
	if o.Profile, err = proxy.ParseProfile(f.profile); err != nil {
		return o, nil, usagef("--profile: %v", err)
	}
	if err := setFull(&o, c, f.full.Value()); err != nil {
		return o, nil, err
	}
	if f.simulate != "" {
		if o.Simulator, err = loadSimulator(ctx, e, f.simulate, f.seed); err != nil {
			return o, nil, err
		}
	}
	o.RequestLog, closeLog, err = requestLog(e, c.Proxy.LogFile)
	return o, closeLog, err
}
