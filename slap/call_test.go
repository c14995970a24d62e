package slap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// An answer is what a Master says instead of a success.
type answer struct {
	code       int
	kind, body string
}

// page is an answer of the legacy and the HATEOAS interface, or of something between us
// and the Master.
func page(code int, text string) answer {
	return answer{code, "text/html", "<!doctype html><p>" + text + "</p>"}
}

// problem is an answer of the JSON-RPC interface.
func problem(code int, kind, title string) answer {
	body, _ := json.Marshal(map[string]any{"status": code, "type": kind, "title": title})
	return answer{code, "application/json", string(body)}
}

// What each answer means to a call, and whether the call is then made again.
func TestCallAnswers(t *testing.T) {
	const again, not = true, false
	ctx := context.Background()
	calls := map[string]func(*Client) error{
		"request":          func(c *Client) error { return second(c.RequestInstance(ctx, InstanceRequest{Name: "vm"})) },
		"child":            func(c *Client) error { return second(c.RequestChild(ctx, "n", "p", InstanceRequest{Name: "vm"})) },
		"supply":           func(c *Client) error { return c.Supply(ctx, SoftwareInstallation{Computer: "n"}) },
		"product":          func(c *Client) error { return second(c.Product(ctx, "kvm")) },
		"read node":        func(c *Client) error { return second(c.Orders(ctx, "n")) },
		"read by guid":     func(c *Client) error { return second(c.InstanceByGUID(ctx, "G")) },
		"list":             func(c *Client) error { return second(c.Instances(ctx)) },
		"node status":      func(c *Client) error { return second(c.NodeStatus(ctx, "n")) },
		"addresses":        func(c *Client) error { return second(c.TreeAddresses(ctx, "n", "p")) },
		"relate":           func(c *Client) error { return c.RelateInstances(ctx, "n", "p", nil) },
		"started":          func(c *Client) error { return c.ReportInstance(ctx, "n", "p", Started) },
		"destroyed":        func(c *Client) error { return c.ReportInstance(ctx, "n", "p", Destroyed) },
		"software":         func(c *Client) error { return c.ReportSoftware(ctx, "n", kvm, Available) },
		"software gone":    func(c *Client) error { return c.ReportSoftware(ctx, "n", kvm, Destroyed) },
		"publish":          func(c *Client) error { return c.Publish(ctx, "n", "p", "", nil) },
		"usage":            func(c *Client) error { return c.ReportUsage(ctx, "n", "<x/>") },
		"rename":           func(c *Client) error { return c.Rename(ctx, "n", "p", "other") },
		"make certificate": func(c *Client) error { return second(c.MakeNodeCertificate(ctx, "n")) },
		"end certificate":  func(c *Client) error { return c.RevokeNodeCertificate(ctx, "n") },
		"make node":        func(c *Client) error { return second(c.CreateNode(ctx, "t", "p")) },
		"token":            func(c *Client) error { return second(c.NodeToken(ctx)) },
	}
	for _, test := range []struct {
		call     string
		over     Interface
		answer   answer
		meaning  error
		repeated bool
	}{
		{"request", Legacy, page(401, ""), ErrUnauthorized, not},
		{"request", Legacy, page(403, ""), ErrUnauthorized, not},
		{"request", Legacy, page(404, "No free computer partition found for: vm"), ErrNoPartition, not},
		{"request", Legacy, page(404, "No such thing"), ErrNotFound, not},
		{"request", Legacy, page(404, noSuchEndpoint), ErrNotFound, not},
		{"request", Legacy, page(408, ""), ErrNotReady, not},
		{"request", Legacy, page(429, ""), ErrBusy, again},
		{"request", Legacy, page(500, "oops"), ErrBusy, again},
		{"request", Legacy, page(500, "NotImplementedError: vm_inProgress"), ErrTaken, not},
		{"request", JSONRPC, problem(500, "unknown-error", "NotImplementedError: vm_inProgress"), ErrTaken, not},
		{"child", Legacy, page(500, "NotImplementedError: vm_inProgress"), ErrTaken, not},
		{"supply", Legacy, page(500, "NotImplementedError: 1_r_inProgress"), ErrTaken, not},
		{"supply", JSONRPC, problem(500, "unknown-error", "NotImplementedError: 1_r_inProgress"), ErrTaken, not},
		{"read node", Legacy, page(500, "NotImplementedError: 1_r_inProgress"), ErrTaken, again},
		{"request", Legacy, page(500, "ConflictError: database conflict error"), ErrBusy, again},
		{"request", JSONRPC, problem(503, "unknown-error", "KeyError: 'x'"), nil, not},
		{"token", HATEOAS, page(410, ""), ErrUnsupported, not},
		{"request", Legacy, page(500, "NotImplementedError: You can not change the release"), ErrRefused, not},
		{"request", Legacy, page(500, "<strong>Error Type: AssertionError</strong><br /><strong>Error Value: No project reference</strong>"), ErrNoProject, not},
		{"request", Legacy, page(501, ""), nil, not},
		{"request", Legacy, page(503, ""), ErrBusy, again},
		{"request", JSONRPC, problem(403, "Forbidden", "No free computer partition found for: vm"), ErrNoPartition, not},
		{"request", JSONRPC, problem(403, "SOFTWARE-INSTANCE-NOT-FOUND", "no"), ErrNotFound, not},
		{"request", JSONRPC, problem(403, "ALLOCATION-FAILED", "no"), ErrRefused, not},
		{"request", JSONRPC, problem(403, "", "no"), ErrUnauthorized, not},
		{"request", JSONRPC, problem(404, "not-found", "slapos.post.v0.software_instance"), errNoCall, not},
		{"request", JSONRPC, problem(500, "", "oops"), nil, not},
		{"request", JSONRPC, problem(503, "", "later"), ErrBusy, again},
		{"request", JSONRPC, page(404, "no"), errNoCall, not},
		{"request", JSONRPC, page(405, "no"), errNoCall, not},
		{"request", JSONRPC, page(500, "oops"), ErrBusy, again},
		{"request", JSONRPC, page(501, "no"), errNoCall, not},
		{"child", Legacy, page(404, "No free computer partition found for: vm"), ErrNoPartition, not},
		{"supply", Legacy, page(404, "No free computer partition found for: vm"), ErrNotFound, not},
		{"supply", Legacy, page(500, "oops"), ErrBusy, again},
		{"supply", JSONRPC, problem(403, "SUPPLY-FAILED", "no"), ErrRefused, not},

		{"product", Legacy, page(404, noSuchEndpoint), ErrNotFound, not},
		{"product", Legacy, page(400, "missing field: project_reference"), ErrNoProject, not},
		{"product", Legacy, page(400, "whatever it is called"), ErrNoProject, not},
		{"product", Legacy, page(500, "oops"), nil, not},
		{"product", Legacy, page(503, ""), ErrBusy, again},
		{"read node", Legacy, page(500, "oops"), nil, not},
		{"read by guid", JSONRPC, problem(403, "Forbidden", "No partition"), ErrNotFound, not},
		{"read by guid", JSONRPC, problem(404, "not-found", "G"), ErrNotFound, not},
		{"list", HATEOAS, page(403, ""), ErrUnauthorized, not},
		{"list", HATEOAS, page(404, noSuchEndpoint), ErrNotFound, not},
		{"list", HATEOAS, page(500, "oops"), nil, not},
		{"list", HATEOAS, page(503, ""), ErrBusy, again},

		// Not every Master has these.
		{"node status", Legacy, page(404, noSuchEndpoint), ErrUnsupported, not},
		{"node status", Legacy, page(404, "no"), ErrNotFound, not},
		{"node status", Legacy, page(503, ""), ErrBusy, again},
		{"addresses", Legacy, page(404, noSuchEndpoint), ErrUnsupported, not},
		{"relate", Legacy, page(404, noSuchEndpoint), ErrUnsupported, not},
		{"relate", Legacy, page(503, ""), ErrBusy, again},

		// The same wish twice is one wish, and these are more than wishes.
		{"started", Legacy, page(503, ""), ErrBusy, again},
		{"started", JSONRPC, problem(503, "", ""), ErrBusy, not},
		{"destroyed", Legacy, page(503, ""), ErrBusy, not},
		{"destroyed", Legacy, page(500, "oops"), ErrBusy, not},
		{"destroyed", JSONRPC, problem(503, "", ""), ErrBusy, not},
		{"destroyed", JSONRPC, problem(503, "", "Not destroying yet"), ErrNotReady, not},
		{"software", Legacy, page(503, ""), ErrBusy, again},
		{"software", JSONRPC, problem(503, "", ""), ErrBusy, not},
		{"software gone", Legacy, page(503, ""), ErrBusy, not},
		{"publish", Legacy, page(503, ""), ErrBusy, again},
		{"publish", JSONRPC, problem(503, "", ""), ErrBusy, again},
		{"usage", Legacy, page(503, ""), ErrBusy, not},
		{"usage", JSONRPC, problem(503, "", ""), ErrBusy, not},
		{"rename", Legacy, page(503, ""), ErrBusy, not},
		{"rename", JSONRPC, problem(503, "", ""), ErrBusy, not},
		{"make certificate", Legacy, page(503, ""), ErrBusy, not},
		{"make certificate", Legacy, page(404, noSuchEndpoint), ErrUnsupported, not},
		{"make certificate", JSONRPC, problem(503, "", ""), ErrBusy, not},
		{"end certificate", Legacy, page(503, ""), ErrBusy, not},
		{"end certificate", Legacy, page(404, noSuchEndpoint), ErrUnsupported, not},
		{"end certificate", JSONRPC, problem(503, "", ""), ErrBusy, not},
		{"make node", Legacy, page(503, ""), ErrBusy, not},
		{"make node", Legacy, page(404, noSuchEndpoint), ErrUnsupported, not},
		{"token", HATEOAS, page(503, ""), ErrBusy, not},
	} {
		t.Run(fmt.Sprintf("%s/%s/%d %s", test.call, test.over, test.answer.code, test.answer.body), func(t *testing.T) {
			requests := 0
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/root":
					io.WriteString(w, `{"_links": {"raw_search": {"href": "http://`+r.Host+`/search{?query}"}, "self": {"href": "http://`+r.Host+`"}}}`)
				case strings.HasSuffix(r.URL.Path, "get.v0.compute_partition"):
					w.Header().Set("Content-Type", "application/json")
					io.WriteString(w, `{"title": "a", "instance_guid": "G", "software_release_uri": "r", "state": "started"}`)
				default:
					requests++
					w.Header().Set("Content-Type", test.answer.kind)
					w.WriteHeader(test.answer.code)
					io.WriteString(w, test.answer.body)
				}
			}))
			defer s.Close()
			c, err := NewClient(Options{MasterURL: s.URL, RESTURL: s.URL + "/root", Only: test.over, Retry: RetryPolicy{Tries: 2, Initial: time.Millisecond}})
			if err != nil {
				t.Fatal(err)
			}
			err = calls[test.call](c)
			status, ok := errors.AsType[*StatusError](err)
			if !ok || !errors.Is(status.Unwrap(), test.meaning) {
				t.Errorf("got error %v, want one that means %v", err, test.meaning)
			}
			if repeated := requests > 1; repeated != test.repeated {
				t.Errorf("it took %d requests, want it repeated: %t", requests, test.repeated)
			}
		})
	}
}
