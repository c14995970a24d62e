package proxy

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"syscall"
)

const hateoasPath = "/hateoas/"

func (s *Server) hateoasRoutes(mux *http.ServeMux) {
	handle := func(pattern string, h func(r *http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			answer, err := h(r)
			if err != nil {
				s.errorPage(w, err)
				return
			}
			if target, ok := answer.(redirect); ok {
				http.Redirect(w, r, string(target), http.StatusFound)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			if write, ok := answer.(stream); ok {
				if err := write(w); err != nil {
					if !hungUp(r, err) {
						s.logf("answering %s: %v", r.URL.EscapedPath(), err)
					}
					panic(http.ErrAbortHandler) // the client has half of it, and has to see that
				}
				return
			}
			json.NewEncoder(w).Encode(answer)
		})
	}
	if s.full() {
		s.fullHateoasRoutes(mux)
		s.certificateRoutes(mux)
		s.fullPanelRoutes(mux)
		return
	}
	mux.Handle("GET /hateoas", http.RedirectHandler(hateoasPath, http.StatusPermanentRedirect))
	handle("GET /hateoas/{$}", s.hateoasRoot)
	handle("GET /hateoas/partitions/{title}", func(r *http.Request) (any, error) { return s.traverseInstance(r, false) })
	handle("GET /hateoas/shared/{title}", func(r *http.Request) (any, error) { return s.traverseInstance(r, true) })
	handle("GET /hateoas/computers/{reference}", s.traverseNode)
}

