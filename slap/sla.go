package slap

import "slices"

// Keys of an SLA that mean something to slapstar itself.
const (
	SLAComputer  = "computer_guid"   // the reference of a compute node
	SLAInstance  = "instance_guid"   // the instance that is to carry a shared one
	SLAMaster    = "master_url"      // the Master to which a slapproxy forwards the request
	SLAProject   = "project_guid"    // on a full Master
	SLARetention = "retention_delay" // a number to the JSON-RPC interface, unlike the others
)

// fullSLAKeys are the keys that a full Master knows.
var fullSLAKeys = []string{
	"capability", SLAComputer, "cpu_core", "cpu_frequency", "cpu_type", "fw_authorized_sources", "fw_rejected_sources",
	"fw_restricted_access", "group", SLAInstance, "local_area_network_type", "memory_size", "memory_type", "mode", "network_guid",
	SLAProject, "region", SLARetention, "storage_capacity", "storage_interface", "storage_redundancy",
}

// SLAKeys returns the keys of an SLA that some Master knows, sorted. A slapproxy
// ignores all but [SLAComputer], [SLAInstance] and [SLAMaster].
func SLAKeys() []string {
	keys := append(slices.Clone(fullSLAKeys), SLAMaster)
	slices.Sort(keys)
	return keys
}

// IsSLAKey reports whether some Master knows a key of an SLA.
func IsSLAKey(key string) bool { return key == SLAMaster || IsFullSLAKey(key) }

// IsFullSLAKey reports whether a full Master knows a key of an SLA. An instance with
// a key that it does not know is never allocated.
func IsFullSLAKey(key string) bool { return slices.Contains(fullSLAKeys, key) }
