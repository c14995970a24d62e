package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/config"
	"slapstar/starlib/lang"
)

func loginCommand(e *env) *cli.Command {
	var l run.Login
	return &cli.Command{
		Name:  "login",
		Usage: "get the certificate of a person from a full Master, write a configuration, and try it",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "token", Usage: "where the token is that the web site of the Master shows: env:VARIABLE or file:PATH; a terminal is asked otherwise", Destination: &l.Token},
			&cli.StringFlag{Name: "web-url", Usage: "the web site", Value: run.DefaultWebURL, Destination: &l.WebURL},
			&cli.BoolFlag{Name: "replace", Usage: "write over a configuration, or a certificate, that is there", Destination: &l.Replace},
		},
		Action: func(c *cli.Context) error {
			if err := noArguments(c, "the token is given with --token env:VARIABLE or file:PATH"); err != nil {
				return err
			}
			return runLogin(c.Context, e, l)
		},
	}
}

func runLogin(ctx context.Context, e *env, l run.Login) error {
	if kind, what, _ := strings.Cut(l.Token, ":"); l.Token != "" && (what == "" || kind != "env" && kind != "file") {
		return usagef("--token: want env:VARIABLE or file:PATH") // the text may be the token itself
	}
	connection := e.connection()
	l.MasterURL = connection.MasterURL
	if l.MasterURL == "" {
		l.MasterURL = run.DefaultMasterURL
	}
	if strings.HasPrefix(l.MasterURL, "embedded:") {
		return usagef("--master-url: an embedded Master knows everybody, and needs no certificate")
	}
	if connection.Trust.Untrusted || connection.CertFile != "" || connection.KeyFile != "" {
		return usagef("login gets a certificate and writes a configuration: it goes with neither --cert-file, --key-file nor --untrusted")
	}
	if l.File = connection.File; l.File == "" {
		l.File = "~/.slapos/slapos-client.cfg"
	}
	l.File = config.ExpandHome(l.File)
	l.Ask, l.CAFile, l.Insecure = e.askToken, connection.CAFile, connection.Insecure
	if err := l.Run(ctx, e.hidden); err != nil {
		if errors.Is(err, slap.ErrUnauthorized) {
			return lang.Hint(err, "the token is not valid, or not any more: get a new one on the page of your account, at "+l.WebURL)
		}
		return err
	}
	fmt.Fprintf(e.Err, "wrote %s, with client.crt and client.key beside it\n", term.Escape(l.File))
	connection.File, connection.MasterURL = l.File, ""
	return tryLogin(ctx, e, connection)
}

// tryLogin reads the account with what was just written.
func tryLogin(ctx context.Context, e *env, connection run.Connection) error {
	m, err := connection.Open("", readOnly)
	if err == nil {
		var state *engine.State
		if state, err = engine.Observe(ctx, m.Reader()); err == nil {
			fmt.Fprintf(e.Err, "it works: %s has %s of yours\n", term.Escape(m.Name()), term.Counted(len(state.Names()), "instance"))
		}
		err = closing(m, err)
	}
	if err != nil {
		return fmt.Errorf("the certificate is written, and trying it failed: %w", err)
	}
	return nil
}

// askToken asks for the token, which is not shown.
func (e *env) askToken(ctx context.Context) (string, error) {
	in, isFile := e.In.(*os.File)
	if !e.Interactive || !isFile {
		return "", lang.Hint(errors.New("there is nobody to ask"), "--token env:VARIABLE or --token file:PATH gives it")
	}
	fmt.Fprint(e.Err, "Token (it is not shown): ")
	e.flush()
	token, err := term.ReadHidden(ctx, in)
	fmt.Fprintln(e.Err)
	return token, err
}
