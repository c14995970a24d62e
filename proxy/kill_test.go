package proxy

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"slapstar/slap"
)

// servedDatabase names the database that this program serves instead of running
// tests: the server of TestKilled is a process of its own.
const servedDatabase = "SLAPSTAR_TEST_SERVED_DATABASE"

func TestMain(m *testing.M) {
	if file := os.Getenv(servedDatabase); file != "" {
		serveForTest(file)
	}
	os.Exit(m.Run())
}

// serveForTest serves until it is killed, and says on standard output where.
func serveForTest(file string) {
	s, err := Open(Options{Database: file, Computer: "local_computer"})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(l.Addr())
	fmt.Fprintln(os.Stderr, http.Serve(l, s))
	os.Exit(1)
}

// A ledger has the writes that were answered with success.
type ledger struct {
	mu         sync.Mutex
	parameters map[string]string // of instances, the parameter n
	published  map[string]string // by partition, the connection parameter n
	supplied   map[string]string // release to state
}

func (l *ledger) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.parameters) + len(l.published) + len(l.supplied)
}

// What was answered with success survives kill -9: a server is killed 50 times
// under load, and all that it acknowledged is there when it starts again.
func TestKilled(t *testing.T) {
	kills := 50
	if testing.Short() {
		kills = 5
	}
	file := filepath.Join(t.TempDir(), "master.sqlite")
	done := &ledger{parameters: map[string]string{}, published: map[string]string{}, supplied: map[string]string{}}
	var written int
	for round := range kills {
		c, kill := startServer(t, file)
		if round == 0 {
			var partitions []slap.PartitionFormat
			for i := range 100 {
				partitions = append(partitions, slap.PartitionFormat{Reference: fmt.Sprintf("slappart%d", i)})
			}
			if err := c.FormatNode(context.Background(), slap.NodeFormat{Computer: "local_computer", Partitions: partitions}); err != nil {
				t.Fatal(err)
			}
		}
		done.check(t, c)
		var group sync.WaitGroup
		for worker := range 4 {
			group.Go(func() { done.load(c, worker, round) })
		}
		for deadline := time.Now().Add(5 * time.Second); done.size() < written+2 && time.Now().Before(deadline); { // a busy machine is slow
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Duration(round*7%60) * time.Millisecond)
		kill()
		group.Wait()
		written = done.size()
	}
	c, kill := startServer(t, file)
	defer kill()
	done.check(t, c)
	if written < 3*kills/2 {
		t.Errorf("only %d things were written, which proves little", written)
	}
}

// startServer starts the server and returns how to kill it.
func startServer(t *testing.T, file string) (c *slap.Client, kill func()) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), servedDatabase+"="+file)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	kill = func() {
		once.Do(func() {
			cmd.Process.Kill()
			io.Copy(io.Discard, out)
			cmd.Wait() // it was killed
		})
	}
	t.Cleanup(kill)
	var address string
	if _, err := fmt.Fscanln(out, &address); err != nil {
		t.Fatalf("the server did not start: %v", err)
	}
	c, err = slap.NewClient(slap.Options{MasterURL: "http://" + address, Retry: slap.RetryPolicy{Tries: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return c, kill
}

// load writes until the server is gone.
func (l *ledger) load(c *slap.Client, worker, round int) {
	ctx := context.Background()
	for n := 0; ; n++ {
		name, value := fmt.Sprintf("vm%d-%d", worker, n%20), fmt.Sprintf("%d.%d", round, n)
		r := vm(name)
		r.Parameters = slap.Parameters{"n": value}
		i, err := c.RequestInstance(ctx, r)
		l.note(l.parameters, name, value, err)
		if err != nil {
			return
		}
		err = c.Publish(ctx, i.Computer, i.Partition, "", slap.Parameters{"n": value})
		l.note(l.published, i.Partition, value, err)
		if err != nil {
			return
		}
		release := fmt.Sprintf("https://lab.example/%d-%d", worker, n%5)
		state := []string{slap.Available, slap.Destroyed}[n%2]
		err = c.Supply(ctx, slap.SoftwareInstallation{SoftwareRelease: release, Computer: i.Computer, State: state})
		l.note(l.supplied, release, state, err)
		if err != nil {
			return
		}
	}
}

// note keeps what was acknowledged. Of a write that was not, nobody knows
// whether it took place: anything is right.
func (l *ledger) note(of map[string]string, key, value string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		delete(of, key)
		return
	}
	of[key] = value
}

func (l *ledger) check(t *testing.T, c *slap.Client) {
	t.Helper()
	if len(l.parameters) == 0 {
		return
	}
	node, err := c.Orders(context.Background(), "local_computer")
	if err != nil {
		t.Fatal(err)
	}
	parameters, published, supplied := map[string]string{}, map[string]string{}, map[string]string{}
	for _, p := range node.Partitions {
		if p.Occupied {
			if _, twice := parameters[p.Instance]; twice {
				t.Errorf("instance %s is on two partitions", p.Instance)
			}
			parameters[p.Instance], published[p.Reference] = p.Parameters["n"], p.Connection["n"]
		}
	}
	for _, w := range node.Software {
		supplied[w.SoftwareRelease] = w.State
	}
	for _, kind := range []struct {
		name      string
		want, got map[string]string
	}{{"instance", l.parameters, parameters}, {"publication of", l.published, published}, {"software", l.supplied, supplied}} {
		for key, want := range kind.want {
			if got := kind.got[key]; got != want {
				t.Errorf("%s %s: got %q, want %q, which was acknowledged", kind.name, key, got, want)
			}
		}
	}
}
