package proxy

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// The schemas of the requests, by method name.
//
//go:embed jsonrpc.schema.json
var jsonrpcSchemas []byte

func compileSchemas() (map[string]*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(jsonrpcSchemas))
	if err != nil {
		return nil, err
	}
	const location = "jsonrpc.schema.json"
	c := jsonschema.NewCompiler()
	if err := c.AddResource(location, doc); err != nil {
		return nil, err
	}
	schemas := map[string]*jsonschema.Schema{}
	for method := range doc.(object)["$defs"].(object) {
		if schemas[method], err = c.Compile(location + "#/$defs/" + method); err != nil {
			return nil, err
		}
	}
	return schemas, nil
}

// A jsonrpcHandler gets the validated body of a request.
type jsonrpcHandler func(r *http.Request, body []byte) (any, error)

// typed decodes the body into what a handler takes. Numbers keep their digits.
func typed[T any](h func(*http.Request, T) (any, error)) jsonrpcHandler {
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
	for method, h := range map[string]jsonrpcHandler{
		"get.v0.hateoas_url":                                 typed(s.rpcHateoasURL),
		"allDocs.v0.instance_tree_list":                      typed(s.rpcInstanceTreeList),
		"get.v0.instance_tree":                               typed(s.rpcInstanceTree),
		"post.v0.software_instance":                          typed(s.rpcRequest),
		"post.v0.software_installation":                      typed(s.rpcSupply),
		"allDocs.v0.compute_node_software_installation_list": typed(s.rpcSoftwareList),
		"put.v0.compute_node_format":                         typed(s.rpcFormat),
		"put.v0.software_instance_connection_parameter":      typed(s.rpcPublish),
		"put.v0.software_instance_reported_state":            typed(s.rpcInstanceReport),
		"put.v0.software_installation_reported_state":        typed(s.rpcSoftwareReport),
		"allDocs.WIP.compute_node_list":                      typed(s.rpcComputerList),
	} {
		mux.HandleFunc("POST /slapos."+method, func(w http.ResponseWriter, r *http.Request) {
			answer, err := s.callRPC(r, method, h)
			if err != nil {
				s.problem(w, err)
				return
			}
			writeJSON(w, http.StatusOK, answer)
		})
	}
}

func (s *Server) callRPC(r *http.Request, method string, h jsonrpcHandler) (any, error) {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return nil, &badRequest{fmt.Sprintf("got content type %q, want application/json", kind)}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return nil, &badRequest{"the body is not JSON: " + err.Error()}
	}
	if err := s.schemas[method].Validate(doc); err != nil {
		return nil, &badRequest{firstViolation(err)}
	}
	return h(r, body)
}

// firstViolation says what the first leaf of a validation error says.
func firstViolation(err error) string {
	var v *jsonschema.ValidationError
	if !errors.As(err, &v) {
		return err.Error()
	}
	for len(v.Causes) > 0 {
		v = v.Causes[0]
	}
	text := v.ErrorKind.LocalizedString(message.NewPrinter(language.English))
	for _, name := range v.InstanceLocation {
		text = name + ": " + text
	}
	return text
}

func writeJSON(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(v)
}

// problem answers with the error shape of slapproxy, where "not found" is 403.
func (s *Server) problem(w http.ResponseWriter, err error) {
	code, message := s.legacyStatus(err)
	if code == http.StatusNotFound {
		code = http.StatusForbidden
	}
	writeJSON(w, code, object{"status": code, "type": http.StatusText(code), "title": message})
}

func success(title string) object { return object{"type": "success", "title": title} }

func (s *Server) rpcHateoasURL(r *http.Request, _ struct{}) (any, error) {
	return object{"hateoas_url": baseURL(r) + hateoasPath}, nil
}
