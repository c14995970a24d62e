package proxy

import (
	"fmt"
	"net/url"
	"slices"
)

// The columns of upgrade decisions, and of what the options of the Master name.

// A listedDecision is an upgrade decision, and what its tree says of it.
type listedDecision struct {
	decision
	title, owner, project string // of the tree
}

// decisionCatalog has upgrade decisions: planned when they are found, confirmed a moment
// later, started once the person has accepted.
func (s *Server) decisionCatalog(v viewer) catalog[listedDecision] {
	made, args := s.indexedSQL("changed")
	viewed, more := v.mayView()
	const of = "(SELECT %s FROM tree WHERE tree.id = decision.tree)"
	state := has(func(d listedDecision) any { return s.stateOf(d.decision) })
	on := has(func(d listedDecision) any { return treePathOf(d.tree) })
	title := has(func(d listedDecision) any { return d.title })
	return catalog[listedDecision]{
		table: "decision", fields: decisionColumns + ", " + fmt.Sprintf(of, "title") + ", " + fmt.Sprintf(of, "owner") + ", " + fmt.Sprintf(of, "project"),
		scan: func(scan func(...any) error) (d listedDecision, err error) {
			d.decision, err = scanDecision(func(into ...any) error { return scan(append(into, &d.title, &d.owner, &d.project)...) })
			return d, err
		},
		where: made + " AND EXISTS (SELECT 1 FROM tree WHERE tree.id = decision.tree AND ended IS NULL AND " + viewed + ")", args: append(args, more...),
		keys: map[string]string{
			"uid": "CAST(id AS TEXT)", "reference": "'UD-' || id", "simulation_state": s.decisionStateSQL(),
			"aggregate_relative_url": treePathSQL("tree"), "default_aggregate_relative_url": treePathSQL("tree"),
			"aggregate_title": fmt.Sprintf(of, "title"), "default_aggregate_title": fmt.Sprintf(of, "title"),
			"destination_section_relative_url": fmt.Sprintf(of, personSQL("owner")), "default_destination_section_relative_url": fmt.Sprintf(of, personSQL("owner")),
			"follow_up_reference": fmt.Sprintf(of, "project"), "default_follow_up_reference": fmt.Sprintf(of, "project"),
		},
		order:  map[string]string{"uid": "id", "reference": "id"},
		folder: "upgrade_decision_module/",
		id:     func(d listedDecision) int64 { return d.id },
		columns: owned(func(d listedDecision) (owner, project string) { return d.owner, d.project }, map[string]column[listedDecision]{
			"title":               has(func(d listedDecision) any { return "Upgrade of " + d.title }),
			"portal_type":         has(func(listedDecision) any { return "Upgrade Decision" }),
			"reference":           has(func(d listedDecision) any { return fmt.Sprintf("UD-%d", d.id) }),
			"simulation_state":    state,
			"getSimulationState":  state,
			"aggregate":           on,
			"getAggregate":        on,
			"aggregate_title":     title,
			"getAggregateTitle":   title,
			"aggregate_reference": has(func(d listedDecision) any { return tree{id: d.tree}.reference() }),
			"url_string":          has(func(d listedDecision) any { return d.release }),
		}),
	}
}

// An entry is a document that the options of the Master make.
type entry map[string]any

// searchSite searches what the options of the Master name: projects, products with their
// variations, and allocation supplies.
func (s *Server) searchSite(v viewer, q catalogQuery, form url.Values) (any, error) {
	offset, count, err := limits(form["limit"])
	if err != nil {
		return nil, err
	}
	var found []entry
	for _, kind := range q.types {
		list, known := s.entries(v, kind)
		if !known {
			return nil, unhandled(form.Get("query"))
		}
		for _, e := range list {
			if !q.nothing && !slices.ContainsFunc(q.conditions, func(c condition) bool { return !slices.Contains(c.values, fmt.Sprint(e[c.key])) }) {
				found = append(found, e)
			}
		}
	}
	found = found[min(offset, len(found)):]
	rows := []object{}
	for _, e := range found[:min(count, len(found))] {
		row := object{"_links": object{"self": object{"href": fmt.Sprint("urn:jio:get:", e["relative_url"])}}}
		for _, name := range form["select_list"] {
			row[name] = e[name]
		}
		rows = append(rows, row)
	}
	return searchAnswer(form, rows), nil
}

// entries are the documents of a portal type that a viewer sees.
func (s *Server) entries(v viewer, kind string) (list []entry, known bool) {
	add := func(module string, n int, title, reference, project string, more entry) {
		if !slices.Contains(v.sees, project) {
			return
		}
		e := entry{"uid": n + 1, "relative_url": fmt.Sprintf("%s/%d", module, n+1), "portal_type": kind, "title": title, "reference": reference,
			"follow_up": projectPath(project), "follow_up_reference": project, "getFollowUpReference": project, "default_follow_up_reference": project}
		for key, value := range more {
			e[key] = value
		}
		list = append(list, e)
	}
	switch kind {
	case "Project":
		for n, project := range s.projects() {
			add("project_module", n, project, project, project, entry{"relative_url": projectPath(project)})
		}
	case "Software Product":
		for n, p := range s.options.SoftwareProducts {
			add("software_product_module", n, p.Name, p.Name, p.Project, nil)
		}
	case "Software Product Release Variation", "Software Product Type Variation":
		for n, p := range s.options.SoftwareProducts {
			parent := entry{"parent_title": p.Name, "parent_reference": p.Name, "getParentReference": p.Name}
			variations := s.releases(p)
			if kind == "Software Product Type Variation" {
				variations = p.Types
			}
			for m, variation := range variations {
				more := entry{"relative_url": fmt.Sprintf("software_product_module/%d/%d", n+1, m+1)}
				if kind == "Software Product Release Variation" {
					more["url_string"] = variation
				}
				for key, value := range parent {
					more[key] = value
				}
				add("", n*1000+m, variation, variation, p.Project, more)
			}
		}
	case "Allocation Supply":
		for n, a := range s.options.AllocationSupplies {
			add("allocation_supply_module", n, fmt.Sprintf("Supply %d", n+1), "", a.Project, entry{"release_list": a.Releases, "type_list": a.Types, "aggregate_reference_list": a.Nodes})
		}
	case "Remote Node":
		for n, remote := range s.options.RemoteNodes {
			add("compute_node_module", 1_000_000+n, remote.Reference, remote.Reference, remote.Project, entry{"allocation_scope": "open", "getAllocationScope": "open"})
		}
	case "Instance Node":
		list = s.instanceNodes(v)
	case "Computer Network":
	default:
		return nil, false
	}
	return list, true
}

// instanceNodes are the instances that allocation supplies name as nodes.
func (s *Server) instanceNodes(v viewer) (list []entry) {
	for _, a := range s.options.AllocationSupplies {
		for _, title := range a.Nodes {
			i, err := findInstance(s.db, "title = ? AND NOT shared AND NOT archived AND tree IN (SELECT id FROM tree WHERE project = ?)", title, a.Project)
			if err != nil {
				s.logf("instance node %s: %v", title, err)
			}
			if i == nil || !slices.Contains(v.sees, a.Project) {
				continue
			}
			list = append(list, entry{"uid": i.id, "relative_url": fmt.Sprintf("instance_node_module/%d", i.id), "portal_type": "Instance Node", "title": title,
				"reference": fmt.Sprintf("INSTNODE-%d", i.id), "specialise_reference": i.reference(), "allocation_scope": "open", "getAllocationScope": "open",
				"follow_up": projectPath(a.Project), "follow_up_reference": a.Project, "getFollowUpReference": a.Project})
		}
	}
	return list
}
