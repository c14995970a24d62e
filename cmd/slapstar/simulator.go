package main

import (
	"context"
	"errors"
	"time"

	"slapstar/cmd/slapstar/internal/view"
	"slapstar/proxy"
	"slapstar/starlib/lang"
	"slapstar/starlib/simulate"
)

// A fileSimulator plays the compute nodes of an embedded Master as a Starlark
// file says.
type fileSimulator struct{ *simulate.Simulation }

func loadSimulator(ctx context.Context, e *env, file string, seed int64) (fileSimulator, error) {
	var s *simulate.Simulation
	err := e.watched(ctx, func(ctx context.Context) (err error) {
		s, err = simulate.Load(ctx, e.watch.Source(lang.Source{File: file, Print: view.Printed(e.Err)}), seed)
		return err
	})
	return fileSimulator{s}, err
}

// Nodes implements [proxy.Simulator].
func (s fileSimulator) Nodes() []proxy.SimulatedNode {
	var list []proxy.SimulatedNode
	for _, n := range s.Simulation.Nodes {
		list = append(list, proxy.SimulatedNode(n))
	}
	return list
}

// Instance implements [proxy.Simulator].
func (s fileSimulator) Instance(ctx context.Context, i proxy.SimulatedInstance) (proxy.Reaction, error) {
	return outcome(s.Simulation.Instance(ctx, simulate.Instance{
		InstanceRequest: i.InstanceRequest,
		Root:            i.Root,
		Node:            i.Node,
		Partition:       i.Partition,
		IPv4:            i.IPv4,
		IPv6:            i.IPv6,
		Attempt:         i.Attempt,
		Age:             i.Age.Seconds(),
	}))
}

// Software implements [proxy.Simulator].
func (s fileSimulator) Software(ctx context.Context, w proxy.SimulatedSoftware) (proxy.Reaction, error) {
	return outcome(s.Simulation.Software(ctx, simulate.Software{
		SoftwareInstallation: w.SoftwareInstallation,
		Attempt:              w.Attempt,
		Age:                  w.Age.Seconds(),
	}))
}

func outcome(o simulate.Outcome, err error) (proxy.Reaction, error) {
	var ours *lang.Error
	if errors.As(err, &ours) {
		err = errors.New(ours.Error()) // a line of text is all that a node reports
	}
	return proxy.Reaction{
		Connection: o.Connection,
		Error:      o.Error,
		Delay:      time.Duration(o.Delay * float64(time.Second)),
	}, err
}
