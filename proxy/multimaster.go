package proxy

import (
	"cmp"
	"context"
	"fmt"
	"html"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
	"slapstar/slap/marshal"
)

// A MasterOptions is another Master, to which requests are forwarded instead of
// being allocated here: a [multimaster/URL] section.
type MasterOptions struct {
	URL      string
	Releases []string // what is always forwarded; other releases when filter_kw has the master_url

	Computer, Partition string // the partition that asks there; empty: a person, who says for which instance

	CertFile, KeyFile string            // client certificate; both or neither
	Transport         http.RoundTripper // nil for one with that certificate
}

// An otherMaster is one that requests are forwarded to.
type otherMaster struct {
	MasterOptions
	http *http.Client
}

// forwardTimeout is how long another Master may take.
const forwardTimeout = time.Minute

func newOtherMaster(o MasterOptions) (*otherMaster, error) {
	if u, err := url.Parse(o.URL); err != nil || u.Host == "" {
		return nil, fmt.Errorf("multimaster: got %q, want the URL of a Master", o.URL)
	}
	transport := o.Transport
	if transport == nil {
		var err error
		if transport, err = slap.NewTransport(slap.Options{CertFile: o.CertFile, KeyFile: o.KeyFile}); err != nil {
			return nil, fmt.Errorf("multimaster %s: %w", o.URL, err)
		}
	}
	return &otherMaster{o, &http.Client{
		Transport: transport,
		Timeout:   forwardTimeout,
		// A request is not repeated somewhere else.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func (m *otherMaster) endpoint(name string) string {
	return strings.TrimSuffix(m.URL, "/") + "/" + name
}

// A forwardError is a failure of another Master.
type forwardError struct{ message string }

func (e *forwardError) Error() string { return e.message }

// forward sends on what is for another Master and returns what that answers, as
// a ComputerPartition; nil when the request is for this one.
func (s *Server) forward(ctx context.Context, r *request) (*marshal.Object, error) {
	m, err := s.masterFor(ctx, r)
	if err != nil || m == nil {
		return nil, err
	}
	name := cmp.Or(r.requesterPartition, "user") + "_" + r.Name
	if err := s.recordForwarded(ctx, name, m.URL); err != nil {
		return nil, err
	}
	answer, err := m.request(ctx, r, name)
	if err != nil {
		return nil, err
	}
	state := maps.Clone(answer.State)
	maps.Copy(state, map[string]any{
		"_computer_id":               state["slap_computer_id"],
		"_partition_id":              state["slap_computer_partition_id"],
		"_request_dict":              nil,
		"_connection_helper":         nil,
		"_hateoas_navigator":         nil,
		"_master_url":                m.URL,
		"_software_release_document": r.SoftwareRelease,
	})
	args := marshal.Tuple{state["slap_computer_id"], state["slap_computer_partition_id"], nil}
	return &marshal.Object{Class: "ComputerPartition", Args: args, State: state}, nil
}

// masterFor returns the Master that a request is forwarded to. What is allocated
// here stays here.
func (s *Server) masterFor(ctx context.Context, r *request) (*otherMaster, error) {
	wanted := r.SLA[slap.SLAMaster]
	if wanted == "" && len(s.masters) == 0 {
		return nil, nil
	}
	root, err := requesterRoot(s.db, r)
	if err != nil {
		return nil, err
	}
	if current, err := findRequested(s.db, r, root); err != nil || current != nil {
		return nil, err
	}
	for _, m := range s.masters {
		switch {
		case wanted == "" && slices.Contains(m.Releases, r.SoftwareRelease):
			return m, nil
		case wanted != "" && m.endpoint("") == strings.TrimSuffix(wanted, "/")+"/":
			if m.runID(ctx) == s.runID {
				return nil, nil
			}
			return m, nil
		}
	}
	if wanted != "" {
		return nil, &notFoundError{fmt.Sprintf("External SlapOS Master URL %s is not listed in multimaster list.", wanted)}
	}
	return nil, nil
}

// recordForwarded keeps what was asked of another Master, before it is: a failure
// does not tell whether it was.
func (s *Server) recordForwarded(ctx context.Context, name, master string) error {
	return s.update(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec("INSERT INTO forwarded_request (name, master) VALUES (?, ?) ON CONFLICT DO NOTHING", name, master)
		return err
	})
}

// runID asks who another Master is; empty when it does not tell.
func (m *otherMaster) runID(ctx context.Context) string {
	code, body, err := m.do(ctx, http.MethodGet, "getRunId", nil)
	if err != nil || code != http.StatusOK {
		return ""
	}
	return body
}

// request asks another Master for an instance under a name of its own.
func (m *otherMaster) request(ctx context.Context, r *request, name string) (*marshal.Object, error) {
	form, err := m.form(r, name)
	if err != nil {
		return nil, err
	}
	code, body, err := m.do(ctx, http.MethodPost, "requestComputerPartition", form)
	if err != nil {
		return nil, &forwardError{err.Error()}
	}
	switch code {
	case http.StatusOK:
	case http.StatusRequestTimeout:
		return nil, &notReadyError{}
	case http.StatusNotFound:
		return nil, &notFoundError{fmt.Sprintf("%s: %s", m.URL, pageText(body))}
	default:
		return nil, &forwardError{fmt.Sprintf("%s: %d %s", m.URL, code, pageText(body))}
	}
	v, err := marshal.Decode([]byte(body))
	if err != nil {
		return nil, &forwardError{fmt.Sprintf("%s: %v", m.URL, err)}
	}
	answer, ok := v.(*marshal.Object)
	if !ok || answer.State["slap_computer_id"] == nil || answer.State["slap_computer_partition_id"] == nil {
		return nil, &forwardError{m.URL + ": the answer is not an instance"}
	}
	return answer, nil
}

func (m *otherMaster) form(r *request, name string) (url.Values, error) {
	form := url.Values{
		"software_release":    {r.SoftwareRelease},
		"partition_reference": {name},
		"software_type":       {r.SoftwareType},
	}
	filter := maps.Clone(r.SLA)
	if m.Computer != "" && m.Partition != "" {
		form.Set("computer_id", m.Computer)
		form.Set("computer_partition_id", m.Partition)
	} else {
		if filter == nil {
			filter = slap.Parameters{}
		}
		filter["source_instance_id"] = name
	}
	var state any
	if r.State != "" {
		state = r.State
	}
	for field, value := range map[string]any{
		"partition_parameter_xml": r.typed,
		"filter_xml":              map[string]string(filter),
		"state":                   state,
		"shared_xml":              r.Shared,
	} {
		document, err := marshal.Encode(value)
		if err != nil {
			return nil, &badRequestError{fmt.Sprintf("field %s: %v", field, err)}
		}
		form.Set(field, string(document))
	}
	return form, nil
}

// do makes one call of the legacy interface of another Master.
func (m *otherMaster) do(ctx context.Context, method, endpoint string, form url.Values) (code int, body string, err error) {
	r, err := http.NewRequestWithContext(ctx, method, m.endpoint(endpoint), strings.NewReader(form.Encode()))
	if err != nil {
		return 0, "", err
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := m.http.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer answer.Body.Close()
	content, err := io.ReadAll(io.LimitReader(answer.Body, maxBody))
	return answer.StatusCode, string(content), err
}

// pageText is what an error page of a Master says.
func pageText(page string) string {
	if _, paragraph, ok := strings.Cut(page, "<p>"); ok {
		page, _, _ = strings.Cut(paragraph, "</p>")
	}
	const enough = 500
	text := []rune(strings.TrimSpace(html.UnescapeString(page)))
	return string(text[:min(len(text), enough)])
}

// forwardedDocument describes to the JSON-RPC interface what another Master
// answered.
func forwardedDocument(r *request, answer *marshal.Object) object {
	text := func(key string) string {
		s, _ := answer.State[key].(string)
		return s
	}
	dict := func(key string) any {
		values := object{}
		d, _ := answer.State[key].(map[string]any)
		maps.Copy(values, d)
		return toJSON(values)
	}
	parameters := dict("_parameter_dict")
	delete(parameters.(object), "timestamp")
	ips := [][2]string{}
	list, _ := answer.State["ip_list"].([]any)
	for _, item := range list {
		if pair, ok := item.(marshal.Tuple); ok && len(pair) >= 2 {
			ips = append(ips, [2]string{slap.Text(pair[0]), slap.Text(pair[1])})
		}
	}
	return object{
		"title":                 r.Name,
		"instance_guid":         text("_instance_guid"),
		"software_release_uri":  r.SoftwareRelease,
		"software_type":         cmp.Or(text("slap_software_type"), r.SoftwareType),
		"state":                 cmp.Or(text("_requested_state"), r.State),
		"connection_parameters": dict("_connection_dict"),
		"parameters":            parameters,
		"shared":                r.Shared,
		"root_instance_title":   r.Name,
		"ip_list":               ips,
		"full_ip_list":          [][2]string{},
		"sla_parameters":        object{},
		"computer_guid":         text("slap_computer_id"),
		"compute_partition_id":  text("slap_computer_partition_id"),
		"processing_timestamp":  0,
		"access_status_message": "",
	}
}
