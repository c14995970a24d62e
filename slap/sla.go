package slap

import "slices"

// slaKeys are those that a full Master knows; one that it does not know is never
// allocated. A slapproxy uses computer_guid, instance_guid and master_url.
var slaKeys = []string{
	"capability", "computer_guid", "cpu_core", "cpu_frequency", "cpu_type", "fw_authorized_sources", "fw_rejected_sources",
	"fw_restricted_access", "group", "instance_guid", "local_area_network_type", "master_url", "memory_size", "memory_type", "mode",
	"network_guid", "project_guid", "region", "retention_delay", "storage_capacity", "storage_interface", "storage_redundancy",
}

// SLAKeys returns the keys of an SLA that some Master knows. One that a full Master
// does not know it never allocates; a slapproxy ignores all but computer_guid,
// instance_guid and master_url.
func SLAKeys() []string { return slices.Clone(slaKeys) }

// IsSLAKey reports whether a key is one of SLAKeys.
func IsSLAKey(key string) bool { return slices.Contains(slaKeys, key) }
