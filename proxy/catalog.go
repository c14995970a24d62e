package proxy

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// The search of the full Master. The reference, section (e).

// defaultRows is how many rows a search answers that names no limit.
const defaultRows = 10

// A column tells one thing of a row. What cannot be told is null.
type column[T any] func(T) (any, error)

// has is a column that can always be told.
func has[T any](f func(T) any) column[T] { return func(item T) (any, error) { return f(item), nil } }

// A catalog is what is searched for one kind of document.
type catalog[T any] struct {
	table, fields string // of the rows
	scan          func(func(...any) error) (T, error)
	where         string            // true of what is found without a condition
	args          []any             // of where
	keys          map[string]string // what a query may name, as SQL
	order         map[string]string // what may be sorted on, as SQL
	folder        string            // of the relative URLs
	id            func(T) int64
	columns       map[string]column[T]
}

// slapState are the names that states have on this interface.
var slapState = map[string]string{
	slap.Started:   "start_requested",
	slap.Stopped:   "stop_requested",
	slap.Destroyed: "destroy_requested",
	slap.Available: "start_requested",
}

// slapStateSQL is slapState of the column state.
const slapStateSQL = "CASE state WHEN 'started' THEN 'start_requested' WHEN 'available' THEN 'start_requested' WHEN 'stopped' THEN 'stop_requested' ELSE 'destroy_requested' END"

// searchFull answers a search of the full Master.
func (s *Server) searchFull(r *http.Request, form url.Values) (any, error) {
	text := form.Get("query")
	q, ok := parseCatalogQuery(text)
	if !ok {
		return nil, unhandled(text)
	}
	viewer := s.viewer(whoAsks(r))
	switch {
	case q.of("Instance Tree"):
		return find(s.db, s.treeCatalog(viewer), q, form)
	case q.of("Software Instance", "Slave Instance"):
		return find(s.db, s.memberCatalog(viewer, q.types), q, form)
	case q.of("Compute Node"):
		return find(s.db, s.nodeCatalog(viewer), q, form)
	case q.of("Software Installation"):
		return find(s.db, s.softwareCatalog(viewer), q, form)
	case q.of("Upgrade Decision"):
		return find(s.db, s.decisionCatalog(viewer), q, form)
	}
	return s.searchSite(viewer, q, form)
}

func unhandled(query string) error { return &badRequestError{"Unhandled query: " + query} }

// A viewer is who searches.
type viewer struct {
	person  string
	manages []string // projects
	sees    []string // projects
}

func (s *Server) viewer(l login) viewer {
	if l.node {
		return viewer{}
	}
	p, _ := s.person(l.person)
	return viewer{l.person, p.Manages, p.sees()}
}

// mayView is true of the trees that somebody sees, and its arguments: those of the
// person, and those of everybody in projects that the person manages.
func (v viewer) mayView() (condition string, args []any) {
	return "(owner = ? OR project IN (SELECT value FROM json_each(?)))", []any{v.person, jsonList(v.manages)}
}

// jsonList is a list as SQLite reads it.
func jsonList(list []string) string {
	text, _ := json.Marshal(append([]string{}, list...)) // of strings there is no error
	return string(text)
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
	where, args := "("+c.where+")", slices.Clone(c.args)
	for _, condition := range q.conditions {
		expression, ok := c.keys[condition.key]
		if !ok {
			return nil, &badRequestError{fmt.Sprintf("Unhandled query: %s of %s", condition.key, strings.Join(q.types, ", "))}
		}
		where += " AND " + expression + " IN (SELECT value FROM json_each(?))"
		args = append(args, jsonList(condition.values))
	}
	if q.nothing {
		where += " AND 0"
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
	return searchAnswer(form, rows), nil
}

func searchAnswer(form url.Values, rows []object) object {
	return object{
		"_query": form.Get("query"), "_limit": form["limit"], "_select_list": form["select_list"], "_sort_on": form["sort_on"],
		"_embedded": object{"contents": rows},
	}
}

// row has the columns that were selected, and a link to the document.
func (c catalog[T]) row(item T, selected []string) (row object, err error) {
	path := c.folder + strconv.FormatInt(c.id(item), 10)
	row = object{"_links": object{"self": object{"href": "urn:jio:get:" + path}}}
	for _, name := range selected {
		switch tell := c.columns[name]; {
		case name == "uid":
			row[name] = c.id(item)
		case name == "relative_url", name == "getRelativeUrl":
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
