package main

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"slapstar/slap"
	"slapstar/starlib/console"
)

// Times of names for completion.
const (
	namesFresh = 20 * time.Second       // after which they are read again
	namesWait  = 300 * time.Millisecond // that a completion waits for them at most
	namesLimit = 3 * time.Second        // of one read
)

// names are those that the Master knows, read when a completion asks for them. A
// Master that is slow, or not there, gives none, and is not spoken of.
type names struct {
	master slap.Reader

	mu    sync.Mutex
	lists map[console.Kind]*nameList
}

type nameList struct {
	names   []string
	read    time.Time
	reading chan struct{} // closed at the end of a read that is under way; nil: none is
}

// suggest implements the Suggest of a session.
func (n *names) suggest(kind console.Kind) []string {
	n.mu.Lock()
	if n.lists == nil {
		n.lists = map[console.Kind]*nameList{}
	}
	list := n.lists[kind]
	if list == nil {
		list = &nameList{}
		n.lists[kind] = list
	}
	if list.reading == nil && time.Since(list.read) > namesFresh {
		list.reading = make(chan struct{})
		go n.fetch(kind, list)
	}
	reading := list.reading
	n.mu.Unlock()
	if reading != nil {
		select {
		case <-reading:
		case <-time.After(namesWait):
		}
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return list.names
}

// forget makes the next completion read the names again: something may be new.
func (n *names) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, list := range n.lists {
		list.read = time.Time{}
	}
}

func (n *names) fetch(kind console.Kind, list *nameList) {
	ctx, cancel := context.WithTimeout(context.Background(), namesLimit)
	defer cancel()
	found, err := n.load(ctx, kind)
	n.mu.Lock()
	defer n.mu.Unlock()
	if err == nil {
		list.names = found
	}
	list.read = time.Now()
	close(list.reading)
	list.reading = nil
}

func (n *names) load(ctx context.Context, kind console.Kind) ([]string, error) {
	if kind == console.ProductName {
		list, err := n.master.SoftwareProducts(ctx)
		var found []string
		for _, p := range list {
			found = append(found, p.Reference)
		}
		return found, err
	}
	if kind == console.NodeName {
		list, err := n.master.Nodes(ctx)
		var found []string
		for _, c := range list {
			found = append(found, c.Reference)
		}
		return found, err
	}
	list, err := n.master.Instances(ctx)
	if err != nil {
		return nil, err
	}
	found := slices.AppendSeq(slices.Collect(maps.Keys(list.Instances)), maps.Keys(list.Partial))
	slices.Sort(found)
	return found, nil
}

// productFresh is how long the release of a product is taken for the best: a
// prompt may be open for days.
const productFresh = time.Minute

// A productCache keeps what the Master said of products.
type productCache struct {
	look  func(context.Context, string) ([]string, error)
	allow func(release string) // is told of each release
	known map[string]product
}

type product struct {
	release string
	read    time.Time
}

func (p *productCache) release(ctx context.Context, name string) (string, error) {
	if known, ok := p.known[name]; ok && time.Since(known.read) < productFresh {
		return known.release, nil
	}
	releases, err := p.look(ctx, name)
	if err != nil || len(releases) == 0 {
		return "", err
	}
	if p.known == nil {
		p.known = map[string]product{}
	}
	p.known[name] = product{releases[0], time.Now()}
	for _, release := range releases {
		p.allow(release)
	}
	return releases[0], nil
}
