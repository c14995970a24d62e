package run

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"slapstar/proxy"
	"slapstar/slap"
	"slapstar/slap/config"
	"slapstar/starlib/lang"
)

// simulatedDelay is how long the simulated nodes of an embedded Master take.
const simulatedDelay = 200 * time.Millisecond

// embedded starts a master_url that names the SQLite file of an embedded Master.
const embedded = "embedded:"

// defaultComputer is the node that a Master without computer_id allocates on.
const defaultComputer = "local_computer"

// database returns the file of an embedded Master, relative to the working folder, and
// an empty one for another Master. Location is relative to base; ~ is the home folder.
func database(location, base string) (string, error) {
	file, ok := strings.CutPrefix(location, embedded)
	if !ok {
		return "", nil
	}
	const hint = "write embedded:master.sqlite"
	switch file = config.ExpandHome(file); {
	case file == "":
		return "", lang.Hint(fmt.Errorf("master_url: got %q, which names no file, want embedded:FILE", location), hint)
	case filepath.Clean(file) == ":memory:":
		return "", lang.Hint(fmt.Errorf("master_url: got %q, want embedded:FILE: what is in memory ends with the command, and the next one would find an empty Master", location), hint)
	case filepath.IsAbs(file):
		return file, nil
	}
	return filepath.Join(base, file), nil
}

func (c Connection) openEmbedded(settings *config.File, file string, readOnly bool) (*Master, error) {
	server, err := proxy.Open(proxy.Options{
		Database:  file,
		ReadOnly:  readOnly,
		Computer:  Computer(settings),
		Products:  settings.Proxy.Products,
		Simulator: proxy.DefaultSimulator{Delay: simulatedDelay},
		Log:       func(s string) { c.say("embedded Master: " + s) },
	})
	if err != nil {
		err = fmt.Errorf("opening the embedded Master: %w", err)
		if _, ok := errors.AsType[*proxy.SchemaError](err); ok {
			err = lang.Hint(err, "somebody changed this database: name another file with --master-url embedded:FILE, or remove it and a new one is made")
		}
		return nil, err
	}
	return c.serve(settings, server, "http://embedded/")
}

// InMemory opens an embedded Master of its own, with nothing in it and nodes that
// take no time, of which only the products are those of the configuration. What the nodes
// do the simulator says; nil: what they do by default.
func (c Connection) InMemory(entry string, nodes proxy.Simulator) (*Master, error) {
	settings, err := c.Configuration(entry)
	if err != nil {
		return nil, err
	}
	if nodes == nil {
		nodes = proxy.DefaultSimulator{}
	}
	server, err := proxy.Open(proxy.Options{
		Computer:  Computer(settings),
		Products:  settings.Proxy.Products,
		Simulator: nodes,
		NoDelays:  true,
	})
	if err != nil {
		return nil, err
	}
	return c.serve(settings, server, "http://test/")
}

// serve connects to an embedded Master over a pipe.
func (c Connection) serve(settings *config.File, server *proxy.Server, url string) (*Master, error) {
	transport, closeServing := server.Transport()
	return c.newMaster(settings, "", slap.Options{MasterURL: url, Project: c.Project}, transport, func() error {
		closeServing()
		return server.Close()
	})
}

// Computer is the node that a Master without a node of its own allocates on.
func Computer(settings *config.File) string {
	if settings.ComputerID != "" {
		return settings.ComputerID
	}
	return defaultComputer
}
