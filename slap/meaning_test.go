package slap

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// answering serves every request with one function, to a client.
func answering(t *testing.T, only Interface, answer func(w http.ResponseWriter, r *http.Request)) *Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(answer))
	t.Cleanup(s.Close)
	c, err := NewClient(Options{MasterURL: s.URL, Only: only, Retry: RetryPolicy{Tries: 1}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The answers without a place that are complete: a slapproxy makes up a frontend.
func TestFrontendShortcut(t *testing.T) {
	for key, list := range newReplay(t, "shared-frontend-shortcut").exchanges {
		c := answering(t, Any, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, list[0].Response.Body) })
		i, err := c.RequestInstance(context.Background(), InstanceRequest{Name: "fe", Shared: true})
		if err != nil || len(i.ConnectionParameters) == 0 {
			t.Errorf("%s: got %v, %v", key, i.ConnectionParameters, err)
		}
	}
}

// The full Master says with 404 what it does not find; that is no reason to ask
// again elsewhere, least of all for a certificate.
func TestNotFoundOrUnsupported(t *testing.T) {
	ctx := context.Background()
	for _, test := range []struct {
		page string
		is   error
	}{
		{"ValueError: Certificate still active.", ErrNotFound},
		{noSuchEndpoint + " If you entered the URL manually …", ErrUnsupported},
	} {
		var log []string
		c := answering(t, Legacy, func(w http.ResponseWriter, r *http.Request) {
			log = append(log, r.URL.Path)
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusNotFound)
			io.WriteString(w, "<html><p>"+test.page+"</p></html>")
		})
		for name, err := range map[string]error{
			"certificate":     second(c.MakeNodeCertificate(ctx, "COMP-1")),
			"node status":     second(c.NodeStatus(ctx, "COMP-1")),
			"software status": second(c.SoftwareStatus(ctx, "COMP-1", kvm)),
			"addresses":       second(c.TreeAddresses(ctx, "COMP-1", "slappart0")),
		} {
			if !errors.Is(err, test.is) {
				t.Errorf("%s: %s: got error %v, want %v", test.page, name, err, test.is)
			}
		}
		if len(log) != 4 {
			t.Errorf("%s: requests: got %v, want one a call", test.page, log)
		}
	}
}

// A Master that is busy while it is asked for its interfaces is asked again.
func TestBusyWhileProbed(t *testing.T) {
	for _, code := range []int{http.StatusTooManyRequests, http.StatusRequestTimeout, http.StatusServiceUnavailable} {
		busy := true
		c := answering(t, Any, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.URL.Path == "/hateoas/":
				http.NotFound(w, r)
			case busy:
				w.WriteHeader(code)
			case r.URL.Path == "/getHateoasUrl":
				io.WriteString(w, "http://"+r.Host+"/root")
			case r.URL.Path == "/root":
				io.WriteString(w, `{"_links": {"raw_search": {"href": "http://x/{?query}"}}}`)
			default:
				http.NotFound(w, r)
			}
		})
		if _, err := c.hateoas(context.Background()); !errors.Is(err, ErrBusy) && !errors.Is(err, ErrNotReady) {
			t.Errorf("%d: got error %v", code, err)
		}
		busy = false
		if _, err := c.hateoas(context.Background()); err != nil {
			t.Errorf("%d: later: got error %v", code, err)
		}
	}
}

// A passing failure does not decide over which interface a call goes.
func TestPassingFailureDoesNotStick(t *testing.T) {
	down := true
	c := answering(t, Any, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/getFullComputerInformation":
			w.WriteHeader(http.StatusInternalServerError)
		case down || !strings.HasPrefix(r.URL.Path, "/slapos.allDocs"):
			http.NotFound(w, r)
		default:
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, `{"status": 403, "type": "Forbidden", "title": "no such node"}`)
		}
	})
	c.SoftwareInstallations(context.Background(), "x")
	down = false
	if _, err := c.SoftwareInstallations(context.Background(), "x"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got error %v, want %v", err, ErrNotFound)
	}
}

