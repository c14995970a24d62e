package conformance

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"slapstar/slap"
)

// Sizes of BenchmarkMasters. SLAPSTAR_BENCH_INSTANCES makes it smaller or
// larger.
var benchInstances = func() int {
	if n, err := strconv.Atoi(os.Getenv("SLAPSTAR_BENCH_INSTANCES")); err == nil {
		return n
	}
	return 10_000
}()

const (
	benchCreations = 200 // a round, over one connection and over many
	benchReads     = 1000
	benchRounds    = 5
	benchParallel  = 32
)

// BenchmarkMasters fills the real slapproxy and the embedded Master with
// instances, and then measures both with the same client, in turns: creations a
// second and reads by name a second, each over 1 and over 32 connections, and the
// bulk listing. The figures are medians of the ratios of 5 rounds.
//
//	conformance/run -run NONE -bench Masters -benchtime 1x -timeout 60m
func BenchmarkMasters(b *testing.B) {
	stock, ours := newSite(b), newSite(b)
	stock.slapproxy()
	pid := ours.embedded().pid
	sites := []*site{stock, ours}
	for _, s := range sites {
		begin := time.Now()
		s.fill(benchInstances)
		b.Logf("%s: %d instances in %s", s.url, benchInstances, time.Since(begin).Round(time.Second))
	}
	memory := residentMB(b, pid)
	b.ResetTimer()
	for b.Loop() {
		ratios := map[string][]float64{}
		for round := range benchRounds {
			var seconds [2]map[string]float64
			for i, s := range sites {
				seconds[i] = s.measure(fmt.Sprintf("r%d-%d", round, b.N))
			}
			for name := range seconds[0] {
				ratios[name] = append(ratios[name], seconds[0][name]/seconds[1][name])
			}
			b.Logf("round %d: slapproxy %v, embedded %v", round, seconds[0], seconds[1])
		}
		for name, list := range ratios {
			b.ReportMetric(median(list), name+"-ratio")
		}
	}
	b.ReportMetric(memory, "MB-at-full")
}

func (s *site) client() *slap.Client {
	c, err := slap.NewClient(slap.Options{MasterURL: s.url})
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

func benchRequest(name string) slap.InstanceRequest {
	return slap.InstanceRequest{Name: name, SoftwareRelease: kvmRelease, SoftwareType: slap.DefaultType, State: slap.Started,
		Parameters: slap.Parameters{"name": name, "ram": "4096", "disk": "20"}}
}

// fill registers enough partitions and creates n instances.
func (s *site) fill(n int) {
	ctx, c := context.Background(), s.client()
	format := slap.NodeFormat{Computer: node, Address: "127.0.0.1", Netmask: "255.255.255.255"}
	for i := range n + 2*benchRounds*benchCreations*4 {
		format.Partitions = append(format.Partitions, slap.PartitionFormat{Reference: fmt.Sprintf("slappart%d", i), Addresses: []slap.Address{
			{Interface: fmt.Sprintf("tap%d", i), Address: "2001:db8::" + strconv.FormatInt(int64(i%65536), 16), Netmask: "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}}})
	}
	if err := c.FormatNode(ctx, format); err != nil {
		s.t.Fatal(err)
	}
	for i := range n {
		if _, err := c.RequestInstance(ctx, benchRequest(fmt.Sprintf("vm%d", i))); err != nil {
			s.t.Fatal(err)
		}
	}
}

// measure returns seconds a call of each kind.
func (s *site) measure(round string) map[string]float64 {
	ctx, c := context.Background(), s.client()
	took := map[string]float64{}
	timed := func(name string, n int, f func()) {
		begin := time.Now()
		f()
		took[name] = time.Since(begin).Seconds() / float64(n)
	}
	timed("create", benchCreations, func() {
		for i := range benchCreations {
			if _, err := c.RequestInstance(ctx, benchRequest(fmt.Sprintf("one-%s-%d", round, i))); err != nil {
				s.t.Error(err)
			}
		}
	})
	timed("create-parallel", benchCreations, func() {
		inParallel(benchCreations, func(i int) {
			// A slapproxy fails some of these; they count as done.
			c.RequestInstance(ctx, benchRequest(fmt.Sprintf("many-%s-%d", round, i)))
		})
	})
	read := func(i int) {
		if _, err := c.Instance(ctx, fmt.Sprintf("vm%d", i*benchInstances/benchReads)); err != nil {
			s.t.Error(err)
		}
	}
	timed("read", benchReads, func() {
		for i := range benchReads {
			read(i)
		}
	})
	timed("read-parallel", benchReads, func() {
		inParallel(benchReads, read)
	})
	// Without the client's reading of it, which takes as long for both.
	timed("list", 1, func() {
		resp, err := http.Get(s.url + "hateoas/?mode=search&query=portal_type%3A%22Instance+Tree%22+AND+validation_state%3Avalidated&select_list=title")
		if err != nil {
			s.t.Fatal(err)
		}
		defer resp.Body.Close()
		if n, err := io.Copy(io.Discard, resp.Body); err != nil || n < int64(benchInstances)*300 {
			s.t.Errorf("listed %d bytes, %v", n, err)
		}
	})
	return took
}

// inParallel calls f with each number below n, from benchParallel goroutines.
func inParallel(n int, f func(int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range benchParallel {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				f(int(i))
			}
		})
	}
	group.Wait()
}

func median(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}

// residentMB is the memory of a process, as Linux tells.
func residentMB(t testing.TB, pid int) float64 {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Logf("memory: %v", err)
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.Atoi(strings.Fields(rest)[0])
			return float64(kb) / 1024
		}
	}
	return 0
}
