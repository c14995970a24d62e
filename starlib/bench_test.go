package starlib

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"go.starlark.net/starlark"

	"slapstar/engine"
)

// manyRequests makes n instances with ten parameters each, by a builtin.
func manyRequests(n int, builtin string) string {
	return fmt.Sprintf(`
def fleet():
    for i in range(%d):
        %s(
            "https://lab.example/kvm/software.cfg",
            "vm-%%d" %% i,
            {"a": i, "b": "text", "c": 3, "d": True, "e": None, "f": "f", "g": "g", "h": "h", "i": "i", "j": "j"},
        )

fleet()
`, n, builtin)
}

// unpackOnly is a builtin that takes the arguments of request and does nothing.
func unpackOnly(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var release, reference, kind string
	var parameters, filter, state starlark.Value
	var shared bool
	err := starlark.UnpackArgs(b.Name(), args, kwargs, "software_release", &release, "partition_reference", &reference,
		"partition_parameter_kw?", &parameters, "software_type?", &kind, "filter_kw?", &filter, "state?", &state, "shared?", &shared)
	return starlark.None, err
}

func evaluateMany(b testing.TB, n int, builtin string) *engine.Config {
	file := filepath.Join(b.TempDir(), "main.star")
	if err := os.WriteFile(file, []byte(manyRequests(n, builtin)), 0o600); err != nil {
		b.Fatal(err)
	}
	in := testInputs(file)
	in.Vars = nil
	e, err := New(context.Background(), in, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer e.Close()
	e.Predeclared()["unpack_only"] = starlark.NewBuiltin("unpack_only", unpackOnly)
	if err := e.exec(); err != nil {
		b.Fatal(err)
	}
	return e.config
}

// BenchmarkRequests compares 10 000 requests with the same loop around a builtin
// that does nothing (it should be at most 3 times), says what a declaration takes
// of memory beside the user's values (at most 3 kB), and what one of 100 000 costs
// more than one of 10 000.
func BenchmarkRequests(b *testing.B) {
	var took [3]time.Duration
	for b.Loop() {
		for i, run := range []struct {
			n       int
			builtin string
		}{{10_000, "request"}, {10_000, "unpack_only"}, {100_000, "request"}} {
			begin := time.Now()
			evaluateMany(b, run.n, run.builtin)
			took[i] += time.Since(begin)
		}
	}
	b.ReportMetric(float64(took[0])/float64(took[1]), "request/unpack")
	b.ReportMetric(float64(took[2])/float64(took[0])/10, "each-of-100000/of-10000")
	before := memoryInUse()
	config := evaluateMany(b, 10_000, "request")
	b.ReportMetric(float64(memoryInUse()-before)/10_000, "B/declaration")
	runtime.KeepAlive(config)
}

func memoryInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// usingRequests makes n instances with ten parameters each, of which two are made of what
// another one has published.
func usingRequests(n int) string {
	return fmt.Sprintf(`
def fleet():
    for i in range(%d):
        url = published("db-%%d" %% (i %% 100))
        request(
            "https://lab.example/kvm/software.cfg",
            "vm-%%d" %% i,
            {"a": url, "b": "text", "c": "to " + url, "d": "%%s:%%d" %% ("d", i), "e": "e".split("://")[0], "f": "f", "g": "g", "h": "h", "i": "i", "j": "j"},
        )

fleet()
`, n)
}

// BenchmarkOrigins compares 10 000 requests that use what others have published with the
// same where the values do not know where they come from (it should be at most 1.3 times).
// It is the median of five.
func BenchmarkOrigins(b *testing.B) {
	file := filepath.Join(b.TempDir(), "main.star")
	if err := os.WriteFile(file, []byte(usingRequests(10_000)), 0o600); err != nil {
		b.Fatal(err)
	}
	evaluate := func(known bool) time.Duration {
		in := testInputs(file)
		in.Vars = nil
		e, err := New(context.Background(), in, nil)
		if err != nil {
			b.Fatal(err)
		}
		defer e.Close()
		e.Predeclared()["published"] = starlark.NewBuiltin("published", func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
			name, _ := starlark.AsString(args[0])
			t := engine.PublishedText(engine.Published{Instance: name, Key: "url", Value: "https://" + name + ".example/"})
			if !known {
				t = t.Plain()
			}
			return e.Value(t), nil
		})
		runtime.GC()
		begin := time.Now()
		if err := e.exec(); err != nil {
			b.Fatal(err)
		}
		return time.Since(begin)
	}
	var ratios []float64
	for b.Loop() {
		ratios = nil
		for range 5 {
			without := evaluate(false)
			ratios = append(ratios, float64(evaluate(true))/float64(without))
		}
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[2], "with/without")
}
