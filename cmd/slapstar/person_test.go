package main

import (
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// persons NAME…: the variable NAME becomes the port of a gateway to $PORT that makes all
// requests those of this person.
func persons(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: persons NAME…")
	}
	for _, name := range args {
		port, err := freePort()
		ts.Check(err)
		gateway := &http.Server{Addr: "127.0.0.1:" + strconv.Itoa(port), Handler: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: "127.0.0.1:" + ts.Getenv("PORT")})
			r.Out.Host = r.In.Host // which the Master answers with
			r.Out.Header.Set("Remote-User", name)
		}}}
		go gateway.ListenAndServe()
		ts.Defer(func() { gateway.Close() })
		ts.Setenv(name, strconv.Itoa(port))
	}
}

// post URL NAME=VALUE…: sends a form. The answer becomes the standard output.
func post(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: post URL NAME=VALUE…")
	}
	form := url.Values{}
	for _, field := range args[1:] {
		name, value, _ := strings.Cut(field, "=")
		form.Set(name, value)
	}
	resp, err := http.PostForm(args[0], form)
	ts.Check(err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		ts.Fatalf("%s: %s", args[0], resp.Status)
	}
	_, err = io.Copy(ts.Stdout(), resp.Body)
	ts.Check(err)
}

// until REGEXP exec COMMAND…: repeats a command until its standard output matches.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: until REGEXP exec COMMAND…")
	}
	wanted, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	for range 300 {
		err = ts.Exec(args[2], args[3:]...)
		if wanted.MatchString(ts.ReadFile("stdout")) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("no match for %s in the output of %q: %v", args[0], args[1:], err)
}
