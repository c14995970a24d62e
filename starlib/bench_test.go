package starlib

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib/lang"
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

// usingRequests makes n instances with ten parameters each, of which four are made of what
// another one has published.
func usingRequests(n int) string {
	return fmt.Sprintf(`
def fleet():
    for i in range(%d):
        url = published("db-%%d" %% (i %% 100))
        request(
            "https://lab.example/kvm/software.cfg",
            "vm-%%d" %% i,
            {"a": url, "b": "text", "c": "to " + url, "d": "%%s:%%d" %% (url, i), "e": url.split("://")[1], "f": "f", "g": "g", "h": "h", "i": "i", "j": "j"},
        )

fleet()
`, n)
}

// evaluateUsing evaluates a file in which published gives what an instance has published,
// and returns the time that the program has taken.
func evaluateUsing(b *testing.B, source string, known bool) time.Duration {
	file := filepath.Join(b.TempDir(), "main.star")
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		b.Fatal(err)
	}
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
	begin := userTime(b)
	if err := e.exec(); err != nil {
		b.Fatal(err)
	}
	return userTime(b) - begin
}

// userTime is what the program has taken of the processors: others do not count.
func userTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano())
}

// BenchmarkOrigins compares 10 000 requests that use what others have published with the
// same where the values do not know where they come from (it should be at most 1.3 times).
// It compares the medians of five.
func BenchmarkOrigins(b *testing.B) {
	var took [2][]time.Duration
	for b.Loop() {
		took = [2][]time.Duration{}
		for range 5 {
			for i := range took {
				took[i] = append(took[i], evaluateUsing(b, usingRequests(10_000), i == 1))
			}
		}
	}
	for i := range took {
		slices.Sort(took[i])
	}
	b.ReportMetric(float64(took[1][2])/float64(took[0][2]), "with/without")
	b.ReportMetric(took[0][2].Seconds()*1000, "ms-without")
}

// BenchmarkNumbers compares 10 000 requests with two parameters made of a number that
// another one has published with the same where the numbers are not followed: it is evaluated twice.
// It compares the medians of five.
func BenchmarkNumbers(b *testing.B) {
	in := testInputs("")
	in.Vars = nil
	in.Source = lang.Source{File: "main.star", Sources: &lang.Sources{Text: map[string]string{"main.star": `
def fleet():
    for i in range(10000):
        port = getInformation("db-%d" % (i % 100)).output("port")
        request("https://lab.example/kvm/software.cfg", "vm-%d" % i, {"a": port, "b": "text", "c": "to %d" % port, "d": "d", "e": "e", "f": "f"})

fleet()
`}, Read: func(string) ([]byte, error) { return nil, os.ErrNotExist }}}
	in.Lookup = func(r engine.Reference) (string, bool) { return `{"port": 8443}`, r.Key == engine.DocumentKey }
	in.Instance = func(name string) (slap.Instance, bool) {
		return slap.Instance{InstanceRequest: slap.InstanceRequest{Name: name}}, true
	}
	var took [2][]time.Duration
	for b.Loop() {
		took = [2][]time.Duration{}
		for range 5 {
			e, err := New(context.Background(), in, nil)
			if err != nil {
				b.Fatal(err)
			}
			begin := userTime(b)
			if err := e.exec(); err != nil {
				b.Fatal(err)
			}
			once := userTime(b) - begin
			if err := e.followNumbers(context.Background()); err != nil {
				b.Fatal(err)
			}
			took[0], took[1] = append(took[0], once), append(took[1], userTime(b)-begin)
			e.Close()
		}
	}
	for i := range took {
		slices.Sort(took[i])
	}
	b.ReportMetric(float64(took[1][2])/float64(took[0][2]), "followed/not")
}
