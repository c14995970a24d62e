// Package simulate asks a Starlark file how the compute nodes of an embedded Master
// behave. The file sees node, and not the names that declare.
//
// The package does not know of the embedded Master, nor of the clock: the caller says
// how old something is.
package simulate

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib/lang"
)

// A Simulation is a file that says how the compute nodes of an embedded Master
// behave. It declares nodes, and defines
//
//	def instance(i): …   # what happens to an instance
//	def software(s): …   # what happens to a software installation; may be left out
//
// each of which returns what [Outcome] tells. It may be used concurrently.
type Simulation struct {
	Nodes []Node // in the order of the file

	seed     int64
	file     *lang.Evaluation
	instance *starlark.Function
	software *starlark.Function // nil when the file does not define it
}

// A Node is a compute node with its partitions.
type Node struct {
	Reference  string
	Partitions int
}

// Limits of a simulation.
const (
	maxPartitions = 100_000    // a node
	maxSteps      = 10_000_000 // Starlark instructions a call
)

// An Instance is what the function instance is told.
type Instance struct {
	slap.InstanceRequest
	Root      string // name of the instance tree
	Node      string
	Partition string
	IPv4      string // the last address of each kind; may be empty
	IPv6      string
	Attempt   int     // how often it was asked before, since the last change
	Age       float64 // seconds since the last change
}

// Software is what the function software is told.
type Software struct {
	slap.SoftwareInstallation
	Attempt int
	Age     float64 // seconds since it was asked for
}

// An Outcome is what became of an instance or a software installation: it is
// there (a dictionary of connection parameters; None for a software), it failed
// (a string, the error), or it takes time (a number of seconds after which to
// ask again).
type Outcome struct {
	Connection slap.Parameters
	Error      string
	Delay      float64 // seconds
}

// Load evaluates a simulation file. The same seed gives the same
// random numbers. Errors are those of [lang.Evaluation.Entry]. Its
// functions read files until it is closed.
func Load(ctx context.Context, files lang.Source, seed int64) (_ *Simulation, err error) {
	s := &Simulation{seed: seed}
	e, err := lang.New(ctx, files, starlark.StringDict{"node": starlark.NewBuiltin("node", s.node)}, nil)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			e.Close()
		}
	}()
	s.file = e
	name := e.Name()
	globals, _, err := e.Entry()
	if err != nil {
		return nil, err
	}
	if s.instance, err = definition(globals, "instance"); err != nil || s.instance == nil {
		return nil, simulationError(name, "instance", err)
	}
	if s.software, err = definition(globals, "software"); err != nil {
		return nil, simulationError(name, "software", err)
	}
	return s, nil
}

// Close ends the simulation: its functions read no files any more.
func (s *Simulation) Close() error { return s.file.Close() }

func simulationError(file, function string, err error) error {
	if err == nil {
		err = fmt.Errorf("there is no function %s", function)
	}
	return lang.NewError(engine.Position{File: file, Line: 1, Col: 1}, lang.Hint(err, `write: def instance(i): return {"url": "https://[%s]/" % i.ipv6}`))
}

// definition returns the function of one parameter that a file defines, or nil.
func definition(globals starlark.StringDict, name string) (*starlark.Function, error) {
	v, ok := globals[name]
	if !ok {
		return nil, nil
	}
	f, ok := v.(*starlark.Function)
	if !ok || f.NumParams() != 1 {
		return nil, fmt.Errorf("%s: got %s, want a function of one parameter", name, v)
	}
	return f, nil
}

// node implements node(reference, partitions = 10).
func (s *Simulation) node(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var reference lang.Name
	partitions := 10
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "reference", &reference, "partitions?", &partitions); err != nil {
		return nil, err
	}
	if partitions < 0 || partitions > maxPartitions {
		return nil, fmt.Errorf("node: partitions: got %d, want 0 to %d", partitions, maxPartitions)
	}
	for _, n := range s.Nodes {
		if n.Reference == string(reference) {
			return nil, fmt.Errorf("node: %q is declared already", reference)
		}
	}
	s.Nodes = append(s.Nodes, Node{Reference: string(reference), Partitions: partitions})
	return starlark.None, nil
}

