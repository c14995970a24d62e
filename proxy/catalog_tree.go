package proxy

import (
	"fmt"
	"slices"
)

// The columns of trees and of their members. What is selected is the document's own
// value: a change shows at once, and only whether something is found lags.

func (s *Server) treeCatalog(v viewer) catalog[tree] {
	listed, args := s.listedSQL()
	viewed, more := v.mayView()
	return catalog[tree]{
		table: "tree", fields: treeColumns, scan: scanTree,
		where: listed + " AND " + viewed, args: append(args, more...),
		keys: map[string]string{
			"uid": "CAST(id AS TEXT)", "title": "title", "reference": "'HOSTSUBS-' || id", "relative_url": treePathSQL("id"),
			"url_string": "release", "source_reference": "type", "slap_state": slapStateSQL,
			"destination_section_relative_url": personSQL("owner"), "default_destination_section_relative_url": personSQL("owner"),
			"follow_up_relative_url": "'" + projectModule + "' || project", "default_follow_up_relative_url": "'" + projectModule + "' || project",
			"follow_up_reference": "project", "default_follow_up_reference": "project",
		},
		order:  map[string]string{"uid": "id", "title": "title", "reference": "id"},
		folder: treeModule,
		id:     func(t tree) int64 { return t.id },
		columns: owned(func(t tree) (owner, project string) { return t.owner, t.project }, map[string]column[tree]{
			"title":            has(func(t tree) any { return t.title }),
			"portal_type":      has(func(tree) any { return "Instance Tree" }),
			"reference":        has(func(t tree) any { return t.reference() }),
			"url_string":       has(func(t tree) any { return t.release }),
			"source_reference": has(func(t tree) any { return t.kind }),
			"text_content":     has(func(t tree) any { return t.parameters }),
			"sla_xml":          has(func(t tree) any { return t.sla }),
			"slap_state":       has(func(t tree) any { return slapState[t.state] }),
			"root_slave":       has(func(t tree) any { return t.shared }),
		}),
	}
}

// personSQL is personPath in SQL.
func personSQL(column string) string { return "'" + personModule + "' || " + column }

func treePathSQL(column string) string { return "'" + treeModule + "' || " + column }

// owned adds the columns that tell of owner and project.
func owned[T any](of func(T) (owner, project string), columns map[string]column[T]) map[string]column[T] {
	person := has(func(item T) any { owner, _ := of(item); return personPath(owner) })
	name := has(func(item T) any { owner, _ := of(item); return owner })
	for _, key := range []string{"destination_section", "getDestinationSection", "destination_section_relative_url"} {
		columns[key] = person
	}
	for _, key := range []string{"destination_section_title", "getDestinationSectionTitle"} {
		columns[key] = name
	}
	return inProject(func(item T) string { _, project := of(item); return project }, columns)
}

// inProject adds the columns that tell of the project.
func inProject[T any](of func(T) string, columns map[string]column[T]) map[string]column[T] {
	for _, key := range []string{"follow_up", "getFollowUp", "follow_up_relative_url"} {
		columns[key] = has(func(item T) any { return projectPath(of(item)) })
	}
	for _, key := range []string{"follow_up_reference", "getFollowUpReference", "follow_up_title", "getFollowUpTitle"} {
		columns[key] = has(func(item T) any { return of(item) })
	}
	return columns
}

// A member is an instance of a tree, and what its tree says of it.
type member struct {
	instance
	treeTitle, owner, project string
	node                      int64 // id of the compute node that it is on
}

const memberColumns = instanceColumns + `,
	ifnull((SELECT tree.title FROM tree WHERE tree.id = instance.tree), ''), ifnull((SELECT owner FROM tree WHERE tree.id = instance.tree), ''),
	ifnull((SELECT project FROM tree WHERE tree.id = instance.tree), ''), ifnull((SELECT c.id FROM computer c WHERE c.reference = instance.computer), 0)`

func scanMember(scan func(...any) error) (m member, err error) {
	m.instance, err = scanInstance(func(into ...any) error {
		return scan(append(into, &m.treeTitle, &m.owner, &m.project, &m.node)...)
	})
	return m, err
}

// ofTree is a column of the tree of an instance in SQL.
func ofTree(expression string) string {
	return "(SELECT " + expression + " FROM tree WHERE tree.id = instance.tree)"
}

