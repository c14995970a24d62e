package starlib

import (
	"fmt"

	"go.starlark.net/starlark"

	"slapstar/slap"
	"slapstar/slap/marshal"
	"slapstar/starlib/lang"
)

// liveLibrary are the methods of slap that act on the Master at once, or lead to
// what does; they stand in for those that a file has.
var liveLibrary = map[string]builtinFunc{
	"getComputerDict":           computerDict,
	"getOpenOrderDict":          openOrderDict,
	"initializeConnection":      initializeConnection,
	"registerComputer":          liveComputer,
	"registerComputerPartition": registerPartition,
	"registerOpenOrder":         registered("open order", map[string]builtinFunc{"request": request, "getInformation": getInformation, "requestComputer": requestComputer}),
	"registerSoftwareRelease":   registerRelease,
	"registerToken":             registered("token", map[string]builtinFunc{"request": requestToken}),
}

func openOrderDict(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if err := lang.UnpackArgs(b.Name(), args, kwargs); err != nil {
		return nil, err
	}
	d, err := current(thread).instanceDict()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	return d, nil
}

func computerDict(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	e := current(thread)
	if err := lang.UnpackArgs(b.Name(), args, kwargs); err != nil {
		return nil, err
	}
	list, err := e.live.Nodes(e.Context())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	d := starlark.NewDict(len(list))
	for _, c := range list {
		d.SetKey(starlark.String(c.Reference), &node{e, c.Reference}) // a new dictionary takes any text
	}
	return d, nil
}

// initializeConnection is there for scripts that begin with it: the connection is
// that of the configuration.
func initializeConnection(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var url, key, cert starlark.Value
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "slapgrid_uri?", &url, "key_file?", &key, "cert_file?", &cert); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%s: the console is connected already, to the Master of the configuration; --master-url, --cert-file and --key-file name another", b.Name())
}

func liveComputer(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var guid lang.Name
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "computer_guid", &guid); err != nil {
		return nil, err
	}
	return &node{current(thread), string(guid)}, nil
}

func registerPartition(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	e := current(thread)
	var guid, reference lang.Name
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "computer_guid", &guid, "partition_id", &reference); err != nil {
		return nil, err
	}
	if _, err := e.live.Partition(e.Context(), string(guid), string(reference)); err != nil { // as the SLAP library, which asks at once
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	return &partition{e: e, computer: string(guid), partition: string(reference)}, nil
}

func registerRelease(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var url lang.Name
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "software_release", &url); err != nil {
		return nil, err
	}
	return &installed{current(thread), slap.SoftwareInstallation{SoftwareRelease: string(url)}}, nil
}

// requestComputer makes a new compute node, on a full Master.
//
//	requestComputer(computer_reference, project_reference="")
func requestComputer(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	e := current(thread)
	var title lang.Name
	var project string
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "computer_reference", &title, "project_reference?", &project); err != nil {
		return nil, err
	}
	guid, err := e.live.CreateNode(e.Context(), string(title), project)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	return &node{e, guid}, nil
}

func requestToken(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	e := current(thread)
	if err := lang.UnpackArgs(b.Name(), args, kwargs); err != nil {
		return nil, err
	}
	token, err := e.live.NodeToken(e.Context())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	return starlark.String(token), nil
}

// nodeFormat reads what the node agent posts of itself: a dictionary in the XML
// of the SLAP library.
func nodeFormat(guid, xml string) (slap.NodeFormat, error) {
	f := slap.NodeFormat{Computer: guid}
	value, err := marshal.Decode([]byte(xml))
	if err != nil {
		return f, err
	}
	text := func(d map[string]any, key string) string { s, _ := d[key].(string); return s }
	top, ok := value.(map[string]any)
	if !ok {
		return f, fmt.Errorf("got %T, want a dictionary", value)
	}
	f.Address, f.Netmask, f.PublicIPv4 = text(top, "address"), text(top, "netmask"), text(top, "public_ipv4_address")
	f.OSType, f.Version = text(top, "os_type"), text(top, "slapos_version")
	partitions, _ := top["partition_list"].([]any)
	for _, item := range partitions {
		given, _ := item.(map[string]any)
		p := slap.PartitionFormat{Reference: text(given, "reference")}
		tap, _ := given["tap"].(map[string]any)
		p.Tap = slap.Tap{Name: text(tap, "name"), IPv4: text(tap, "ipv4_addr"), IPv4Netmask: text(tap, "ipv4_netmask"), IPv4Gateway: text(tap, "ipv4_gateway"), IPv4Network: text(tap, "ipv4_network")}
		addresses, _ := given["address_list"].([]any)
		for _, item := range addresses {
			a, _ := item.(map[string]any)
			p.Addresses = append(p.Addresses, slap.Address{Address: text(a, "addr"), Netmask: text(a, "netmask")})
		}
		f.Partitions = append(f.Partitions, p)
	}
	return f, nil
}
