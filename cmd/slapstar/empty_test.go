package main

import (
	"context"
	"fmt"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slapstar/bench/sample"
	"slapstar/proxy"
)

// A plan right after an apply is empty, whatever was declared, on every kind of
// Master: instances of every kind are created, and changed, and each time the plan
// is empty, at once and when the nodes have done their part.
func TestPlanAfterApplyIsEmpty(t *testing.T) {
	t.Parallel()
	n := 2000
	if testing.Short() {
		n = 200
	}
	for _, profile := range []proxy.Profile{proxy.Slapproxy, proxy.Full} {
		t.Run(string(profile), func(t *testing.T) {
			server, err := proxy.Open(proxy.Options{Computer: "local_computer", Profile: profile, CatalogDelay: 300 * time.Millisecond, Simulator: proxy.DefaultSimulator{Delay: 10 * time.Millisecond}})
			if err != nil {
				t.Fatal(err)
			}
			defer server.Close()
			s := httptest.NewServer(server)
			defer s.Close()
			files := map[string]string{}
			const rounds = 3
			for round := range rounds {
				files[fmt.Sprintf("round-%d.star", round)] = sample.Random(1, n, round, 100_000)
			}
			dir := writeFolder(t, files)
			for round := range rounds {
				file := filepath.Join(dir, fmt.Sprintf("round-%d.star", round))
				var c screen
				if code := c.run(context.Background(), "", "--master-url", s.URL+profile.MasterPath(), "apply", "--auto-approve", file); code != 0 {
					t.Fatalf("round %d: apply: exit code %d\n%s", round, code, lastLines(c.err.String()))
				}
				if !strings.Contains(c.out.String(), "done (") {
					t.Errorf("round %d changed nothing:\n%s", round, lastLines(c.out.String()))
				}
				for range 3 {
					var c screen
					if code := c.run(context.Background(), "", "--master-url", s.URL+profile.MasterPath(), "plan", "--detailed-exitcode", file); code != 0 {
						t.Fatalf("round %d: plan: exit code %d\n%s%s", round, code, lastLines(c.out.String()), lastLines(c.err.String()))
					}
					time.Sleep(300 * time.Millisecond) // while the nodes work
				}
			}
		})
	}
}

func lastLines(s string) string { return s[max(0, len(s)-3000):] }
