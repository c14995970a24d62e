package proxy

import (
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"slapstar/slap"
)

const halJSON = "application/hal+json"

// fullHateoasRoutes are those of the full Master: a root document, a search and
// documents, the last two by a script that is below the first.
func (s *Server) fullHateoasRoutes(mux *http.ServeMux) {
	mux.Handle("GET "+strings.TrimSuffix(hateoasBase, "/"), http.RedirectHandler(hateoasBase, http.StatusPermanentRedirect))
	for _, path := range []string{"{$}", hateoasScript} {
		mux.HandleFunc("GET "+hateoasBase+path, func(w http.ResponseWriter, r *http.Request) {
			answer, err := s.fullHateoas(r)
			if err != nil {
				s.errorPage(w, err)
				return
			}
			w.Header().Set("Content-Type", halJSON)
			json.NewEncoder(w).Encode(answer)
		})
	}
}

// hateoasScript answers searches and documents.
const hateoasScript = "ERP5Document_getHateoas"

func (s *Server) fullHateoas(r *http.Request) (any, error) {
	if !acceptsHAL(r.Header) {
		return nil, &notAcceptableError{}
	}
	query := r.URL.Query()
	switch mode := query.Get("mode"); mode {
	case "":
		return rootDocument(baseURL(r), whoAsks(r)), nil
	case "search":
		return s.searchFull(r, query)
	case "traverse":
		return s.traverseFull(whoAsks(r), query.Get("relative_url"))
	default:
		return nil, &badRequestError{"Unhandled mode: " + mode}
	}
}

// acceptsHAL reports whether a client takes what this interface answers.
func acceptsHAL(header http.Header) bool {
	accept := header.Values("Accept")
	if len(accept) == 0 {
		return true
	}
	return slices.ContainsFunc(strings.Split(strings.Join(accept, ","), ","), func(item string) bool {
		kind, _, _ := mime.ParseMediaType(item)
		return kind == "*/*" || kind == halJSON
	})
}

// rootDocument tells where search and documents are, and who asks. ERP5,
// ERP5Document_getHateoas.
func rootDocument(base string, l login) object {
	root := base + hateoasBase
	script := root + hateoasScript
	links := object{
		"self":       object{"href": strings.TrimSuffix(root, "/")},
		"site_root":  object{"href": root},
		"portal":     object{"href": root},
		"raw_search": object{"href": script + "?mode=search{&query,select_list*,limit*,group_by*,sort_on*,local_roles*,selection_domain*}"},
		"traverse":   object{"href": script + "?mode=traverse{&relative_url,view}"},
	}
	if !l.node {
		links["me"] = object{"href": "urn:jio:get:" + l.path()}
	}
	return object{"_links": links}
}

// traverseFull answers a document. Only an instance tree has a view.
func (s *Server) traverseFull(l login, path string) (any, error) {
	missing := &notFoundError{withStock(http.StatusNotFound, "there is no document at "+path)}
	number, ok := strings.CutPrefix(path, treeModule)
	if id, err := strconv.ParseInt(number, 10, 64); !ok || err != nil || strconv.FormatInt(id, 10) != number {
		return nil, missing
	}
	viewed, args := s.viewer(l).mayView()
	t, err := s.findListed(s.db, "id = ? AND "+viewed, append([]any{number}, args...)...)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, missing
	}
	return s.treeDocument(t)
}

// treeDocument describes a tree. What it publishes is what its root instance does.
func (s *Server) treeDocument(t *tree) (any, error) {
	root, err := t.root(s.db)
	if err != nil {
		return nil, err
	}
	connection := []object{}
	if root != nil {
		if connection, err = connectionList(root); err != nil {
			return nil, err
		}
	}
	news, err := s.treeNews(s.db, t)
	if err != nil {
		return nil, err
	}
	rootSlave := 0
	if t.shared {
		rootSlave = 1
	}
	fields := object{"form_id": object{"type": "StringField", "key": "form_id", "default": "InstanceTree_viewAsHateoas"}}
	for name, value := range (object{
		"reference":                 t.reference(),
		"title":                     t.title,
		"short_title":               "",
		"description":               "",
		"source_title":              "",
		"slap_state":                slapState[t.state],
		"text_content":              t.parameters,
		"connection_parameter_list": connection,
		"url_string":                t.release,
		"source_reference":          t.kind,
		"root_slave":                rootSlave,
		"news":                      news,
	}) {
		kind := map[string]string{"text_content": "TextAreaField", "root_slave": "IntegerField"}[name]
		if kind == "" {
			kind = "StringField"
		}
		fields["my_"+name] = object{"type": kind, "key": "field_my_" + name, "default": value}
	}
	doc := document("Instance Tree", fields)
	doc["_links"].(object)["self"] = object{"href": "urn:jio:get:" + t.path()}
	return doc, nil
}

// connectionList is what an instance published, key by key; where that is one
// JSON object in "_", the keys of the object.
func connectionList(i *instance) ([]object, error) {
	published, err := slap.ParseParameters(i.connection.String)
	if err != nil {
		return nil, fmt.Errorf("connection parameters of %s: %w", i.title, err)
	}
	values := values(published)
	if text, ok := published["_"]; ok && len(published) == 1 {
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		var inside object
		if d.Decode(&inside) == nil && inside != nil && !d.More() {
			values = inside
		}
	}
	list := []object{}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		list = append(list, object{"connection_key": key, "connection_value": values[key]})
	}
	return list, nil
}
