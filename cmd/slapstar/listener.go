package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
	"slapstar/starlib/lang"
)

// Limits of one request to slapstar proxy. proxy limits the body.
const (
	headerTimeout  = 20 * time.Second
	requestTimeout = 2 * time.Minute
	idleTimeout    = 2 * time.Minute
	maxHeader      = 64 << 10 // bytes
	shutdownLimit  = 10 * time.Second
)

// checkListen refuses an address that other machines reach: nobody is asked who
// they are, and everything may be changed.
func checkListen(ctx context.Context, host string, f proxyFlags) error {
	if f.allowRemote || f.clientCA != "" {
		return nil
	}
	addresses, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil {
		return fmt.Errorf("the address to listen on: %w", err)
	}
	for _, a := range addresses {
		if !a.IP.IsLoopback() {
			return lang.Hint(fmt.Errorf("%w: %s can be reached from other machines, and this Master asks nobody who they are", run.ErrRefused, host),
				"--client-ca FILE (with --tls-cert and --tls-key) asks; --allow-remote listens all the same; host = 127.0.0.1 is for this machine")
		}
	}
	return nil
}

// tlsConfig is nil for plain http.
func (f proxyFlags) tlsConfig() (*tls.Config, error) {
	switch {
	case (f.tlsCert == "") != (f.tlsKey == ""):
		return nil, usagef("--tls-cert and --tls-key go together")
	case f.clientCA != "" && f.tlsCert == "":
		return nil, usagef("--client-ca wants --tls-cert and --tls-key: only https asks for certificates")
	case f.tlsCert == "":
		return nil, nil
	}
	cert, err := tls.LoadX509KeyPair(f.tlsCert, f.tlsKey)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate %s and its key %s: %w", f.tlsCert, f.tlsKey, err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}
	if f.clientCA != "" {
		pem, err := os.ReadFile(f.clientCA)
		if err != nil {
			return nil, fmt.Errorf("reading the authority of clients: %w", err)
		}
		config.ClientCAs = x509.NewCertPool()
		if !config.ClientCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("reading the authority of clients: there is no certificate in PEM form in %s", f.clientCA)
		}
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	return config, nil
}

// serve serves until ctx ends, and then lets the requests under way finish, for
// so long.
func serve(ctx context.Context, e *env, l net.Listener, h http.Handler, patience time.Duration) error {
	s := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       requestTimeout,
		WriteTimeout:      requestTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(&lines{w: e.Err}, "", 0),
	}
	shutdown := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		limit, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		err := s.Shutdown(limit)
		if errors.Is(err, context.DeadlineExceeded) {
			fmt.Fprintf(e.Err, "slapstar: requests that were under way for more than %s were cut off\n", patience)
			err = s.Close()
		}
		shutdown <- err
	})
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-shutdown
}

// lines writes what package net/http says, without what could steer a terminal.
type lines struct{ w io.Writer }

func (l *lines) Write(p []byte) (int, error) {
	view.Say(l.w, strings.TrimSpace(string(p)))
	return len(p), nil
}
