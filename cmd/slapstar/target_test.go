package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"slapstar/cmd/slapstar/internal/term"
)

// The names of environments are there for a shell, wherever in the project that is asked.
func TestEnvironmentNames(t *testing.T) {
	dir := writeFolder(t, map[string]string{"slapstar.star": "environment(\"prod\", entry = \"a.star\")\nenvironment(\"stage\", entry = \"a.star\")\n", "below/a.star": ""})
	for _, test := range []struct{ folder, want string }{{"", "prod stage"}, {"/below", "prod stage"}} {
		t.Chdir(dir + test.folder)
		e, _ := newEnv(term.Streams{In: strings.NewReader(""), Out: &strings.Builder{}, Err: &strings.Builder{}}, time.Now)
		newApp(e) // sets the limits
		if got := strings.Join(e.environmentNames(context.Background()), " "); got != test.want {
			t.Errorf("in %q: got %q, want %q", test.folder, got, test.want)
		}
	}
	t.Chdir(writeFolder(t, map[string]string{"slapstar.star": "environment(\n"}))
	e, _ := newEnv(term.Streams{In: strings.NewReader(""), Out: &strings.Builder{}, Err: &strings.Builder{}}, time.Now)
	newApp(e)
	if got := e.environmentNames(context.Background()); got != nil {
		t.Errorf("of a broken project file: got %q", got)
	}
}

// Environments are planned at once: the report has them in order, each with what it has to
// say. Some share a Master, and look at each other.
func TestPlanAllAtOnce(t *testing.T) {
	const many = 20
	files := map[string]string{}
	var declared strings.Builder
	for n := range many {
		folder := fmt.Sprintf("e%02d", n)
		fmt.Fprintf(&declared, "environment(%q, entry = \"%s/main.star\", cfg = \"m%d.cfg\", vars = {\"n\": %d}, secrets = \"env:SLAPSTAR_TEST_%d_*\")\n", folder, folder, n%3, n, n)
		files[folder+"/main.star"] = fmt.Sprintf("print(var(\"n\"))\nowns(\"%s-*\")\nrequest(\"r\", \"%s-a\", {\"n\": var(\"n\"), \"s\": secret(\"s\")}, serialisation = \"xml\")\n", folder, folder)
		t.Setenv(fmt.Sprintf("SLAPSTAR_TEST_%d_S", n), fmt.Sprintf("secret-of-%d", n))
	}
	for n := range 3 {
		files[fmt.Sprintf("m%d.cfg", n)] = strings.ReplaceAll(testConfig, "master.sqlite", fmt.Sprintf("m%d.sqlite", n))
	}
	files["slapstar.star"] = declared.String()
	t.Chdir(writeFolder(t, files))
	var c screen
	if code := c.run(context.Background(), "", "plan", "--all", "--detailed-exitcode", "--no-schemas"); code != exitPending {
		t.Fatalf("exit code %d\n%s%s", code, &c.out, &c.err)
	}
	rest := c.out.String()
	for n := range many {
		before, after, found := strings.Cut(rest, fmt.Sprintf("Environment e%02d (e%02d/main.star)", n, n))
		if rest = after; !found || strings.Contains(before, "secret-of") {
			t.Fatalf("environment %d is missing, or a secret is there:\n%s", n, &c.out)
		}
	}
	if !strings.Contains(rest, "Environments: 20 with changes (e00, e01,") || !strings.Contains(c.err.String(), "e19/main.star:1: 19") {
		t.Errorf("got\n%s%s", rest, &c.err)
	}
}
