package lang

import (
	"fmt"
	"math/big"
	"net/netip"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// ipModule computes with addresses and networks of IPv4 and IPv6. It looks nothing up.
// All of its functions need values that are known.
var ipModule = newModule("ip", starlark.StringDict{
	"address":  starlark.NewBuiltin("ip.address", ipAddress),
	"contains": starlark.NewBuiltin("ip.contains", ipContains),
	"host":     starlark.NewBuiltin("ip.host", ipHost),
	"hosts":    starlark.NewBuiltin("ip.hosts", ipHosts),
	"network":  starlark.NewBuiltin("ip.network", ipNetwork),
	"subnets":  starlark.NewBuiltin("ip.subnets", ipSubnets),
})

// maxHosts is how many addresses or networks one call lists.
const maxHosts = 65_536

// An ipPrefix is a network, such as 10.0.0.0/8, or an address alone.
type ipPrefix struct{ netip.Prefix }

// Unpack implements [starlark.Unpacker].
func (p *ipPrefix) Unpack(v starlark.Value) error {
	var text argument
	if err := text.Unpack(v); err != nil {
		return err
	}
	if addr, err := netip.ParseAddr(string(text)); err == nil && addr.Zone() == "" {
		p.Prefix = netip.PrefixFrom(addr, addr.BitLen())
		return nil
	}
	prefix, err := netip.ParsePrefix(string(text))
	if err != nil {
		return fmt.Errorf(`got %q, want a network such as "10.0.0.0/8" or "2001:db8::/32"`, string(text))
	}
	p.Prefix = prefix.Masked()
	return nil
}

// An ipAddr is an address.
type ipAddr struct{ netip.Addr }

// Unpack implements [starlark.Unpacker].
func (a *ipAddr) Unpack(v starlark.Value) error {
	var text argument
	if err := text.Unpack(v); err != nil {
		return err
	}
	addr, err := netip.ParseAddr(string(text))
	if err != nil {
		return fmt.Errorf(`got %q, want an address such as "10.0.0.1" or "2001:db8::1"`, string(text))
	}
	a.Addr = addr
	return nil
}

// ipAddress returns an address as it is usually written: ip.address("2001:DB8:0::1") is
// "2001:db8::1".
//
//	ip.address(text)
func ipAddress(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var a ipAddr
	if err := UnpackArgs(b.Name(), args, kwargs, "text", &a); err != nil {
		return nil, err
	}
	return starlark.String(a.String()), nil
}

// ipNetwork returns a struct with network (as text), address, prefix (a number of bits),
// version (4 or 6), first and last (the addresses at its ends), and size (how many
// addresses it has).
//
//	ip.network(text)
func ipNetwork(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var p ipPrefix
	if err := UnpackArgs(b.Name(), args, kwargs, "text", &p); err != nil {
		return nil, err
	}
	version := 4
	if p.Addr().Is6() {
		version = 6
	}
	size := p.size()
	last := p.at(new(big.Int).Sub(size, big.NewInt(1)))
	return starlarkstruct.FromStringDict(starlarkstruct.Default, starlark.StringDict{
		"network": starlark.String(p.String()), "address": starlark.String(p.Addr().String()), "prefix": starlark.MakeInt(p.Bits()),
		"version": starlark.MakeInt(version), "first": starlark.String(p.Addr().String()), "last": starlark.String(last.String()), "size": starlark.MakeBigInt(size),
	}), nil
}

// size is how many addresses a network has.
func (p ipPrefix) size() *big.Int {
	return new(big.Int).Lsh(big.NewInt(1), uint(p.Addr().BitLen()-p.Bits()))
}

// at is the n-th address of a network; n counts from 0 and is below its size.
func (p ipPrefix) at(n *big.Int) netip.Addr {
	bytes := p.Addr().AsSlice()
	sum := new(big.Int).Add(new(big.Int).SetBytes(bytes), n)
	addr, _ := netip.AddrFromSlice(sum.FillBytes(bytes))
	return addr
}

// hosts are the first host of a network, and how many it has. As in Python, the address of
// an IPv4 network and the one for all of it are none, and neither is the first of IPv6;
// of two addresses or one, all are.
func (p ipPrefix) hosts() (first int64, n *big.Int) {
	n = p.size()
	switch left := p.Addr().BitLen() - p.Bits(); {
	case left < 2:
		return 0, n
	case p.Addr().Is4():
		return 1, n.Sub(n, big.NewInt(2))
	}
	return 1, n.Sub(n, big.NewInt(1))
}

// ipContains reports whether an address, or all of a network, lies in a network.
//
//	ip.contains(network, other)
func ipContains(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var p, other ipPrefix
	if err := UnpackArgs(b.Name(), args, kwargs, "network", &p, "other", &other); err != nil {
		return nil, err
	}
	return starlark.Bool(p.Contains(other.Addr()) && p.Bits() <= other.Bits()), nil
}

// ipHost returns the n-th host of a network, which counts from 0; -1 is the last.
//
//	ip.host(network, n)
func ipHost(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var p ipPrefix
	var number starlark.Int
	if err := UnpackArgs(b.Name(), args, kwargs, "network", &p, "n", &number); err != nil {
		return nil, err
	}
	first, count := p.hosts()
	n := number.BigInt()
	if n.Sign() < 0 {
		n.Add(n, count)
	}
	if n.Sign() < 0 || n.Cmp(count) >= 0 {
		return nil, fmt.Errorf("%s: %s has %v hosts, and none is number %s", b.Name(), p, count, number)
	}
	return starlark.String(p.at(n.Add(n, big.NewInt(first))).String()), nil
}

// ipHosts lists the hosts of a network.
//
//	ip.hosts(network)
func ipHosts(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var p ipPrefix
	if err := UnpackArgs(b.Name(), args, kwargs, "network", &p); err != nil {
		return nil, err
	}
	first, count := p.hosts()
	if count.Cmp(big.NewInt(maxHosts)) > 0 {
		return nil, Hint(fmt.Errorf("%s: %s has more than %d hosts", b.Name(), p, maxHosts), "ip.host(network, n) gives one of them")
	}
	list := make([]starlark.Value, count.Int64())
	for i := range list {
		list[i] = starlark.String(p.at(big.NewInt(first + int64(i))).String())
	}
	return starlark.NewList(list), nil
}

// ipSubnets lists the networks of so many bits that a network has.
//
//	ip.subnets(network, prefix)
func ipSubnets(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var p ipPrefix
	var bits int
	if err := UnpackArgs(b.Name(), args, kwargs, "network", &p, "prefix", &bits); err != nil {
		return nil, err
	}
	if bits < p.Bits() || bits > p.Addr().BitLen() {
		return nil, fmt.Errorf("%s: for parameter prefix: got %d, want %d to %d", b.Name(), bits, p.Bits(), p.Addr().BitLen())
	}
	if bits-p.Bits() > 16 {
		return nil, fmt.Errorf("%s: %s has more than %d networks of %d bits", b.Name(), p, maxHosts, bits)
	}
	list := make([]starlark.Value, 1<<(bits-p.Bits()))
	for i := range list {
		at := new(big.Int).Lsh(big.NewInt(int64(i)), uint(p.Addr().BitLen()-bits))
		list[i] = starlark.String(netip.PrefixFrom(p.at(at), bits).String())
	}
	return starlark.NewList(list), nil
}
