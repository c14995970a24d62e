package proxy

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"slapstar/slap"
)

// A Simulator plays the compute nodes: it says what becomes of what is asked of
// them. It is called by one goroutine.
type Simulator interface {
	// Nodes are the compute nodes that there are from the beginning. One that is
	// only named comes into being with partitions that do not run out.
	Nodes() []SimulatedNode
	Instance(context.Context, SimulatedInstance) (Reaction, error)
	Software(context.Context, SimulatedSoftware) (Reaction, error)
}

// A SimulatedNode is a compute node with so many partitions.
type SimulatedNode struct {
	Reference  string
	Partitions int
}

// A SimulatedInstance is an instance that was created or changed.
type SimulatedInstance struct {
	slap.InstanceRequest        // its State may be Destroyed
	Root                 string // name of the instance tree
	Node                 string
	Partition            string
	IPv4                 string // the last address of each kind; may be empty
	IPv6                 string
	Attempt              int           // how often it was asked about since the last change
	Age                  time.Duration // since the last change
}

// SimulatedSoftware is a software installation that was asked for or unwanted.
type SimulatedSoftware struct {
	slap.SoftwareInstallation
	Attempt int
	Age     time.Duration
}

// A Reaction is what a simulated node did with an instance or with software. With
// neither Error nor Delay it is as was asked for: the instance is in its state and
// publishes Connection, or is gone.
type Reaction struct {
	Connection slap.Parameters
	Error      string
	Delay      time.Duration // ask again after that long
}

// DefaultSimulator is what a node does when nothing else is said: after Delay all
// is as it was asked for, and an instance publishes a url and its ipv6.
type DefaultSimulator struct{ Delay time.Duration }

// Nodes implements [Simulator].
func (d DefaultSimulator) Nodes() []SimulatedNode { return nil }

// Instance implements [Simulator].
func (d DefaultSimulator) Instance(_ context.Context, i SimulatedInstance) (Reaction, error) {
	if i.Attempt == 0 && d.Delay > 0 {
		return Reaction{Delay: d.Delay}, nil
	}
	connection := slap.Parameters{"url": fmt.Sprintf("https://%s.example/", i.Partition)}
	if i.IPv6 != "" {
		connection["ipv6"] = i.IPv6
		connection["url"] = fmt.Sprintf("https://[%s]:8443/%s", i.IPv6, url.PathEscape(i.Name))
	}
	return Reaction{Connection: connection}, nil
}

// Software implements [Simulator].
func (d DefaultSimulator) Software(_ context.Context, w SimulatedSoftware) (Reaction, error) {
	if w.Attempt == 0 && d.Delay > 0 {
		return Reaction{Delay: d.Delay}, nil
	}
	return Reaction{}, nil
}

// checkReaction refuses connection parameters that could be stored and not be read
// any more.
func checkReaction(o Reaction) error {
	for key, value := range o.Connection {
		if err := checkValue([]any{key, value}, 0); err != nil {
			return fmt.Errorf("connection parameter %q: %w", key, err)
		}
	}
	return nil
}

// printable replaces what no XML carries.
func printable(r rune) rune {
	if checkValue(string(r), 0) != nil {
		return '\uFFFD'
	}
	return r
}
