package proxy

import (
	"slices"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// findPlace looks for where an instance of the full Master can go. A partition without
// a name is one that a simulated node has yet to get. Of the SLA only computer_guid,
// project_guid, and instance_guid for a shared instance, choose between places here: of
// these nodes nothing else is known.
func (s *Server) findPlace(q store.Reader, i *instance) (computer, partition string, ok bool, err error) {
	t, err := findTree(q, "id = ?", i.tree)
	if err != nil || t == nil || slices.Contains(s.unpaid(), t.owner) || !s.sold(t.project, i.release, i.kind) {
		return "", "", false, err
	}
	sla, err := slap.ParseParameters(i.sla)
	if err != nil {
		return "", "", false, err
	}
	for key, value := range sla {
		if !slap.IsFullSLAKey(key) || key == "mode" && value != "" && value != "unique_by_network" {
			return "", "", false, nil
		}
	}
	if wanted := sla[slap.SLAProject]; wanted != "" && wanted != t.project {
		return "", "", false, nil
	}
	if i.shared {
		computer, partition, ok, err = s.findHost(q, t, i, sla)
	} else {
		computer, partition, ok, err = s.findFree(q, t, i, sla)
	}
	if !ok && err == nil {
		computer, ok = s.findRemote(t, i, sla)
	}
	return computer, partition, ok, err
}

// sold reports whether the products of a project have a release and a type. Without
// configured products they do.
func (s *Server) sold(project, release, kind string) bool {
	if len(s.options.SoftwareProducts) == 0 {
		return true
	}
	for _, listed := range s.options.Products { // these are in every project, with every type
		if listed == release {
			return true
		}
	}
	return slices.ContainsFunc(s.options.SoftwareProducts, func(p Product) bool {
		return p.Project == project && slices.Contains(s.releases(p), release) && allows(p.Types, kind)
	})
}

// allows reports whether a list has an item; an empty one has every one.
func allows(list []string, item string) bool { return len(list) == 0 || slices.Contains(list, item) }

// supplied reports whether an allocation supply of a project allows a release and a
// type, and on what.
func (s *Server) supplied(project, release, kind string, on func(Supply) bool) bool {
	if len(s.options.AllocationSupplies) == 0 {
		return on(Supply{Project: project, SameTree: true})
	}
	return slices.ContainsFunc(s.options.AllocationSupplies, func(a Supply) bool {
		return a.Project == project && allows(a.Releases, release) && allows(a.Types, kind) && on(a)
	})
}

// findHost looks for an instance that may carry a shared one: an instance node of a
// supply, or one of the same tree. The release and the type of the host do not matter.
func (s *Server) findHost(q store.Reader, t *tree, i *instance, sla slap.Parameters) (computer, partition string, ok bool, err error) {
	type host struct {
		computer, partition, title string
		tree                       int64
	}
	most := -1
	if len(s.options.AllocationSupplies) == 0 {
		most = 1 // the first one is as good as any
	}
	hosts, err := store.Collect(q, func(scan func(...any) error) (h host, err error) {
		err = scan(&h.computer, &h.partition, &h.title, &h.tree)
		return h, err
	}, `SELECT computer, partition, title, tree FROM instance
		WHERE NOT shared AND NOT archived AND computer IS NOT NULL AND state <> 'destroyed'
			AND tree IN (SELECT id FROM tree WHERE project = ?1) AND (?2 = '' OR computer = ?2) AND (?3 = '' OR 'SOFTINST-' || id = ?3)
		ORDER BY tree <> ?4, id LIMIT ?5`, t.project, sla[slap.SLAComputer], sla[slap.SLAInstance], i.tree, most)
	if err != nil {
		return "", "", false, err
	}
	for _, h := range hosts {
		if s.supplied(t.project, i.release, i.kind, func(a Supply) bool {
			return allows(a.Nodes, h.title) || a.SameTree && h.tree == i.tree
		}) {
			return h.computer, h.partition, true, nil
		}
	}
	return "", "", false, nil
}

// findFree looks for a free partition where the release of an instance is there, on
// any node of its project or on the one that the SLA names.
func (s *Server) findFree(q store.Reader, t *tree, i *instance, sla slap.Parameters) (computer, partition string, ok bool, err error) {
	type place struct{ computer, partition string }
	list, err := store.Collect(q, func(scan func(...any) error) (p place, err error) {
		err = scan(&p.computer, &p.partition)
		return p, err
	}, `SELECT software.computer, ifnull((SELECT reference FROM partition
			WHERE partition.computer = software.computer AND free AND NOT inactive ORDER BY id LIMIT 1), '')
		FROM software JOIN computer ON computer.reference = software.computer
		WHERE release = ?1 AND state = 'available' AND status = 'available' AND (?2 = '' OR software.computer = ?2) AND computer.project IN ('', ?3)
		ORDER BY software.id`, i.release, sla[slap.SLAComputer], t.project)
	if err != nil {
		return "", "", false, err
	}
	for _, p := range list {
		if p.partition == "" && (s.options.Simulator == nil || s.declared[p.computer]) {
			continue // it is full
		}
		if s.supplied(t.project, i.release, i.kind, func(a Supply) bool { return allows(a.Nodes, p.computer) }) {
			return p.computer, p.partition, true, nil
		}
	}
	return "", "", false, nil
}
