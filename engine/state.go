package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"slapstar/slap"
)

// readers is how many reads run at once where one bulk read is not enough.
const readers = 4

// A Reader is the part of a Master that planning may use. None of its methods
// changes anything.
type Reader interface {
	Instances(context.Context) (*slap.InstanceList, error)
	Instance(ctx context.Context, name string) (slap.Instance, error)
	SoftwareInstallations(ctx context.Context, computer string) ([]slap.SoftwareInstallation, error)
}

// A State is what the Master has, as far as a plan needs it.
type State struct {
	Instances    map[string]slap.Instance
	NotReady     map[string]bool              // instances that exist and cannot be read yet
	Unread       map[string]bool              // names whose attributes were not read
	Software     map[string]map[string]string // release to state, by compute node
	Unregistered map[string]bool              // compute nodes that the Master does not know

	// SoftwareStatus is what the nodes report of Software; it is known of a full Master alone.
	SoftwareStatus map[string]map[string]slap.Status

	Site *Site // of a full Master; nil where it was not read

	SharedStateLost bool // the Master does not keep the state of shared instances
	Full            bool // it is a full Master, which refuses some changes
	CreateSerially  bool // it may lose instances that are created at the same time

	// Of a full Master, see [slap.InstanceList].
	Owner     string                   // who we are there; empty where it does not tell
	Project   string                   // in which we work; empty if none was named
	Elsewhere map[string]slap.Instance // ours in other projects, whose names are taken
	Odd       []slap.Oddity            // what is not as it should be
}

// lists reports whether the Master lists what a change is about.
func (s *State) lists(c *Change) bool {
	switch r := c.Resource.(type) {
	case *Instance:
		return s.has(r.Name) && !s.Leaving(r.Name)
	case *Software:
		_, there := s.Software[r.Computer][r.SoftwareRelease]
		return there
	}
	return false
}

// isRemote reports whether a full Master made an instance for a Remote Node: it is nobody's
// to change.
func (s *State) isRemote(name string) bool { return s.Full && slap.IsRemote(name) }

// NewState returns the State of a Master that has nothing.
func NewState() *State {
	return &State{
		Instances:    map[string]slap.Instance{},
		NotReady:     map[string]bool{},
		Unread:       map[string]bool{},
		Software:     map[string]map[string]string{},
		Unregistered: map[string]bool{},

		SoftwareStatus: map[string]map[string]slap.Status{},
	}
}

// Observe does the bulk read. What that does not answer, Complete reads for
// the names that a Config declares.
func Observe(ctx context.Context, r Reader) (*State, error) {
	list, err := r.Instances(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the instances: %w", err)
	}
	s := NewState()
	s.Instances, s.Unread = list.Instances, list.Partial
	s.SharedStateLost, s.Full, s.CreateSerially = list.SharedStateLost, list.Full, list.CreateSerially
	s.Owner, s.Project, s.Elsewhere, s.Odd = list.Owner, list.Project, list.Elsewhere, list.Odd
	return s, nil
}

// Complete reads what c declares and s does not hold yet. It reports whether
// it read an instance: a new evaluation may then know more.
func (s *State) Complete(ctx context.Context, r Reader, c *Config) (bool, error) {
	s.adopt(c.Instances()...)
	wanted := s.wanted(c)
	for name := range wanted { // before anything runs: note deletes, too
		delete(s.Unread, name)
	}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	for name, origin := range wanted {
		group.Go(func() error {
			current, err := r.Instance(ctx, name)
			mu.Lock()
			defer mu.Unlock()
			if err := s.note(name, current, err); err != nil {
				return fmt.Errorf("instance %q (%v) is on the Master and cannot be read: %w", name, origin.Position(), err)
			}
			return nil
		})
	}
	for _, w := range c.Software() {
		mu.Lock()
		read := s.Software[w.Computer] != nil
		if !read {
			s.Software[w.Computer] = map[string]string{}
		}
		mu.Unlock()
		if read {
			continue
		}
		group.Go(func() error {
			list, err := r.SoftwareInstallations(ctx, w.Computer)
			mu.Lock()
			defer mu.Unlock()
			if err := s.noteSoftware(w.Computer, list, err); err != nil {
				return fmt.Errorf("reading the software of %q (%v): %w", w.Computer, w.Origin.Position(), err)
			}
			return nil
		})
	}
	return len(wanted) > 0, group.Wait()
}

// CompleteSoftware reads the software of compute nodes, of those that s does not hold yet.
func (s *State) CompleteSoftware(ctx context.Context, r Reader, nodes []string) error {
	wanted := slices.DeleteFunc(slices.Clone(nodes), func(computer string) bool { return s.Software[computer] != nil })
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	for _, computer := range wanted {
		group.Go(func() error {
			list, err := r.SoftwareInstallations(ctx, computer)
			mu.Lock()
			defer mu.Unlock()
			if err := s.noteSoftware(computer, list, err); err != nil {
				return fmt.Errorf("reading the software of %q: %w", computer, err)
			}
			return nil
		})
	}
	return group.Wait()
}

// noteSoftware keeps what a Master answers to the question for the software of a node.
func (s *State) noteSoftware(computer string, list []slap.SoftwareInstallation, err error) error {
	if errors.Is(err, slap.ErrNotFound) {
		s.Unregistered[computer] = true
	} else if err != nil {
		return err
	}
	if s.Software[computer] == nil {
		s.Software[computer] = map[string]string{}
	}
	for _, installed := range list {
		s.Software[computer][installed.SoftwareRelease] = installed.State
		if installed.Status.Kind != slap.StatusUnknown {
			if s.SoftwareStatus[computer] == nil {
				s.SoftwareStatus[computer] = map[string]slap.Status{}
			}
			s.SoftwareStatus[computer][installed.SoftwareRelease] = installed.Status
		}
	}
	return nil
}

// keepsRelease reports whether an instance has another release than is wanted, which a
// request does not change on a full Master.
func (s *State) keepsRelease(want *Instance) bool {
	current, exists := s.Instances[want.Name]
	return exists && s.Full && want.State != slap.Destroyed && !s.Leaving(want.Name) && current.SoftwareRelease != want.SoftwareRelease
}

// Read reads one instance: afterwards it is in Instances, in NotReady, or in neither
// where there is none.
func (s *State) Read(ctx context.Context, r Reader, name string) error {
	current, err := r.Instance(ctx, name)
	return s.note(name, current, err)
}

// note sorts what a Master answers to the question for one instance.
func (s *State) note(name string, current slap.Instance, err error) error {
	delete(s.NotReady, name)
	switch {
	case errors.Is(err, slap.ErrNotReady):
		s.NotReady[name] = true
	case errors.Is(err, slap.ErrNotFound): // gone since, or but for its name
		delete(s.Instances, name)
	case err != nil:
		return err
	default:
		s.Instances[name] = current
	}
	delete(s.Unread, name)
	return nil
}

// wanted are the names that have yet to be read: what c declares, reads or
// claims.
func (s *State) wanted(c *Config) map[string]Origin {
	wanted := map[string]Origin{}
	for _, name := range c.Reads {
		if s.Unread[name] {
			wanted[name] = Origin{}
		}
	}
	for _, i := range c.Instances() {
		if s.Unread[i.Name] {
			wanted[i.Name] = i.Origin
		}
	}
	if len(c.Claims) > 0 && c.More == nil {
		owners := c.Ownership(s)
		for name := range s.Unread {
			if claim := owners.Claim(name); claim != nil {
				wanted[name] = claim.Origin
			}
		}
	}
	return wanted
}
