package main

import (
	"fmt"
	"sync"

	"slapstar/cmd/slapstar/internal/run"
	"slapstar/cmd/slapstar/internal/view"
)

// neighbours are the environments of a project, as those that are on one Master look at
// each other. Each is evaluated once in a run.
type neighbours struct {
	mu    sync.Mutex
	known map[string]*run.Neighbour // by Master and name
}

// lookAtNeighbours makes a Planner of an environment look at the other ones on its Master.
// A FILE has none.
func (e *env) lookAtNeighbours(p *run.Planner, flags inputFlags) error {
	if e.environment == nil {
		return nil
	}
	own, err := e.connection().Identity(e.environment.File())
	if own == "" || err != nil {
		return err
	}
	var list []*run.Neighbour
	for _, name := range e.project.Names() {
		if name == e.environment.Name {
			continue
		}
		other := e.beside(e.project.Find(name))
		identity, err := other.connection().Identity(other.environment.File())
		if err != nil {
			view.Say(e.Err, fmt.Sprintf("environment %s is not looked at, since it is not known on which Master it is: %v", name, err))
			continue
		}
		if identity != own {
			continue
		}
		n, err := e.neighbours.of(identity, other, flags)
		if err != nil {
			return err
		}
		list = append(list, n)
	}
	p.LookAt(list)
	return nil
}

// beside is e for another environment. What the command line says of the Master is said of
// those that the command works on.
func (e *env) beside(v *run.Environment) *env {
	other := *e
	other.environment = v
	c := &other.global.connection
	if !e.selected[v.Name] {
		c.MasterURL, c.Project, c.CertFile, c.KeyFile, c.CAFile = "", "", "", "", ""
	}
	if c.File == e.environment.Configuration() || !e.selected[v.Name] { // else it is that of --cfg
		c.File = v.Configuration()
	}
	return &other
}

func (n *neighbours) of(identity string, other *env, flags inputFlags) (*run.Neighbour, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	name := other.environment.Name
	known := n.known[identity+"\n"+name]
	if known != nil {
		return known, nil
	}
	flags.ask = false
	in, err := flags.inputs(other, other.environment.File())
	if err != nil {
		return nil, err
	}
	for name, given := range in.Vars { // which the other files need not ask for
		given.Explicit = false
		in.Vars[name] = given
	}
	known = &run.Neighbour{Name: name, Inputs: in}
	n.known[identity+"\n"+name] = known
	return known, nil
}
