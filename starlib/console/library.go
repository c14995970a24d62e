package console

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"go.starlark.net/starlark"

	"slapstar/slap"
	"slapstar/slap/marshal"
	"slapstar/starlib/lang"
)

// A library is the predeclared name slap in a session that acts at once. What it does
// not have is that of a file.
type library struct {
	s    *Session
	file starlark.HasAttrs
}

var _ starlark.HasAttrs = library{}

func (library) String() string        { return "slap" }
func (library) Type() string          { return "slap" }
func (library) Freeze()               {}
func (library) Truth() starlark.Bool  { return true }
func (library) Hash() (uint32, error) { return 0, errors.New("unhashable: slap") }

// libraryMethods act on the Master at once, or lead to what does.
var libraryMethods = map[string]sessionFunc{
	"getComputerDict":           (*Session).computerDict,
	"getOpenOrderDict":          (*Session).openOrderDict,
	"initializeConnection":      (*Session).initializeConnection,
	"registerComputer":          (*Session).registerComputer,
	"registerComputerPartition": (*Session).registerPartition,
	"registerOpenOrder":         registered("open order", map[string]sessionFunc{"requestComputer": (*Session).requestComputer}, "request", "getInformation"),
	"registerSoftwareRelease":   (*Session).registerRelease,
	"registerToken":             registered("token", map[string]sessionFunc{"request": (*Session).requestToken}),
}

// Attr implements [starlark.HasAttrs].
func (l library) Attr(name string) (starlark.Value, error) {
	if f, ok := libraryMethods[name]; ok {
		return l.s.bind(name, f), nil
	}
	return l.file.Attr(name)
}

// AttrNames implements [starlark.HasAttrs].
func (l library) AttrNames() []string {
	names := append(l.file.AttrNames(), sortedKeys(libraryMethods)...)
	slices.Sort(names)
	return slices.Compact(names)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// An object is what a method of slap returns.
type object struct {
	kind    string
	members starlark.StringDict
}

var _ starlark.HasAttrs = (*object)(nil)

func (o *object) String() string        { return "<" + o.kind + ">" }
func (o *object) Type() string          { return o.kind }
func (o *object) Freeze()               {}
func (o *object) Truth() starlark.Bool  { return true }
func (o *object) Hash() (uint32, error) { return 0, errors.New("unhashable: " + o.kind) }

// Attr implements [starlark.HasAttrs].
func (o *object) Attr(name string) (starlark.Value, error) { return o.members[name], nil }

// AttrNames implements [starlark.HasAttrs].
func (o *object) AttrNames() []string { return o.members.Keys() }

// registered is a method without arguments that returns an object. It has these
// methods, and those of the predeclared names.
func registered(kind string, methods map[string]sessionFunc, predeclared ...string) sessionFunc {
	return func(s *Session, _ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		o := &object{kind, starlark.StringDict{}}
		for name, method := range methods {
			o.members[name] = s.bind(name, method)
		}
		for _, name := range predeclared {
			o.members[name] = s.e.Predeclared()[name]
		}
		return o, lang.UnpackArgs(b.Name(), args, kwargs)
	}
}

func (s *Session) openOrderDict(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if err := lang.UnpackArgs(b.Name(), args, kwargs); err != nil {
		return nil, err
	}
	d, err := s.instanceDict()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	return d, nil
}

func (s *Session) computerDict(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if err := lang.UnpackArgs(b.Name(), args, kwargs); err != nil {
		return nil, err
	}
	list, err := s.live.Nodes(s.ctx())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	d := starlark.NewDict(len(list))
	for _, c := range list {
		d.SetKey(starlark.String(c.Reference), &node{s, c.Reference}) // a new dictionary takes any text
	}
	return d, nil
}

// instanceDict lists the instances of a Master, by name.
func (s *Session) instanceDict() (starlark.Value, error) {
	list, err := s.live.Instances(s.ctx())
	if err != nil {
		return nil, err
	}
	names := slices.AppendSeq(slices.Collect(maps.Keys(list.Instances)), maps.Keys(list.Partial))
	slices.Sort(names)
	d := starlark.NewDict(len(names))
	for _, name := range names {
		d.SetKey(starlark.String(name), s.handle(name)) // a new dictionary takes any text
	}
	return d, nil
}

// initializeConnection is there for scripts that begin with it: the connection is
// that of the configuration.
func (s *Session) initializeConnection(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var url, key, cert starlark.Value
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "slapgrid_uri?", &url, "key_file?", &key, "cert_file?", &cert); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%s: the console is connected already, to the Master of the configuration; --master-url, --cert-file and --key-file name another", b.Name())
}

func (s *Session) registerComputer(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var guid lang.Name
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "computer_guid", &guid); err != nil {
		return nil, err
	}
	return &node{s, string(guid)}, nil
}

func (s *Session) registerPartition(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var guid, reference lang.Name
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "computer_guid", &guid, "partition_id", &reference); err != nil {
		return nil, err
	}
	if _, err := s.live.Partition(s.ctx(), string(guid), string(reference)); err != nil { // as the SLAP library, which asks at once
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	return &partition{s: s, computer: string(guid), partition: string(reference)}, nil
}

func (s *Session) registerRelease(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var url lang.Name
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "software_release", &url); err != nil {
		return nil, err
	}
	return &softwareRelease{s, slap.SoftwareInstallation{SoftwareRelease: string(url)}}, nil
}

// requestComputer makes a new compute node, on a full Master.
//
//	requestComputer(computer_reference, project_reference="")
func (s *Session) requestComputer(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var title lang.Name
	var project string
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "computer_reference", &title, "project_reference?", &project); err != nil {
		return nil, err
	}
	guid, err := s.live.CreateNode(s.ctx(), string(title), project)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	return &node{s, guid}, nil
}

func (s *Session) requestToken(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if err := lang.UnpackArgs(b.Name(), args, kwargs); err != nil {
		return nil, err
	}
	token, err := s.live.NodeToken(s.ctx())
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