// Answers in JSON that are not what they seem, each with the call that gets it.
func TestCallMeanings(t *testing.T) {
	ctx := context.Background()
	instance := func(c *Client) error { return second(c.Instance(ctx, "vm")) }
	for _, test := range []struct {
		name, body string
		code       int
		call       func(*Client) error
		is         error
		want       string
	}{
		{"403 of a gateway", `{"error": "go away"}`, 403, instance, ErrUnauthorized, "403"},
		{"unknown call with a detail", `{"type": "not-found", "title": "slapos.get.v0.instance_tree", "detail": "really"}`, 404, instance, ErrUnsupported, "really"},
		{"unknown document", `{"type": "not-found", "title": "COMP-1"}`, 404, instance, ErrNotFound, "COMP-1"},
		{"no list of names", `{}`, 200, func(c *Client) error { return second(c.Instances(ctx)) }, ErrNotAMaster, "want a result_list"},
		{"no list of software", `{}`, 200, func(c *Client) error { return second(c.SoftwareInstallations(ctx, "n")) }, ErrNotAMaster, "want a result_list"},
		{"no list of nodes", `{}`, 200, func(c *Client) error { return second(c.Nodes(ctx)) }, ErrNotAMaster, "want a result_list"},
		{"no list of shared instances", `{}`, 200, func(c *Client) error { return second(c.SharedInstancesOf(ctx, "g")) }, ErrNotAMaster, "want a result_list"},
		{"a number of many digits", `{"title": "vm", "software_release_uri": "r", "state": "started", "parameters": {"n": [` + strings.Repeat("9", 5001) + `]}}`, 200,
			instance, nil, `parameter "n": a number has more than 5000 digits`},
	} {
		c := answering(t, JSONRPC, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(test.code)
			io.WriteString(w, test.body)
		})
		err := test.call(c)
		if err == nil || test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got error %v, want %v that contains %q", test.name, err, test.is, test.want)
		}
	}
}

// A search that fails is what is said, when the list of names is not there
// either.
func TestSearchFails(t *testing.T) {
	c := answering(t, Any, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/hateoas/":
			io.WriteString(w, `{"_links": {"raw_search": {"href": "http://`+r.Host+`/search{?query,limit*}"}}}`)
		case "/search":
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, "you may not search")
		default:
			http.NotFound(w, r)
		}
	})
	if _, err := c.Instances(context.Background()); err == nil || !strings.Contains(err.Error(), "you may not search") {
		t.Errorf("got error %v", err)
	}
}

// Software of which a search leaves out the state is asked for elsewhere.
func TestSoftwareWithoutState(t *testing.T) {
	c := answering(t, Any, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/hateoas/":
			io.WriteString(w, `{"_links": {"raw_search": {"href": "http://`+r.Host+`/search{?query,limit*}"}}}`)
		case "/search":
			io.WriteString(w, `{"_embedded": {"contents": [{"url_string": "r", "slap_state": null}]}}`)
		case "/getFullComputerInformation":
			io.WriteString(w, `<marshal><object id="i2" module="slapos.slap.slap" class="Computer"><tuple><string>n</string></tuple><dictionary id="i3"/></object></marshal>`)
		default:
			http.NotFound(w, r)
		}
	})
	if list, err := c.SoftwareInstallations(context.Background(), "n"); err != nil || len(list) != 0 {
		t.Errorf("got %v, %v, want what the legacy interface says", list, err)
	}
}

// A full Master refuses a product without a project as any call that leaves
// something out: with a project it must be another fault.
func TestNoProject(t *testing.T) {
	ctx := context.Background()
	for project, want := range map[string]bool{"": true, "PROJ-1": false} {
		c := answering(t, Any, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) })
		c.project = project
		_, err := c.Product(ctx, "kvm")
		if got := errors.Is(err, ErrNoProject); err == nil || got != want {
			t.Errorf("project %q: got error %v, and that it means %v is %t", project, err, ErrNoProject, got)
		}
	}
}

