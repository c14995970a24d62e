package proxy

import (
	"net"
	"net/url"
	"slices"

	"slapstar/slap"
	"slapstar/slap/marshal"
)

// The two releases whose shared instances slapproxy makes up when nothing
// carries them, so that software which asks for a frontend works without one.
const (
	webFrontend = "http://git.erp5.org/gitweb/slapos.git/blob_plain/HEAD:/software/apache-frontend/software.cfg"
	vncFrontend = "http://git.erp5.org/gitweb/slapos.git/blob_plain/refs/tags/slapos-0.92:/software/kvm/software.cfg"
)

// frontend answers a request for a shared instance of one of them, and nil for
// any other.
func frontend(r *request) *marshal.Object {
	switch {
	case r.SoftwareRelease == webFrontend && slices.Contains([]string{"", slap.DefaultType, "RootSoftwareInstance"}, r.SoftwareType):
		target, ok := r.typed["url"].(string)
		address, err := url.Parse(target)
		if !ok || err != nil {
			return nil
		}
		return madeUp("Fake frontend for "+target, map[string]any{"secure_access": target, "domain": address.Host})
	case r.SoftwareRelease == vncFrontend && r.SoftwareType == "frontend":
		host, port := r.Parameters["host"], r.Parameters["port"]
		if host == "" || port == "" {
			return nil
		}
		name := net.JoinHostPort(host, "")
		target := "https://" + net.JoinHostPort(host, port) + "/"
		return madeUp("Fake KVM VNC frontend for "+target, map[string]any{
			"url":        target,
			"domainname": name[:len(name)-1],
			"port":       r.typed["port"],
			"path":       "/",
		})
	}
	return nil
}

func madeUp(partition string, connection map[string]any) *marshal.Object {
	return &marshal.Object{Class: "ComputerPartition", Args: marshal.Tuple{"", partition, nil}, State: map[string]any{
		"_computer_id":               "",
		"_partition_id":              partition,
		"_request_dict":              nil,
		"_connection_dict":           connection,
		"_parameter_dict":            map[string]any{},
		"slap_computer_id":           "",
		"slap_computer_partition_id": "",
	}}
}
