package bench

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"slapstar/bench/sample"
)

// rounds is how often each program runs; they take turns.
const rounds = 7

// A workshop has the programs, and a folder for files and databases.
type workshop struct {
	testing.TB
	dir, slapstar, bare string
}

func newWorkshop(t testing.TB) *workshop {
	t.Helper()
	w := &workshop{TB: t, dir: t.TempDir()}
	w.slapstar, w.bare = filepath.Join(w.dir, "slapstar"), filepath.Join(w.dir, "bare")
	for out, pkg := range map[string]string{w.slapstar: "slapstar/cmd/slapstar", w.bare: "slapstar/bench/bare"} {
		if text, err := exec.Command("go", "build", "-o", out, pkg).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	}
	return w
}

func (w *workshop) write(name, text string) string {
	w.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
	return path
}

// serve starts an embedded Master with a database of its own and a node with that
// many partitions. It returns its URL, and how to end it.
func (w *workshop) serve(database string, partitions int) (master string, stop func()) {
	w.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	address := l.Addr().(*net.TCPAddr)
	l.Close()
	cmd := exec.Command(w.slapstar, "proxy", "--port", fmt.Sprint(address.Port), "--database", filepath.Join(w.dir, database), "--computer-id", "local_computer")
	if err := cmd.Start(); err != nil {
		w.Fatal(err)
	}
	for range 500 {
		if conn, err := net.Dial("tcp", address.String()); err == nil {
			conn.Close()
			master = fmt.Sprintf("http://%v/", address)
			w.run(0, "", w.bare, "format", master, fmt.Sprint(partitions))
			return master, func() { cmd.Process.Signal(syscall.SIGTERM); cmd.Wait() }
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.Fatal("nobody listens")
	return "", nil
}

// A measure is what one run of a program took.
type measure struct {
	took       time.Duration
	processors time.Duration // that it used, its own and of the system for it
	memory     float64       // bytes, resident at most
}

// run runs a program, which has to end with the exit code.
func (w *workshop) run(code int, want, name string, args ...string) measure {
	w.Helper()
	cmd := exec.Command(name, args...)
	begin := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(begin)
	if got := cmd.ProcessState.ExitCode(); got != code || !strings.Contains(string(out), want) {
		w.Fatalf("%s %s: exit code %d, %v, want %d and %q\n%s", filepath.Base(name), strings.Join(args, " "), got, err, code, want, tail(string(out)))
	}
	return measure{took, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) * 1024}
}

func tail(s string) string { return s[max(0, len(s)-2000):] }

// medians lets programs take turns and returns the median of each.
func medians(programs ...func() measure) []measure {
	all := make([][]measure, len(programs))
	for range rounds {
		for i, run := range programs {
			all[i] = append(all[i], run())
		}
	}
	list := make([]measure, len(programs))
	for i, runs := range all {
		slices.SortFunc(runs, func(a, b measure) int { return int(a.took - b.took) })
		list[i].took = runs[rounds/2].took
		slices.SortFunc(runs, func(a, b measure) int { return int(a.memory - b.memory) })
		list[i].memory = runs[rounds/2].memory
	}
	return list
}

// BenchmarkPlan compares a plan of 10 000 instances, unchanged and with 1 %
// changed, with the bare program.
func BenchmarkPlan(b *testing.B) {
	w := newWorkshop(b)
	const n = 10_000
	same, edited := w.write("same.star", sample.Fleet(n, 0)), w.write("edited.star", sample.Fleet(n, n/100))
	master, stop := w.serve("plan.sqlite", n)
	defer stop()
	w.run(0, "", w.bare, "write", master, fmt.Sprint(n), "8")
	for range b.N {
		m := medians(
			func() measure { return w.run(0, "0\n", w.bare, "plan", master, same) },
			func() measure { return w.run(0, "No changes.", w.slapstar, "--master-url", master, "plan", same) },
			func() measure {
				return w.run(0, "100 to update", w.slapstar, "--master-url", master, "plan", edited)
			},
		)
		b.ReportMetric(m[0].took.Seconds(), "s-bare")
		b.ReportMetric(m[1].took.Seconds(), "s-unchanged")
		b.ReportMetric(float64(m[1].took)/float64(m[0].took), "unchanged/bare")
		b.ReportMetric(float64(m[2].took)/float64(m[1].took), "edited/unchanged")
		b.ReportMetric(m[0].memory/1e6, "MB-bare")
		b.ReportMetric(m[1].memory/1e6, "MB-unchanged")
		b.ReportMetric(m[2].memory/1e6, "MB-edited")
	}
}

// BenchmarkApply compares an apply of 10 000 new instances with the same writes in
// a loop.
func BenchmarkApply(b *testing.B) {
	w := newWorkshop(b)
	const n = 10_000
	file := w.write("fleet.star", sample.Fleet(n, 0))
	round := 0
	fresh := func(run func(master string) measure) func() measure {
		return func() measure {
			round++
			master, stop := w.serve(fmt.Sprintf("apply-%d.sqlite", round), n)
			defer stop()
			return run(master)
		}
	}
	for range b.N {
		m := medians(
			fresh(func(master string) measure { return w.run(0, "", w.bare, "write", master, fmt.Sprint(n), "8") }),
			fresh(func(master string) measure {
				return w.run(0, "10000 done", w.slapstar, "--master-url", master, "apply", "--auto-approve", "--parallelism", "8", file)
			}),
		)
		b.ReportMetric(m[0].took.Seconds(), "s-bare")
		b.ReportMetric(m[1].took.Seconds(), "s-apply")
		b.ReportMetric(float64(m[1].took)/float64(m[0].took), "apply/bare")
		b.ReportMetric(m[1].memory/1e6, "MB-apply")
	}
}

// BenchmarkGrowth compares the cost of an instance in a plan, and in an apply, at
// 50 000 with that at 1 000.
func BenchmarkGrowth(b *testing.B) {
	w := newWorkshop(b)
	for range b.N {
		cost := map[string][]time.Duration{}
		for _, n := range []int{1_000, 50_000} {
			file := w.write(fmt.Sprintf("fleet-%d.star", n), sample.Fleet(n, 0))
			master, stop := w.serve(fmt.Sprintf("growth-%d.sqlite", n), n)
			applied := w.run(0, "done", w.slapstar, "--master-url", master, "apply", "--auto-approve", file)
			m := medians(
				func() measure { return w.run(0, "No changes.", w.slapstar, "--master-url", master, "plan", file) },
			)
			stop()
			cost["apply"] = append(cost["apply"], applied.took/time.Duration(n))
			cost["plan"] = append(cost["plan"], m[0].took/time.Duration(n))
		}
		for what, c := range cost {
			b.ReportMetric(float64(c[1])/float64(c[0]), what+"-50000/1000")
		}
	}
}
