package proxy

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"slapstar/slap/jsonschema"
)

// The schemas of the requests, by method name.
//
//go:embed jsonrpc.schema.json
var jsonrpcSchemas []byte

// A jsonrpcHandler gets the validated body of a request.
type jsonrpcHandler func(r *http.Request, body []byte) (any, error)

// withBody decodes the body into what a handler takes. Numbers keep their digits.
func withBody[T any](h func(*http.Request, T) (any, error)) jsonrpcHandler {
	return func(r *http.Request, body []byte) (any, error) {
		var in T
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if err := d.Decode(&in); err != nil {
			return nil, err
		}
		return h(r, in)
	}
}

func (s *Server) jsonrpcRoutes(mux *http.ServeMux) {
	for method, h := range s.rpcHandlers() {
		mux.HandleFunc("POST "+s.options.Profile.JSONRPCPath()+"slapos."+method, func(w http.ResponseWriter, r *http.Request) {
			answer, err := s.callRPC(r, method, h)
			if err != nil {
				s.dialect.problem(w, err)
				return
			}
			writeJSON(w, http.StatusOK, answer)
		})
	}
}

func (s *Server) rpcHandlers() map[string]jsonrpcHandler {
	handlers := map[string]jsonrpcHandler{
		"get.v0.hateoas_url": withBody(s.rpcHateoasURL),

		"allDocs.v0.instance_tree_list":                 withBody(s.rpcInstanceTreeList),
		"allDocs.v0.instance_node_instance_list":        withBody(s.rpcSharedList),
		"get.v0.instance_tree":                          withBody(s.rpcInstanceTree),
		"get.v0.software_instance":                      withBody(s.rpcInstance),
		"get.v0.compute_partition":                      withBody(s.rpcPartition),
		"get.v0.software_instance_certificate":          withBody(s.rpcInstanceCertificate),
		"post.v0.software_instance":                     withBody(s.rpcRequest),
		"put.v0.software_instance_connection_parameter": withBody(s.rpcPublish),
		"put.v0.software_instance_reported_state":       withBody(s.rpcInstanceReport),
		"put.v0.software_instance_bang":                 withBody(s.rpcBang),
		"put.v0.software_instance_title":                withBody(s.rpcRename),
		"put.v0.software_instance_error":                ignored,

		"allDocs.WIP.compute_node_list":                      withBody(s.rpcNodeList),
		"allDocs.v0.compute_node_instance_list":              withBody(s.rpcNodeInstanceList),
		"allDocs.v0.compute_node_software_installation_list": withBody(s.rpcSoftwareList),
		"get.v0.compute_node_status":                         withBody(s.rpcNodeStatus),
		"post.v0.compute_node_certificate":                   withBody(s.rpcNodeCertificate),
		"post.v0.compute_node_usage":                         ignored,
		"post.v0.software_installation":                      withBody(s.rpcSupply),
		"put.v0.compute_node_bang":                           ignored,
		"put.v0.compute_node_format":                         withBody(s.rpcFormat),
		"put.v0.software_installation_error":                 ignored,
		"put.v0.software_installation_reported_state":        withBody(s.rpcSoftwareReport),
		"remove.v0.compute_node_certificate":                 ignored,
	}
	if s.full() {
		delete(handlers, "allDocs.WIP.compute_node_list")
		maps.Copy(handlers, s.fullRPCHandlers())
	}
	return handlers
}

// ignored is for what slapproxy takes and does not keep.
func ignored(*http.Request, []byte) (any, error) { return success("Ignored"), nil }

func (s *Server) callRPC(r *http.Request, method string, h jsonrpcHandler) (any, error) {
	if !acceptsJSON(r.Header) {
		return nil, &notAcceptableError{}
	}
	if err := checkMedia(r); err != nil {
		if !s.full() {
			err = &badRequestError{withStock(http.StatusBadRequest, err.Error())}
		}
		return nil, err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.Parse(body)
	if err != nil {
		return nil, &rpcError{"not-parsable-json-content", misunderstood("the body is not JSON: %v", err)}
	}
	if _, ok := doc.(object); !ok && s.full() {
		return nil, &rpcError{"not-json-object-content", &badRequestError{"the body is not a JSON object"}}
	}
	if err := checkJSON(doc); err != nil {
		return nil, err
	}
	violations, err := s.schemas[method].Validate(doc, nil)
	if err != nil {
		return nil, err
	}
	if len(violations) > 0 {
		return nil, &badRequestError{firstViolation(violations, doc)}
	}
	return h(r, body)
}

// checkMedia refuses a body of another kind than this interface takes.
func checkMedia(r *http.Request) error {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return &mediaError{kind}
	}
	return nil
}

// acceptsJSON reports whether a client takes what this interface answers.
func acceptsJSON(header http.Header) bool {
	accept := strings.Join(header.Values("Accept"), ",")
	if accept == "" {
		return true
	}
	for item := range strings.SplitSeq(accept, ",") {
		kind, params, _ := mime.ParseMediaType(item)
		if quality, err := strconv.ParseFloat(params["q"], 64); err == nil && quality == 0 {
			continue
		}
		if kind == "*/*" || kind == "application/*" || kind == "application/json" {
			return true
		}
	}
	return false
}

func writeJSON(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(v)
}

// problem answers with the error shape of slapproxy, where "not found" is 403.
func (s *Server) problem(w http.ResponseWriter, err error) {
	code, message := s.status(err)
	if code == http.StatusNotFound {
		code = http.StatusForbidden
	}
	kind := http.StatusText(code)
	if errors.Is(err, errReadOnly) {
		kind = "READ-ONLY" // and not that there is no such thing
	}
	writeJSON(w, code, object{"status": code, "type": kind, "title": message})
}

// resultList is the answer that lists something.
func resultList[T any](list []T, err error, row func(T) (object, error)) (any, error) {
	rows := make([]object, len(list))
	for n, item := range list {
		if err == nil {
			rows[n], err = row(item)
		}
	}
	return object{"result_list": rows}, err
}

func success(title string) object { return object{"type": "success", "title": title} }

func (s *Server) rpcHateoasURL(r *http.Request, _ struct{}) (any, error) {
	return object{"hateoas_url": s.hateoasURL(r)}, nil
}
