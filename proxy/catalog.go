package proxy

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// The search of the full Master, and its columns. The reference, section (e).

// defaultRows is how many rows a search answers that names no limit.
const defaultRows = 10

// A column tells one thing of a row. What cannot be told is null.
type column[T any] func(T) (any, error)

// A catalog is what is searched for one kind of document.
type catalog[T any] struct {
	table, fields string // of the rows
	scan          func(func(...any) error) (T, error)
	where         string            // true of what is found without a key
	args          []any             // of where
	keys          map[string]string // what a query may name, as SQL
	order         map[string]string // what may be sorted on, as SQL
	folder        string            // of the relative URLs
	id            func(T) int64
	columns       map[string]column[T]
}

// titleOfTree is that of the tree of an instance, in SQL.
const titleOfTree = "iif(root = '', title, root)"

var treeCatalog = catalog[instance]{
	table: "instance", fields: instanceColumns, scan: scanInstance,
	where:  treeHeads,
	keys:   map[string]string{"title": titleOfTree},
	order:  map[string]string{"uid": "id", "title": titleOfTree, "reference": "id"},
	folder: "instance_tree_module/",
	id:     func(i instance) int64 { return i.id },
	columns: map[string]column[instance]{
		"title":            func(i instance) (any, error) { return i.rootTitle(), nil },
		"portal_type":      func(instance) (any, error) { return "Instance Tree", nil },
		"reference":        func(i instance) (any, error) { return i.treeReference(), nil },
		"url_string":       func(i instance) (any, error) { return i.release, nil },
		"source_reference": func(i instance) (any, error) { return i.kind, nil },
		"text_content":     func(i instance) (any, error) { return i.parameters, nil },
		"sla_xml":          func(i instance) (any, error) { return i.sla, nil },
		"slap_state":       func(i instance) (any, error) { return slapState[i.state], nil },
		"root_slave":       func(i instance) (any, error) { return i.shared, nil },
	},
}

// slapState are the names that states have on this interface.
var slapState = map[string]string{
	slap.Started:   "start_requested",
	slap.Stopped:   "stop_requested",
	slap.Destroyed: "destroy_requested",
	slap.Available: "start_requested",
}

func (s *Server) instanceCatalog() catalog[instance] {
	return catalog[instance]{
		table: "instance", fields: instanceColumns, scan: scanInstance,
		// A tree that is being made has no instance yet.
		where:  "NOT archived AND (computer IS NOT NULL OR created <= ? OR created > ?)",
		args:   []any{s.timestamp() - s.allocationDelay().Seconds()/10, s.timestamp()},
		keys:   map[string]string{"default_specialise_title": titleOfTree},
		order:  map[string]string{"uid": "id", "title": "title", "reference": "id"},
		folder: "software_instance_module/",
		id:     func(i instance) int64 { return i.id },
		columns: map[string]column[instance]{
			"title":                        func(i instance) (any, error) { return i.title, nil },
			"portal_type":                  func(i instance) (any, error) { return i.portalType(), nil },
			"reference":                    func(i instance) (any, error) { return i.reference(), nil },
			"specialise_title":             func(i instance) (any, error) { return i.rootTitle(), nil },
			"specialise":                   func(i instance) (any, error) { return s.treePath(i) },
			"url_string":                   func(i instance) (any, error) { return i.release, nil },
			"source_reference":             func(i instance) (any, error) { return i.kind, nil },
			"text_content":                 func(i instance) (any, error) { return i.parameters, nil },
			"sla_xml":                      func(i instance) (any, error) { return i.sla, nil },
			"slap_state":                   func(i instance) (any, error) { return slapState[i.state], nil },
			"connection_xml":               func(i instance) (any, error) { return nullable(i.connection), nil },
			"SoftwareInstance_getNewsDict": func(i instance) (any, error) { return i.news(), nil },
			"getConnectionXmlAsDict": func(i instance) (any, error) {
				_, connection, err := i.dictionaries()
				return connection, err
			},
		},
	}
}

var nodeCatalog = catalog[node]{
	table: "computer", fields: nodeColumns, scan: scanNode,
	where:  "1",
	keys:   map[string]string{"reference": "reference"},
	order:  map[string]string{"uid": "id", "title": "coalesce(nullif(title, ''), reference)", "reference": "reference"},
	folder: "compute_node_module/",
	id:     func(n node) int64 { return n.id },
	columns: map[string]column[node]{
		"title":       func(n node) (any, error) { return n.title, nil },
		"portal_type": func(node) (any, error) { return "Compute Node", nil },
		"reference":   func(n node) (any, error) { return n.reference, nil },
	},
}