// hungUp reports whether an answer failed because the client did not wait for it.
func hungUp(r *http.Request, err error) bool {
	return r.Context().Err() != nil || errors.Is(err, io.ErrClosedPipe) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

// A redirect is an answer that sends the client on, to a path of this Master.
type redirect string

type object = map[string]any

func (s *Server) hateoasRoot(r *http.Request) (any, error) {
	query := r.URL.Query()
	switch mode := query.Get("mode"); mode {
	case "":
		root := baseURL(r) + hateoasPath
		return object{"_links": object{
			"raw_search": object{"href": root + "?mode=search&query={query}&select_list={select_list}"},
			"traverse":   object{"href": root + "?mode=traverse&relative_url={relative_url}&view={view}"},
		}}, nil
	case "search":
		if !query.Has("query") {
			return nil, misunderstood("missing field: query")
		}
		if query.Get("query") == treeQuery {
			return stream(s.listTrees), nil
		}
		rows, err := s.search(query.Get("query"))
		return object{"_embedded": object{"contents": rows}}, err
	case "traverse":
		if !query.Has("relative_url") {
			return nil, misunderstood("missing field: relative_url")
		}
		target := query.Get("relative_url")
		document, ok := documentPath(target)
		if !ok {
			return nil, &notFoundError{withStock(http.StatusNotFound, "there is no document at "+target)}
		}
		return redirect(document), nil
	default:
		return nil, &badRequestError{"Unhandled mode: " + mode}
	}
}

// documentPath returns the escaped path of the document that a client names, and
// false where there can be none. The client is sent there: what a browser takes for
// another host ("//" and "/\", also with a control character or a ".." between
// them and the beginning) must not remain.
func documentPath(target string) (escaped string, ok bool) {
	u, err := url.Parse(target)
	if err != nil {
		return "", false
	}
	escaped = u.EscapedPath()
	return escaped, strings.HasPrefix(target, hateoasPath) && strings.HasPrefix(path.Clean(escaped)+"/", hateoasPath)
}

const (
	treeQuery = `portal_type:"Instance Tree" AND validation_state:validated`
	nodeQuery = `portal_type:"Compute Node" AND validation_state:validated`
)

// search understands the four queries of the stock client, as slapproxy does.
func (s *Server) search(query string) ([]object, error) {
	if rest, ok := strings.CutPrefix(query, treeQuery); ok {
		title, named, ok := searchKey(rest, "title")
		if ok {
			return s.searchTrees(title, named)
		}
	}
	if rest, ok := strings.CutPrefix(query, nodeQuery); ok {
		reference, named, ok := searchKey(rest, "reference")
		if ok {
			return s.searchNodes(reference, named)
		}
	}
	return nil, &badRequestError{"Unhandled query: " + query}
}

// searchKey parses the end of a query: nothing, or the value of one key.
func searchKey(rest, key string) (value string, named, ok bool) {
	if rest == "" {
		return "", false, true
	}
	value, ok = strings.CutPrefix(rest, " AND "+key+`:="`)
	if !ok || !strings.HasSuffix(value, `"`) {
		return "", false, false
	}
	value = strings.TrimSuffix(value, `"`)
	return value, true, !strings.Contains(value, `"`)
}

func (s *Server) searchTrees(title string, named bool) ([]object, error) {
	named = named && title != "" // an empty one is of every tree
	where, args := "root = '' AND NOT archived", []any{}
	if named {
		where, args = "root = '' AND title = ? AND NOT archived", []any{title}
	}
	list, err := findInstances(s.db, where, args...)
	if err != nil || len(list) == 0 {
		return []object{}, err
	}
	where, args = "shared", nil
	if named {
		list = list[:1] // where a plain and a shared one have the name, the plain one
		where, args = "shared AND computer = ? AND partition = ?", []any{list[0].computer, list[0].partition}
	}
	shared, err := findInstances(s.db, where, args...)
	if err != nil {
		return nil, err
	}
	carried := byHost(shared)
	rows := make([]object, len(list))
	for n, i := range list {
		if rows[n], err = treeRow(i, carried[host{i.computer, i.partition}]); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// treeRow has every column for a plain instance, whatever was selected, and
// the three essential ones for a shared one.
func treeRow(i instance, carried []instance) (object, error) {
	row := object{"title": i.title, "url_string": i.release, "relative_url": treePath(i)}
	if i.shared {
		return row, nil
	}
	var sharedXML any
	if len(carried) > 0 {
		text, err := marshalShared(carried)
		if err != nil {
			return nil, err
		}
		sharedXML = text
	}
	for key, value := range (object{
		"partition_reference": i.title,
		"reference":           i.partition,
		"computer_reference":  i.computer,
		"slap_state":          "busy",
		"software_release":    i.release,
		"software_type":       i.kind,
		"xml":                 i.parameters,
		"connection_xml":      nullable(i.connection),
		"requested_state":     i.state,
		"requested_by":        "",
		"slave_instance_list": sharedXML,
		"timestamp":           i.timestamp,
	}) {
		row[key] = value
	}
	return row, nil
}

func treePath(i instance) string {
	folder := "partitions/"
	if i.shared {
		folder = "shared/"
	}
	return hateoasPath + folder + url.PathEscape(i.title)
}

func (s *Server) searchNodes(reference string, named bool) ([]object, error) {
	where, args := "1", []any{}
	if named {
		where, args = "reference = ?", []any{reference}
	}
	list, err := findNodes(s.db, where, args...)
	if err != nil {
		return nil, err
	}
	rows := make([]object, len(list))
	for n, c := range list {
		rows[n] = object{"reference": c.reference, "title": c.reference, "address": c.address, "netmask": c.netmask,
			"relative_url": hateoasPath + "computers/" + url.PathEscape(c.reference)}
	}
	return rows, nil
}

func (s *Server) traverseInstance(r *http.Request, shared bool) (any, error) {
	title := r.PathValue("title")
	i, err := findInstance(s.db, "root = '' AND title = ? AND shared = ? AND NOT archived", title, shared)
	if err != nil {
		return nil, err
	}
	if i == nil {
		return nil, &notFoundError{withStock(http.StatusNotFound, "there is no instance "+title)}
	}
	state, rootSlave := i.state, 0
	if i.shared {
		state, rootSlave = "unused", 1
	}
	fields := object{"form_id": object{"type": "StringField", "key": "form_id", "default": "InstanceTree_viewAsHateoas"}}
	for name, value := range (object{
		"reference":                 i.title,
		"slap_state":                state,
		"text_content":              i.parameters,
		"connection_parameter_list": nullable(i.connection),
		"url_string":                i.release,
		"source_reference":          i.kind,
		"root_slave":                rootSlave,
	}) {
		kind := "StringField"
		if name == "root_slave" {
			kind = "IntegerField"
		}
		fields["my_"+name] = object{"type": kind, "key": "field_my_" + name, "default": value}
	}
	return document("Instance Tree", fields), nil
}

func (s *Server) traverseNode(r *http.Request) (any, error) {
	reference := r.PathValue("reference")
	list, err := findNodes(s.db, "reference = ?", reference)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, &notFoundError{withStock(http.StatusNotFound, "there is no compute node "+reference)}
	}
	key := func(name string) object { return object{"type": "StringField", "key": name, "default": reference} }
	return document("Computer", object{"form_id": key("computer"), "my_reference": key("reference"), "my_title": key("reference")}), nil
}

func document(portalType string, fields object) object {
	return object{"_embedded": object{"_view": fields}, "_links": object{"type": object{"name": portalType}}}
}
