// Command bare is what package bench measures slapstar against: the least that
// the job takes, without a plan that anybody could read.
//
//	bare plan MASTER_URL FILE
//	bare write MASTER_URL COUNT PARALLEL
//	bare format MASTER_URL PARTITIONS
//
// plan reads the one listing of a slapproxy and evaluates the file at the same
// time, and counts what differs. write requests the instances of a fleet, format
// makes the node that has room for them.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"strconv"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
	"golang.org/x/sync/errgroup"

	"slapstar/bench/sample"
	"slapstar/slap"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "plan":
		return plan(args[1], args[2])
	case len(args) == 3 && args[0] == "format":
		partitions, err := strconv.Atoi(args[2])
		if err != nil {
			return err
		}
		return format(args[1], partitions)
	case len(args) == 4 && args[0] == "write":
		count, err := strconv.Atoi(args[2])
		parallel, other := strconv.Atoi(args[3])
		if err := errors.Join(err, other); err != nil {
			return err
		}
		return write(args[1], count, parallel)
	}
	return fmt.Errorf("got %q, want plan MASTER_URL FILE or write MASTER_URL COUNT PARALLEL or format MASTER_URL PARTITIONS", args)
}

// An instance is what is compared.
type instance struct {
	release, softwareType, state string
	parameters                   map[string]string
}

func plan(master, file string) error {
	var current, wanted map[string]instance
	var group errgroup.Group
	group.Go(func() (err error) { current, err = listing(master); return err })
	group.Go(func() (err error) { wanted, err = evaluate(file); return err })
	if err := group.Wait(); err != nil {
		return err
	}
	differing := 0
	for name, w := range wanted {
		c := current[name]
		if w.release != c.release || w.softwareType != c.softwareType || w.state != c.state || !maps.Equal(w.parameters, c.parameters) {
			differing++
		}
	}
	fmt.Println(differing)
	return nil
}

func listing(master string) (map[string]instance, error) {
	query := url.Values{"mode": {"search"}, "query": {`portal_type:"Instance Tree" AND validation_state:validated`}, "select_list": {"title,url_string"}}
	resp, err := http.Get(master + "hateoas/?" + query.Encode())
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var answer struct {
		Embedded struct {
			Contents []struct {
				Title         string
				Release       string `json:"url_string"`
				SoftwareType  string `json:"software_type"`
				State         string `json:"requested_state"`
				XML           string
				ConnectionXML string `json:"connection_xml"`
			}
		} `json:"_embedded"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return nil, err
	}
	list := make(map[string]instance, len(answer.Embedded.Contents))
	for _, row := range answer.Embedded.Contents {
		parameters, err := slap.ParseParameters(row.XML)
		if err != nil {
			return nil, err
		}
		list[row.Title] = instance{row.Release, row.SoftwareType, row.State, parameters}
	}
	return list, nil
}

func evaluate(file string) (map[string]instance, error) {
	list := map[string]instance{}
	request := func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var i instance
		var name string
		var parameters *starlark.Dict
		if err := starlark.UnpackArgs(b.Name(), args, kwargs, "software_release", &i.release, "partition_reference", &name,
			"partition_parameter_kw", &parameters, "software_type", &i.softwareType, "state", &i.state); err != nil {
			return nil, err
		}
		i.parameters = make(map[string]string, parameters.Len())
		for _, item := range parameters.Items() {
			key, _ := starlark.AsString(item[0])
			text, ok := starlark.AsString(item[1])
			if !ok {
				text = item[1].String()
			}
			i.parameters[key] = text
		}
		list[name] = i
		return starlark.None, nil
	}
	_, err := starlark.ExecFileOptions(&syntax.FileOptions{}, &starlark.Thread{}, file, nil, starlark.StringDict{"request": starlark.NewBuiltin("request", request)})
	return list, err
}

func write(master string, count, parallel int) error {
	c, err := slap.NewClient(slap.Options{MasterURL: master})
	if err != nil {
		return err
	}
	var group errgroup.Group
	group.SetLimit(parallel)
	for i := range count {
		group.Go(func() error {
			_, err := c.RequestInstance(context.Background(), sample.FleetInstance(i))
			return err
		})
	}
	return group.Wait()
}

func format(master string, partitions int) error {
	c, err := slap.NewClient(slap.Options{MasterURL: master, Only: slap.JSONRPC}) // the other interface takes more bytes a partition
	if err != nil {
		return err
	}
	node := slap.NodeFormat{Computer: "local_computer", Address: "127.0.0.1", Netmask: "255.255.255.255"}
	for i := range partitions {
		node.Partitions = append(node.Partitions, slap.PartitionFormat{Reference: fmt.Sprintf("slappart%d", i), Addresses: []slap.Address{{Address: "127.0.0.1", Netmask: "255.255.255.255"}}})
	}
	return c.FormatNode(context.Background(), node)
}