// Instance asks the file what becomes of an instance.
func (s *Simulation) Instance(ctx context.Context, i Instance) (Outcome, error) {
	text := func(s string) starlark.Value { return starlark.String(s) }
	return s.ask(ctx, s.instance, i.Node+"\n"+i.Root+"\n"+i.Name, i.Attempt, starlark.StringDict{
		"name":             text(i.Name),
		"root":             text(i.Root),
		"software_release": text(i.SoftwareRelease),
		"software_type":    text(i.SoftwareType),
		"state":            text(i.State),
		"shared":           starlark.Bool(i.Shared),
		"parameters":       frozenTexts(i.Parameters),
		"sla":              frozenTexts(i.SLA),
		"node":             text(i.Node),
		"partition":        text(i.Partition),
		"ipv4":             text(i.IPv4),
		"ipv6":             text(i.IPv6),
		"attempt":          starlark.MakeInt(i.Attempt),
		"age":              starlark.Float(i.Age),
	})
}

// Software asks the file what becomes of a software installation. Without a
// function for it, it is there at once.
func (s *Simulation) Software(ctx context.Context, w Software) (Outcome, error) {
	if s.software == nil {
		return Outcome{}, nil
	}
	return s.ask(ctx, s.software, w.Computer+"\n"+w.SoftwareRelease, w.Attempt, starlark.StringDict{
		"software_release": starlark.String(w.SoftwareRelease),
		"node":             starlark.String(w.Computer),
		"state":            starlark.String(w.State),
		"attempt":          starlark.MakeInt(w.Attempt),
		"age":              starlark.Float(w.Age),
	})
}

func frozenTexts(p slap.Parameters) starlark.Value {
	d := starlark.NewDict(len(p))
	for key, value := range p {
		d.SetKey(starlark.String(key), starlark.String(value)) // a new dictionary takes any text
	}
	d.Freeze()
	return d
}

// ask calls a function of the file with a struct that has these attributes and a
// random number, which depends on the seed, on what is asked about and on how
// often it was.
func (s *Simulation) ask(ctx context.Context, f *starlark.Function, subject string, attempt int, attributes starlark.StringDict) (Outcome, error) {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\n%s\n%d", s.seed, subject, attempt))
	attributes["random"] = starlark.Float(float64(binary.BigEndian.Uint64(sum[:])>>11) / (1 << 53))
	v, err := s.file.Call(ctx, lang.Call{
		Function: f,
		Args:     starlark.Tuple{starlarkstruct.FromStringDict(starlarkstruct.Default, attributes)},
		Steps:    maxSteps,
	})
	if err != nil {
		return Outcome{}, err
	}
	o, err := outcome(v)
	if err != nil {
		return Outcome{}, lang.NewError(lang.PositionOf(f.Position()), fmt.Errorf("%s: %w", f.Name(), err))
	}
	return o, nil
}

// outcome reads what a function of a simulation returned.
func outcome(v starlark.Value) (Outcome, error) {
	switch v := v.(type) {
	case starlark.NoneType:
		return Outcome{Connection: slap.Parameters{}}, nil
	case starlark.String:
		if v == "" {
			return Outcome{}, fmt.Errorf("got an empty string, want the text of an error")
		}
		return Outcome{Error: string(v)}, nil
	case starlark.Int, starlark.Float:
		seconds, _ := starlark.AsFloat(v)
		if !(seconds > 0) || math.IsInf(seconds, 0) {
			return Outcome{}, fmt.Errorf("got %v, want a number of seconds above 0", v)
		}
		return Outcome{Delay: seconds}, nil
	case *starlark.Dict:
		connection := make(slap.Parameters, v.Len())
		for _, item := range v.Items() {
			key, ok := item[0].(starlark.String)
			if !ok {
				return Outcome{}, fmt.Errorf("a connection parameter: got key %s, want a string", item[0])
			}
			text, err := plainText(item[1])
			if err != nil {
				return Outcome{}, fmt.Errorf("connection parameter %s: %w", key, err)
			}
			connection[string(key)] = text
		}
		return Outcome{Connection: connection}, nil
	}
	return Outcome{}, fmt.Errorf("got %s, want a dictionary of connection parameters, an error text, or a number of seconds", v.Type())
}

// plainText is a scalar as a node would publish it.
func plainText(v starlark.Value) (string, error) {
	switch v := v.(type) {
	case starlark.String:
		return string(v), nil
	case starlark.Bool:
		return slap.Text(bool(v)), nil
	case starlark.Int:
		return v.String(), nil
	case starlark.Float:
		return slap.Text(float64(v)), nil
	}
	return "", fmt.Errorf("got %s, want string, number or bool; write a document with json.encode", v.Type())
}