// What a full Master says with an exception, each with what it means.
func TestMeanings(t *testing.T) {
	ctx := context.Background()
	request := func(c *Client) error { return second(c.RequestInstance(ctx, InstanceRequest{Name: "vm1"})) }
	inProject := func(c *Client) error { c.project = "PROJ-1"; return request(c) }
	supply := func(c *Client) error { return c.Supply(ctx, SoftwareInstallation{Computer: "n"}) }
	for _, test := range []struct {
		name        string
		code        int
		kind, value string // of the error page; without a type there is none
		call        func(*Client) error
		want        Meaning
		is          error
	}{
		{"in progress", 500, "NotImplementedError", "1234_vm1_inProgress", request, InProgress, ErrTaken},
		{"software in progress", 500, "NotImplementedError", "5_https://lab.example/_inProgress", supply, InProgress, ErrTaken},
		{"on its way out", 500, "NotImplementedError", "The system was not able to get the expected instance tree", request, OnItsWayOut, ErrGoing},
		{"conflict", 500, "ConflictError", "database conflict error (oid 0x01)", request, Conflicting, ErrBusy},
		{"change", 500, "NotImplementedError", "You can not change the release / type / shared states", request, RefusedForGood, ErrRefused},
		{"no such project", 500, "NotImplementedError", "0 projects 'X'", request, NoSuchProject, ErrNoProject},
		{"damaged", 500, "NotImplementedError", "Too many instance trees vm1 found ['a', 'b']", request, DamagedMaster, ErrRefused},
		{"no project", 500, "AssertionError", "No project reference", request, NoProject, ErrNoProject},
		{"no text, no project named", 500, "AssertionError", "", request, NoProject, ErrNoProject},
		{"no text, a project named", 500, "AssertionError", "", inProject, TitleElsewhere, ErrRefused},
		{"another assertion", 500, "AssertionError", "1 != 2", request, Unclear, nil},
		{"another exception", 500, "TypeError", "oops", request, Unclear, nil},
		{"product without project", 400, "", "", func(c *Client) error { return second(c.Product(ctx, "kvm")) }, NoProject, ErrNoProject},
		{"not ready", 408, "", "", request, NotReady, ErrNotReady},
		{"gone", 410, "", "", request, NoLongerSupported, ErrUnsupported},
		{"who are you", 401, "Unauthorized", "you are not allowed", request, NotAllowed, ErrUnauthorized},
		{"forbidden", 403, "", "", request, NotAllowed, ErrUnauthorized},
		{"a customer supplies", 401, "", "", supply, ManagersOnly, ErrUnauthorized},
		{"a customer supplies, forbidden", 403, "Unauthorized", "", supply, ManagersOnly, ErrUnauthorized},
		{"a certificate of a node", 404, "NotFound", "person", request, NodeCertificate, ErrNotFound},
		{"of a slapproxy", 404, "", "", request, Unclear, ErrNotFound},
		{"busy", 503, "", "", request, Busy, ErrBusy},
	} {

		c := answering(t, Any, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html;charset=utf-8")
			w.WriteHeader(test.code)
			if test.kind != "" {
				io.WriteString(w, erp5Page(test.kind, test.value))
			}
		})
		err := test.call(c)
		if got := MeaningOf(err); got != test.want || test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: got %q (%v), want %q that is %v", test.name, got, err, test.want, test.is)
		}
		status, ok := errors.AsType[*StatusError](err)
		if !ok || status.Type != test.kind || status.Value != test.value || !strings.Contains(err.Error(), test.kind) || !strings.Contains(err.Error(), test.value) {
			t.Errorf("%s: got %v, want type and value in it", test.name, err)
		}
	}
}

// A meaning passes by itself or does not; what is taken passes.
func TestMeaningsAreTold(t *testing.T) {
	for m := Unclear; m <= NoLongerSupported; m++ {
		if m.String() == "" || m.Temporary() && m.ForGood() || m.Taken() && !m.Temporary() {
			t.Errorf("%d: %q, temporary %t, for good %t, taken %t", m, m, m.Temporary(), m.ForGood(), m.Taken())
		}
		if sentinel := meanings[m].sentinel; m.Temporary() && !errors.Is(sentinel, ErrBusy) && !errors.Is(sentinel, ErrNotReady) {
			t.Errorf("%s: %v", m, sentinel)
		}
	}
	if m := MeaningOf(errors.New("x")); m != Unclear {
		t.Errorf("got %q", m)
	}
}