var softwareCatalog = catalog[software]{
	table: "software", fields: softwareColumns, scan: scanSoftware,
	where:  "1",
	keys:   map[string]string{"default_aggregate_reference": "computer"},
	order:  map[string]string{"uid": "id", "reference": "id"},
	folder: "software_installation_module/",
	id:     func(w software) int64 { return w.id },
	columns: map[string]column[software]{
		"portal_type":                      func(software) (any, error) { return "Software Installation", nil },
		"reference":                        func(w software) (any, error) { return w.reference(), nil },
		"url_string":                       func(w software) (any, error) { return w.SoftwareRelease, nil },
		"slap_state":                       func(w software) (any, error) { return slapState[w.State], nil },
		"SoftwareInstallation_getNewsDict": func(w software) (any, error) { return w.news(), nil },
	},
}

// searchFull answers a search of the full Master.
func (s *Server) searchFull(form url.Values) (any, error) {
	text := form.Get("query")
	q, ok := parseCatalogQuery(text)
	unhandled := &badRequestError{"Unhandled query: " + text}
	if !ok {
		return nil, unhandled
	}
	switch {
	case q.of("Instance Tree"):
		return find(s.db, treeCatalog, q, form)
	case q.of("Software Instance", "Slave Instance"):
		return find(s.db, s.instanceCatalog(), q, form)
	case q.of("Compute Node"):
		return find(s.db, nodeCatalog, q, form)
	case q.of("Software Installation"):
		return find(s.db, softwareCatalog, q, form)
	}
	return nil, unhandled
}

// find carries out a search in one catalog.
func find[T any](db store.Reader, c catalog[T], q catalogQuery, form url.Values) (any, error) {
	offset, count, err := limits(form["limit"])
	if err != nil {
		return nil, err
	}
	order, err := sorting(c.order, form["sort_on"])
	if err != nil {
		return nil, err
	}
	where, args := c.where, slices.Clone(c.args)
	if q.key != "" {
		expression, ok := c.keys[q.key]
		if !ok {
			return nil, &badRequestError{fmt.Sprintf("Unhandled query: %s of %s", q.key, strings.Join(q.types, ", "))}
		}
		where, args = "("+where+") AND "+expression+" = ?", append(args, q.value)
	}
	list, err := store.Collect(db, c.scan, "SELECT "+c.fields+" FROM "+c.table+" WHERE "+where+" ORDER BY "+order+" LIMIT ? OFFSET ?",
		append(args, count, offset)...)
	if err != nil {
		return nil, err
	}
	rows := make([]object, len(list))
	for n, item := range list {
		if rows[n], err = c.row(item, form["select_list"]); err != nil {
			return nil, err
		}
	}
	return object{
		"_query": form.Get("query"), "_limit": form["limit"], "_select_list": form["select_list"], "_sort_on": form["sort_on"],
		"_embedded": object{"contents": rows},
	}, nil
}

// row has the columns that were selected, and a link to the document.
func (c catalog[T]) row(item T, selected []string) (row object, err error) {
	path := c.folder + strconv.FormatInt(c.id(item), 10)
	row = object{"_links": object{"self": object{"href": "urn:jio:get:" + path}}}
	for _, name := range selected {
		switch tell := c.columns[name]; {
		case name == "uid":
			row[name] = c.id(item)
		case name == "relative_url":
			row[name] = path
		case tell == nil:
			row[name] = nil
		default:
			if row[name], err = tell(item); err != nil {
				return nil, err
			}
		}
	}
	return row, nil
}

// limits reads limit: a count, or an offset and a count.
func limits(values []string) (offset, count int, err error) {
	numbers := make([]int, len(values))
	for n, v := range values {
		if numbers[n], err = strconv.Atoi(v); err != nil || numbers[n] < 0 {
			return 0, 0, &badRequestError{fmt.Sprintf("limit: got %q, want a number", v)}
		}
	}
	switch len(numbers) {
	case 0:
		return 0, defaultRows, nil
	case 1:
		return 0, numbers[0], nil
	case 2:
		return numbers[0], numbers[1], nil
	}
	return 0, 0, &badRequestError{fmt.Sprintf("limit: got %d values, want a count, or an offset and a count", len(values))}
}

// sorting reads sort_on: JSON lists of a column and ASC or DESC.
func sorting(order map[string]string, values []string) (string, error) {
	var terms []string
	for _, v := range values {
		var term []string
		if json.Unmarshal([]byte(v), &term) != nil || len(term) != 2 || order[term[0]] == "" ||
			!slices.Contains([]string{"ASC", "DESC"}, strings.ToUpper(term[1])) {
			return "", &badRequestError{fmt.Sprintf(`sort_on: got %s, want something like ["title","ASC"]`, v)}
		}
		terms = append(terms, order[term[0]]+" "+strings.ToUpper(term[1]))
	}
	return strings.Join(append(terms, "id"), ", "), nil
}

// treePath is the document of the tree of an instance.
func (s *Server) treePath(i instance) (any, error) {
	if i.root == "" {
		return treeCatalog.folder + strconv.FormatInt(i.id, 10), nil
	}
	head, err := findInstance(s.db, treeHeads+" AND "+titleOfTree+" = ?", i.root)
	if err != nil || head == nil {
		return nil, err
	}
	return treeCatalog.folder + strconv.FormatInt(head.id, 10), nil
}
