package proxy

import "fmt"

// The columns of compute nodes and of what is installed on them.

// nodeModule begins the relative URL of a compute node.
const nodeModule = "compute_node_module/"

func (s *Server) nodeCatalog(v viewer) catalog[node] {
	scope := has(func(node) any { return "open" })
	return catalog[node]{
		table: "computer", fields: nodeColumns, scan: scanNode,
		where: "(project = '' OR project IN (SELECT value FROM json_each(?))) AND reference NOT IN (SELECT value FROM json_each(?))",
		args:  []any{jsonList(v.sees), jsonList(s.remoteReferences())},
		keys: map[string]string{
			"uid": "CAST(id AS TEXT)", "reference": "reference", "title": "coalesce(nullif(title, ''), reference)",
			"follow_up_reference": "project", "default_follow_up_reference": "project",
		},
		order:  map[string]string{"uid": "id", "title": "coalesce(nullif(title, ''), reference)", "reference": "reference"},
		folder: nodeModule,
		id:     func(n node) int64 { return n.id },
		columns: inProject(func(n node) string { return s.firstProject(n.project) }, map[string]column[node]{
			"title":            has(func(n node) any { return n.title }),
			"portal_type":      has(func(node) any { return "Compute Node" }),
			"reference":        has(func(n node) any { return n.reference }),
			"allocation_scope": scope, "getAllocationScope": scope,
		}),
	}
}

// An installed is software on a node, and what its node says of it.
type installed struct {
	software
	node    int64 // id
	project string
}

func scanInstalled(scan func(...any) error) (w installed, err error) {
	w.software, err = scanSoftware(func(into ...any) error { return scan(append(into, &w.node, &w.project)...) })
	return w, err
}

func (s *Server) softwareCatalog(v viewer) catalog[installed] {
	listed, args := s.indexedSQL("made")
	const node = "(SELECT c.%s FROM computer c WHERE c.reference = software.computer)"
	on := has(func(w installed) any { return fmt.Sprintf("%s%d", nodeModule, w.node) })
	reference := has(func(w installed) any { return w.Computer })
	return catalog[installed]{
		table: "software", fields: softwareColumns + ", ifnull(" + fmt.Sprintf(node, "id") + ", 0), ifnull(" + fmt.Sprintf(node, "project") + ", '')", scan: scanInstalled,
		where: listed + " AND ifnull(" + fmt.Sprintf(node, "project") + ", '') IN (SELECT '' UNION SELECT value FROM json_each(?))", args: append(args, jsonList(v.sees)),
		keys: map[string]string{
			"uid": "CAST(id AS TEXT)", "reference": "'SOFTINSTALL-' || id", "url_string": "release", "slap_state": slapStateSQL,
			"default_aggregate_reference": "computer", "aggregate_reference": "computer",
		},
		order:  map[string]string{"uid": "id", "reference": "id"},
		folder: "software_installation_module/",
		id:     func(w installed) int64 { return w.id },
		columns: inProject(func(w installed) string { return s.firstProject(w.project) }, map[string]column[installed]{
			"portal_type": has(func(installed) any { return "Software Installation" }),
			"reference":   has(func(w installed) any { return w.software.reference() }),
			"url_string":  has(func(w installed) any { return w.SoftwareRelease }),
			"slap_state":  has(func(w installed) any { return slapState[w.State] }),
			"aggregate":   on, "getAggregate": on,
			"aggregate_reference": reference, "getAggregateReference": reference,
			"SoftwareInstallation_getNewsDict": has(func(w installed) any { return s.softwareNews(w.software) }),
		}),
	}
}
