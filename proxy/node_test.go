package proxy

import (
	"context"
	"database/sql"
	"fmt"
	"testing"

	"slapstar/proxy/internal/store"
)

// A countingQueryer counts the queries that are made through it.
type countingQueryer struct {
	store.Reader
	queries int
}

func (c *countingQueryer) Query(query string, args ...any) (*sql.Rows, error) {
	c.queries++
	return c.Reader.Query(query, args...)
}

func (c *countingQueryer) QueryRow(query string, args ...any) *sql.Row {
	c.queries++
	return c.Reader.QueryRow(query, args...)
}

// Reading a node takes as many queries with many partitions, instances and
// shared instances as with one.
func TestQueriesOfNode(t *testing.T) {
	queries := func(partitions int) int {
		s := newSite(t, Options{})
		s.formatNode(t, "local_computer", partitions)
		for i := range partitions {
			r := vm(fmt.Sprintf("vm%d", i))
			if _, err := s.RequestInstance(context.Background(), r); err != nil {
				t.Fatal(err)
			}
			r.Name, r.Shared = "on-"+r.Name, true
			if _, err := s.RequestInstance(context.Background(), r); err != nil {
				t.Fatal(err)
			}
		}
		counting := &countingQueryer{Reader: s.db}
		node, err := s.nodeAnswer(counting, "local_computer")
		if err != nil {
			t.Fatal(err)
		}
		if got := len(node.State["_computer_partition_list"].([]any)); got != partitions {
			t.Errorf("got %d partitions, want %d", got, partitions)
		}
		return counting.queries
	}
	if one, many := queries(1), queries(40); one != many {
		t.Errorf("%d queries for one partition and %d for 40", one, many)
	}
}
