package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/urfave/cli/v2"

	"slapstar/proxy"
	"slapstar/slap"
)

func proxyCommand(e *env) *cli.Command {
	return &cli.Command{
		Name:  "proxy",
		Usage: "serve the embedded Master, as [slapproxy] of the configuration says",
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return usagef("proxy takes no argument, got %q; the configuration is --cfg FILE", c.Args().Slice())
			}
			return runProxy(c.Context, e)
		},
	}
}

func runProxy(ctx context.Context, e *env) (err error) {
	c, err := e.global.config("")
	if err != nil {
		return err
	}
	if err := checkProxyConfig(c); err != nil {
		return err
	}
	server, err := proxy.Open(proxy.Options{
		Database: c.Proxy.Database,
		Computer: computerOr(c, defaultComputer),
		Products: c.Proxy.Products,
		Log:      func(s string) { fmt.Fprintf(e.Err, "slapstar: %s\n", safe(s)) },
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	listener, err := net.Listen("tcp", net.JoinHostPort(c.Proxy.Host, strconv.Itoa(c.Proxy.Port)))
	if err != nil {
		return err
	}
	if a, ok := listener.Addr().(*net.TCPAddr); ok && !a.IP.IsLoopback() {
		fmt.Fprintf(e.Err, "slapstar: WARNING: %s is reachable from other machines, and this Master asks nobody who they are\n", a)
	}
	fmt.Fprintf(e.Err, "slapstar: serving http://%s/, data in %s\n", listener.Addr(), c.Proxy.Database)
	h := &http.Server{Handler: server, ReadHeaderTimeout: 20 * time.Second, IdleTimeout: 2 * time.Minute}
	shutdown := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		limit, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		shutdown <- h.Shutdown(limit)
	})
	if err := h.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-shutdown
}

func checkProxyConfig(c *slap.Config) error {
	missing := func(key string) error {
		return &slap.ConfigError{Path: c.Path, Section: "slapproxy", Key: key, Message: "is missing"}
	}
	switch {
	case c.Path == "":
		return &hintedError{errors.New("there is no configuration file"), "slapstar proxy --cfg FILE; slapos.cfg.example shows [slapproxy]"}
	case c.Proxy.Database == "":
		return missing("database_uri")
	case c.Proxy.Port == 0:
		return missing("port")
	}
	return nil
}
