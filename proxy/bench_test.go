package proxy

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// filled is a Master on a file with n instances, and place for more, served on
// a loopback port.
func filled(b *testing.B, n, more int) (*slap.Client, string) {
	b.Helper()
	s, err := Open(Options{Database: filepath.Join(b.TempDir(), "master.sqlite"), Computer: "local_computer"})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(s)
	b.Cleanup(func() {
		server.Close()
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	c, err := slap.NewClient(slap.Options{MasterURL: server.URL})
	if err != nil {
		b.Fatal(err)
	}
	var partitions []partition
	for i := range n + more {
		partitions = append(partitions, partition{reference: fmt.Sprintf("slappart%d", i), addresses: []address{{"tap", "2001:db8::1", "ffff::"}}})
	}
	err = s.update(context.Background(), func(tx *store.Tx) error { // a call would be too long
		return s.formatNode(tx, "local_computer", "127.0.0.1", "255.255.255.255", partitions)
	})
	if err != nil {
		b.Fatal(err)
	}
	createAll(b, c, "vm", n, 32)
	return c, server.URL
}

func benchVM(name string) slap.InstanceRequest {
	r := vm(name)
	r.Parameters = slap.Parameters{"name": name, "ram": "4096", "disk": "20"}
	return r
}

// createAll creates n instances over so many connections.
func createAll(b *testing.B, c *slap.Client, prefix string, n, connections int) {
	b.Helper()
	var next atomic.Int64
	var group sync.WaitGroup
	for range connections {
		group.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				if _, err := c.RequestInstance(context.Background(), benchVM(fmt.Sprintf("%s%d", prefix, i-1))); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}

// BenchmarkCreate creates one instance at a time on a Master that has 100 and on
// one that has 50 000, in turns, and reports how much longer it takes there. It
// should not be more than 1.3 times.
func BenchmarkCreate(b *testing.B) {
	few, _ := filled(b, 100, 100_000)
	many, _ := filled(b, 50_000, 100_000)
	const each = 200
	var took [2]time.Duration
	round := 0
	b.ResetTimer()
	for b.Loop() {
		for i, c := range []*slap.Client{few, many} {
			begin := time.Now()
			createAll(b, c, fmt.Sprintf("new%d-", round), each, 1)
			took[i] += time.Since(begin)
		}
		round++
	}
	b.ReportMetric(float64(took[0].Microseconds())/float64(round*each), "µs/create-at-100")
	b.ReportMetric(float64(took[1])/float64(took[0]), "at-50000/at-100")
}

// BenchmarkListing reads the listing of 10 000 instances and drops it.
func BenchmarkListing(b *testing.B) {
	_, base := filled(b, 10_000, 0)
	target := base + "/hateoas/?mode=search&query=portal_type%3A%22Instance+Tree%22+AND+validation_state%3Avalidated&select_list=title"
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		resp, err := http.Get(target)
		if err != nil {
			b.Fatal(err)
		}
		n, err := io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK {
			b.Fatal(resp.Status, err)
		}
		b.SetBytes(n)
	}
}

// BenchmarkRead reads instances by name, one after the other.
func BenchmarkRead(b *testing.B) {
	c, _ := filled(b, 10_000, 0)
	n := 0
	b.ResetTimer()
	for b.Loop() {
		if _, err := c.Instance(context.Background(), fmt.Sprintf("vm%d", n*7919%10_000)); err != nil {
			b.Fatal(err)
		}
		n++
	}
}