// memberCatalog has members until their nodes have reported the end.
func (s *Server) memberCatalog(v viewer, types []string) catalog[member] {
	listed, args := s.indexedSQL("created")
	viewed, more := v.mayView()
	where := listed + " AND EXISTS (SELECT 1 FROM tree WHERE tree.id = instance.tree AND " + viewed + ")"
	if !slices.Contains(types, "Slave Instance") {
		where += " AND NOT shared"
	}
	if !slices.Contains(types, "Software Instance") {
		where += " AND shared"
	}
	const tree, title = "CAST(tree AS TEXT)", "(SELECT tree.title FROM tree WHERE tree.id = instance.tree)"
	path := treePathSQL("tree")
	specialise := has(func(m member) any { return treePathOf(m.tree) })
	treeTitle := has(func(m member) any { return m.treeTitle })
	partition := has(func(m member) any { return m.partitionPath() })
	return catalog[member]{
		table: "instance", fields: memberColumns, scan: scanMember,
		where: where, args: append(args, more...),
		keys: map[string]string{
			"uid": "CAST(id AS TEXT)", "title": "title", "reference": "'SOFTINST-' || id", "url_string": "release", "source_reference": "type", "slap_state": slapStateSQL,
			"specialise_title": title, "default_specialise_title": title, "specialise_uid": tree, "default_specialise_uid": tree,
			"specialise_relative_url": path, "default_specialise_relative_url": path, "specialise_reference": "'HOSTSUBS-' || tree", "default_specialise_reference": "'HOSTSUBS-' || tree",
			"aggregate_reference": "partition", "default_aggregate_reference": "partition",
			"destination_section_relative_url": ofTree(personSQL("owner")), "default_destination_section_relative_url": ofTree(personSQL("owner")),
			"follow_up_relative_url": ofTree("'" + projectModule + "' || project"), "follow_up_reference": ofTree("project"), "default_follow_up_reference": ofTree("project"),
		},
		order:  map[string]string{"uid": "id", "title": "title", "reference": "id"},
		folder: "software_instance_module/",
		id:     func(m member) int64 { return m.id },
		columns: inProject(func(m member) string { return m.project }, map[string]column[member]{
			"title":       has(func(m member) any { return m.title }),
			"portal_type": has(func(m member) any { return m.portalType() }),
			"reference":   has(func(m member) any { return m.reference() }),
			"specialise":  specialise, "getSpecialise": specialise, "specialise_relative_url": specialise,
			"specialise_title": treeTitle, "getSpecialiseTitle": treeTitle,
			"specialise_uid":   has(func(m member) any { return m.tree }),
			"url_string":       has(func(m member) any { return m.release }),
			"source_reference": has(func(m member) any { return m.kind }),
			"text_content":     has(func(m member) any { return m.parameters }),
			"sla_xml":          has(func(m member) any { return m.sla }),
			"slap_state":       has(func(m member) any { return slapState[m.state] }),
			"connection_xml":   has(func(m member) any { return nullable(m.connection) }),
			"aggregate":        partition, "getAggregate": partition,
			"aggregate_reference": has(func(m member) any { return orNull(m.partition) }), "getAggregateReference": has(func(m member) any { return orNull(m.partition) }),
			"destination_section": has(func(m member) any { return personPath(m.owner) }), "getDestinationSection": has(func(m member) any { return personPath(m.owner) }),
			"SoftwareInstance_getNewsDict":              has(func(m member) any { return s.instanceNews(&m.instance) }),
			"SoftwareInstance_getAllocationInformation": has(func(m member) any { return v.place(m) }),
			"getConnectionXmlAsDict": func(m member) (any, error) {
				_, connection, err := m.dictionaries()
				return connection, err
			},
		}),
	}
}

// partitionPath is the relative URL of the partition of a member; nil when it has none.
func (m member) partitionPath() any {
	if m.computer == "" {
		return nil
	}
	return fmt.Sprintf("%s%d/%s", nodeModule, m.node, m.partition)
}

// place says where a member is, to those who manage its project.
func (v viewer) place(m member) string {
	switch {
	case m.computer == "":
		return "Not allocated"
	case !slices.Contains(v.manages, m.project):
		return "Restricted information"
	}
	return fmt.Sprintf("%s (%s)", m.computer, m.partition)
}

// orNull is a text, or nil for an empty one.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}
