package slap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	kvm     = "https://lab.example/kvm/software.cfg"
	mariadb = "https://lab.example/mariadb/software.cfg"
)

func TestInstances(t *testing.T) {
	r := newReplay(t, "client-startup", "hateoas-services")
	// The listing of hateoas-services is the later recording of the search.
	delete(r.exchanges, requestKey("GET", "/hateoas/", "mode=search&query=portal_type%3A%22Instance%20Tree%22%20AND%20validation_state%3Avalidated&select_list=title,url_string", ""))
	for key, list := range newReplay(t, "hateoas-services").exchanges {
		r.exchanges[key] = list
	}
	list, err := r.client().Instances(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Instance{
		"vm1": {
			InstanceRequest: InstanceRequest{Name: "vm1", SoftwareRelease: kvm, SoftwareType: "default", State: Started, Parameters: Parameters{"ram": "1024"}},
			Computer:        "local_computer", Partition: "slappart0",
			ConnectionParameters: Parameters{},
		},
		"db": {
			InstanceRequest: InstanceRequest{Name: "db", SoftwareRelease: mariadb, SoftwareType: "cluster", State: Stopped, Parameters: Parameters{}},
			Computer:        "local_computer", Partition: "slappart1",
			ConnectionParameters: Parameters{},
		},
	}
	if diff := cmp.Diff(want, list.Instances); diff != "" {
		t.Errorf("instances (-want +got):\n%s", diff)
	}
	// A shared instance has no columns in the search.
	if diff := cmp.Diff(map[string]bool{"sh1": true}, list.Partial); diff != "" {
		t.Errorf("partial (-want +got):\n%s", diff)
	}
	wantLog := []string{"POST /slapos.get.v0.hateoas_url", "GET /hateoas/", "GET /hateoas/"}
	if diff := cmp.Diff(wantLog, r.log); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestInstance(t *testing.T) {
	c := newReplay(t, "jsonrpc-instances").client()
	got, err := c.Instance(context.Background(), "sh1")
	if err != nil {
		t.Fatal(err)
	}
	want := Instance{
		GUID: "sh1______1", Root: "sh1",
		InstanceRequest: InstanceRequest{Name: "sh1", SoftwareRelease: kvm, SoftwareType: "default", State: Started, Shared: true,
			Parameters: Parameters{"k": "v"}, SLA: Parameters{}},
		ConnectionParameters: Parameters{},
		Computer:             "local_computer", Partition: "slappart0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Of a destroyed shared instance a slapproxy keeps the name, and fails when it is
// asked for it. That is not an error of ours.
func TestInstanceOfWhichTheNameIsLeft(t *testing.T) {
	r := newReplay(t, "shared")
	for key, list := range r.exchanges {
		r.exchanges[key] = list[len(list)-1:] // as it is at the end
	}
	if _, err := r.client().Instance(context.Background(), "sh1"); !errors.Is(err, ErrNotFound) {
		t.Errorf("got %v, want %v", err, ErrNotFound)
	}
}

func TestRequestInstance(t *testing.T) {
	request := InstanceRequest{Name: "vm1", SoftwareRelease: kvm, SoftwareType: DefaultType, State: Destroyed}
	c := newReplay(t, "state").client()
	got, err := c.RequestInstance(context.Background(), request)
	want := Instance{InstanceRequest: request, GUID: "local_computer-slappart0", Computer: node, Partition: "slappart0", ConnectionParameters: Parameters{}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

// The recorded answers of the errors do not depend on what was sent but the
// path, so they are served for any request.
func TestErrors(t *testing.T) {
	serve := func(code int, contentType, body string) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(code)
			w.Write([]byte(body))
		}))
		t.Cleanup(s.Close)
		return s.URL
	}
	const page, document = "text/html; charset=utf-8", "application/json"
	html := func(text string) string {
		return "<!doctype html>\n<html lang=en>\n<title>t</title>\n<h1>h</h1>\n<p>" + text + "</p>\n"
	}
	ctx := context.Background()
	request := func(c *Client) error { return second(c.RequestInstance(ctx, InstanceRequest{Name: "vm1"})) }
	supply := func(c *Client) error { c.only = JSONRPC; return c.Supply(ctx, SoftwareInstallation{}) }
	instance := func(c *Client) error { _, err := c.Instance(ctx, "vm1"); return err }
	list := func(c *Client) error { _, err := c.Instances(ctx); return err }
	for _, test := range []struct {
		name, url string
		call      func(*Client) error
		is        error
		want      string
	}{
		{"full node", serve(404, page, html("No free computer partition found for: vm1")), request, ErrNoPartition, "No free computer partition found for: vm1"},
		{"quotes in a page", serve(404, page, html("No partition corresponding to slave request: [&#39;x&#39;]")), request, ErrNoPartition, "['x']"},
		{"not ready, legacy", serve(408, page, html("x")), request, ErrNotReady, "408"},
		{"not ready, JSON-RPC", serve(200, document, `{"message": "Software Instance Not Ready", "status": 102, "name": "SoftwareInstanceNotReady"}`), instance, ErrNotReady, ""},
		{"not found, JSON-RPC", serve(403, document, `{"status": 403, "type": "Forbidden", "title": "No instance tree vm1 found."}`), instance, ErrNotFound, "No instance tree vm1 found."},
		{"not found, full Master", serve(403, document, `{"type": "INSTANCE-TREE-NOT-FOUND", "title": "no tree"}`), instance, ErrNotFound, "no tree"},
		{"refused, full Master", serve(403, document, `{"type": "SUPPLY-FAILED", "title": "no", "detail": "not installed"}`), supply, ErrRefused, "no not installed"},
		{"unknown node, full Master", serve(404, document, `{"type": "not-found", "title": "COMP-1"}`), supply, ErrNotFound, "COMP-1"},
		{"unknown call, full Master", serve(404, document, `{"type": "not-found", "title": "slapos.post.v0.software_installation"}`), supply, ErrUnsupported, ""},
		{"change refused, full Master", serve(500, page, html("NotImplementedError: You can not change the release / type / shared states")), request, ErrRefused, "You can not change"},
		{"not allocated, full Master", serve(200, page, `<marshal><object id="i2" module="slapos.slap.slap" class="SoftwareInstance"><tuple/><dictionary id="i3"/></object></marshal>`), request, ErrNotReady, "not allocated"},
		{"forbidden by something else", serve(403, page, html("go away")), instance, ErrUnauthorized, "go away"},
		{"unauthorized", serve(401, page, html("who are you")), list, ErrUnauthorized, "who are you"},
		{"internal error", serve(500, page, html("oops")), request, nil, "500 Internal Server Error: oops"},
		{"a web page for a request", serve(200, page, "<!DOCTYPE html><title>Welcome to nginx!</title>"), request, ErrNotAMaster, "a web page titled “Welcome to nginx!”"},
		{"a web page for a listing", serve(200, page, "<!DOCTYPE html><title>Welcome</title>"), list, ErrNotAMaster, "Welcome"},
		{"nothing of a Master", serve(404, "text/plain", "no"), list, ErrNotAMaster, "404"},
		{"garbage", serve(200, page, "\x1b[2Jgarbage"), request, ErrNotAMaster, "11 bytes of something else, wrong at byte 11"},
		{"a truncated answer, with what it holds unsaid", serve(200, page, "<marshal><dictionary><string>password</string><string>hush</string>"), request, ErrNotAMaster, "bytes of something else"},
		{"wrong address: not found", serve(404, page, html("no such page")), request, ErrNotFound, "no such page"},
		{"truncated JSON", serve(200, document, `{"title": `), instance, ErrNotAMaster, "JSON"},
		{"instance without state", serve(200, document, `{}`), instance, ErrNotAMaster, "instance document"},
		{"redirected write", serve(302, page, ""), request, nil, "302"},
		{"nobody there", "http://127.0.0.1:1/", list, ErrUnreachable, "connection refused"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := NewClient(Options{MasterURL: test.url, Retry: RetryPolicy{Tries: 1}})
			if err != nil {
				t.Fatal(err)
			}
			err = test.call(c)
			if err == nil || test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %v that contains %q", err, test.is, test.want)
			}
			if strings.ContainsRune(err.Error(), '\x1b') || strings.Contains(err.Error(), "hush") {
				t.Errorf("the error holds a control character or a secret: %q", err)
			}
		})
	}
}

// Where a user may not search, the names are listed instead.
func TestInstancesWithoutSearch(t *testing.T) {
	mux := http.NewServeMux()
	s := httptest.NewServer(mux)
	defer s.Close()
	mux.HandleFunc("GET /getHateoasUrl", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(s.URL + "/web/hateoas")) })
	mux.HandleFunc("GET /web/hateoas", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/hal+json")
		w.Write([]byte(`{"_links": {"raw_search": {"href": "` + s.URL + `/ERP5Document_getHateoas?mode=search{&query,select_list*,limit*}"}}}`))
	})
	mux.HandleFunc("POST /slapos.allDocs.v0.instance_tree_list", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Write([]byte(`{"result_list": [{"title": "a"}, {"title": "b"}]}`))
	})
	c, err := NewClient(Options{MasterURL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.Instances(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]bool{"a": true, "b": true}, list.Partial); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMasterURL(t *testing.T) {
	for _, bad := range []string{"", "127.0.0.1:5000", "ftp://x/", "http://2001:db8::x:1/", "http://", "http://[::1"} {
		if _, err := NewClient(Options{MasterURL: bad}); err == nil || !strings.Contains(err.Error(), "master_url") {
			t.Errorf("NewClient(%q): got error %v, want one about master_url", bad, err)
		}
	}
	c, err := NewClient(Options{MasterURL: "http://[2001:db8::1]:5000/prefix"})
	if err != nil || c.endpoint("x") != "http://[2001:db8::1]:5000/prefix/x" {
		t.Errorf("got %v, %v", c.endpoint("x"), err)
	}
}

// An IPv6 address without brackets is taken, as the stock client does.
func TestMasterURLWithoutBrackets(t *testing.T) {
	for url, want := range map[string]string{
		"http://2001:db8::1:5000/p":    "http://[2001:db8::1:5000]/p/", // as a whole, an address
		"http://fd00:1:2:3:4:5:6:7:80": "http://[fd00:1:2:3:4:5:6:7]:80/",
		"http://::1/":                  "http://[::1]/",
		"http://[::1]:5000/":           "http://[::1]:5000/",
		"https://host:5000":            "https://host:5000/",
		"http://host/a%2Fb":            "http://host/a%2Fb/",
	} {
		got, err := parseBaseURL("master_url", url)
		if err != nil || got.String() != want {
			t.Errorf("parseBaseURL(%q): got %v, %v, want %s", url, got, err, want)
		}
	}
}

// Credentials in a URL would end in messages and logs.
func TestMasterURLWithPassword(t *testing.T) {
	for _, o := range []Options{{MasterURL: "https://me:hush@host/"}, {MasterURL: "http://me:hush@host:bad/"}, {MasterURL: "http://host/", RESTURL: "http://me:hush@host/"}} {
		if _, err := NewClient(o); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("got error %v, want one without the password", err)
		}
	}
}

// Nobody sends us to another host, or from https to http: what is read there is
// not the Master's word, and a certificate is not offered there.
func TestSentElsewhere(t *testing.T) {
	reached := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer other.Close()
	answer := func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.Header().Set("Content-Type", "application/json")
			w.Write([]byte(`{"hateoas_url": "` + other.URL + `/hateoas/"}`))
			return
		}
		http.Redirect(w, r, other.URL, http.StatusFound)
	}
	plain := httptest.NewServer(http.HandlerFunc(answer))
	defer plain.Close()
	secure := httptest.NewTLSServer(http.HandlerFunc(answer))
	defer secure.Close()
	for _, test := range []struct {
		name, url string
		call      func(*Client) error
		is        error
	}{
		{"redirect", plain.URL, func(c *Client) error { _, err := c.Product(context.Background(), "kvm"); return err }, ErrNotAMaster},
		{"from https to http", secure.URL, func(c *Client) error { _, err := c.Instances(context.Background()); return err }, ErrTLS},
	} {
		c, err := NewClient(Options{MasterURL: test.url, Insecure: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := test.call(c); !errors.Is(err, test.is) || reached {
			t.Errorf("%s: got error %v, want %v; the other server was reached: %t", test.name, err, test.is, reached)
		}
	}
}

// No link of a Master leads a certificate to another scheme, host or port, whichever
// document it is in and wherever its template puts a value.
func TestLinksElsewhere(t *testing.T) {
	reached := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	defer other.Close()
	_, otherHost, _ := strings.Cut(other.URL, "://")
	var hateoasURL, search, traverse, self string
	master := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.URL.Path == "/slapos.get.v0.hateoas_url":
			json.NewEncoder(w).Encode(map[string]any{"hateoas_url": hateoasURL})
		case r.URL.Path == "/root":
			json.NewEncoder(w).Encode(map[string]any{"_links": map[string]any{
				"raw_search": map[string]any{"href": search}, "traverse": map[string]any{"href": traverse}, "self": map[string]any{"href": self}}})
		default:
			w.Write([]byte(`{"_embedded": {"contents": [{"title": "vm", "relative_url": "vm"}]}}`))
		}
	}))
	defer master.Close()
	_, masterHost, _ := strings.Cut(master.URL, "://")
	ctx := context.Background()
	info := func(c *Client) error { _, err := c.Info(ctx, "vm"); return err }
	list := func(c *Client) error { _, err := c.Instances(ctx); return err }
	for _, test := range []struct {
		name, root, search, traverse, self string
		call                               func(*Client) error
	}{
		{"hateoas_url", other.URL + "/root", "", "", "", list},
		{"hateoas_url with a user", "http://me:hush@" + masterHost + "/root", "", "", "", list},
		{"raw_search", "", other.URL + "/{?query}", "", "", list},
		{"raw_search with a user", "", "http://me:hush@" + masterHost + "/{?query}", "", "", list},
		{"raw_search, a value in the host", "", master.URL + "{mode}@" + otherHost + "/{?query}", "", "", list},
		{"raw_search, another scheme", "", "https://" + masterHost + "/{?query}", "", "", list},
		{"raw_search, a long template", "", master.URL + "/{?query}" + strings.Repeat("x", maxTemplate), "", "", list},
		{"traverse", "", "", other.URL + "/{?relative_url}", "", info},
		{"self", "", "", "", other.URL, func(c *Client) error { _, err := c.NodeToken(ctx); return err }},
	} {
		hateoasURL, search, traverse, self = master.URL+"/root", master.URL+"/{?query}", master.URL+"/{?relative_url}", master.URL
		for given, link := range map[string]*string{test.root: &hateoasURL, test.search: &search, test.traverse: &traverse, test.self: &self} {
			if given != "" {
				*link = given
			}
		}
		c, err := NewClient(Options{MasterURL: master.URL})
		if err != nil {
			t.Fatal(err)
		}
		err = test.call(c)
		if !errors.Is(err, ErrElsewhere) && !(errors.Is(err, ErrNotAMaster) && strings.Contains(err.Error(), "want at most 8192")) || strings.Contains(err.Error(), "hush") || reached > 0 {
			t.Errorf("%s: got error %v; the other server was reached %d times", test.name, err, reached)
		}
	}
	// What the operator names may be elsewhere.
	rest := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/root" {
			w.Write([]byte(`{"_links": {"raw_search": {"href": "http://` + strings.ToUpper(r.Host) + `/{?query}"}}}`))
			return
		}
		w.Write([]byte(`{"_embedded": {"contents": []}}`))
	}))
	defer rest.Close()
	c, err := NewClient(Options{MasterURL: master.URL, RESTURL: rest.URL + "/root"})
	if err != nil {
		t.Fatal(err)
	}
	if err := list(c); err != nil {
		t.Error(err)
	}
}

// tlsMaster is a Master that demands a client certificate. The certificate of
// the test server serves as authority, as server and as client.
func tlsMaster(t *testing.T) (url string, cert, key string) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte(`<marshal><list id="i2"><string>` + kvm + `</string></list></marshal>`))
	}))
	s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // the handshakes that fail on purpose
	s.StartTLS()
	t.Cleanup(s.Close)
	pair := s.TLS.Certificates[0]
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return s.URL, write("cert.pem", "CERTIFICATE", pair.Certificate[0]), write("key.pem", "PRIVATE KEY", marshalKey(t, pair))
}

func marshalKey(t *testing.T, pair tls.Certificate) []byte {
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestTLS(t *testing.T) {
	url, cert, key := tlsMaster(t)
	for _, test := range []struct {
		name    string
		options Options
		is      error
	}{
		{"all there", Options{CertFile: cert, KeyFile: key, CAFile: cert}, nil},
		{"unknown authority", Options{CertFile: cert, KeyFile: key}, ErrTLS},
		{"not verified", Options{CertFile: cert, KeyFile: key, Insecure: true}, nil},
		{"no client certificate", Options{CAFile: cert}, ErrTLS},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.options.MasterURL = url
			c, err := NewClient(test.options)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Product(context.Background(), "kvm"); !errors.Is(err, test.is) {
				t.Errorf("got error %v, want %v", err, test.is)
			}
		})
	}
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	c, err := NewClient(Options{MasterURL: strings.Replace(plain.URL, "http:", "https:", 1)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Product(context.Background(), "kvm"); !errors.Is(err, ErrTLS) {
		t.Errorf("https of an http server: got error %v, want %v", err, ErrTLS)
	}
	for name, o := range map[string]Options{
		"one of the two":      {CertFile: cert},
		"no such file":        {CertFile: cert, KeyFile: "nowhere"},
		"not a certificate":   {CertFile: key, KeyFile: key},
		"no such CA":          {CAFile: "nowhere"},
		"CA without anything": {CAFile: key},
	} {
		o.MasterURL = url
		if _, err := NewClient(o); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

// Calls one after the other use one connection, and compression where the Master
// has it; proxies are those of the environment.
func TestConnectionReuse(t *testing.T) {
	connections := map[string]bool{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connections[r.RemoteAddr] = true
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("got Accept-Encoding %q, want gzip", r.Header.Get("Accept-Encoding"))
		}
		w.Write([]byte(`<marshal><list id="i2"/></marshal>`))
	}))
	defer s.Close()
	c, err := NewClient(Options{MasterURL: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if _, err := c.Product(context.Background(), "kvm"); err != nil {
			t.Fatal(err)
		}
	}
	if len(connections) != 1 {
		t.Errorf("10 calls made %d connections, want 1", len(connections))
	}
	transport, err := NewTransport(Options{})
	if err != nil || transport.(*http.Transport).Proxy == nil {
		t.Errorf("proxies are not those of the environment: %v", err)
	}
}

func TestContextEnds(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := NewClient(Options{MasterURL: "http://" + l.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.Product(ctx, "kvm"); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

func TestProduct(t *testing.T) {
	c := newReplay(t, "product").client()
	for name, want := range map[string][]string{"kvm": {kvm}, "nothere": {}} {
		got, err := c.Product(context.Background(), name)
		if err != nil || !cmp.Equal(got, want) {
			t.Errorf("Product(%q): got %q, %v, want %q", name, got, err, want)
		}
	}
}

func TestSoftware(t *testing.T) {
	c := newReplay(t, "supply").client()
	ctx := context.Background()
	want := [][]SoftwareInstallation{
		{{SoftwareRelease: kvm, Computer: "local_computer", State: Available}, {SoftwareRelease: mariadb, Computer: "local_computer", State: Available}},
		{{SoftwareRelease: mariadb, Computer: "local_computer", State: Available}, {SoftwareRelease: kvm, Computer: "local_computer", State: Destroyed}},
	}
	for i, state := range []string{Available, Destroyed} {
		if err := c.Supply(ctx, SoftwareInstallation{SoftwareRelease: kvm, Computer: "local_computer", State: state}); err != nil {
			t.Errorf("Supply(%s): %v", state, err)
		}
		got, err := c.SoftwareInstallations(ctx, "local_computer")
		if diff := cmp.Diff(want[i], got); err != nil || diff != "" {
			t.Errorf("SoftwareInstallations: %v (-want +got):\n%s", err, diff)
		}
	}
	c = newReplay(t, "jsonrpc-nodes").client()
	if _, err := c.SoftwareInstallations(ctx, "COMP-unknown"); !errors.Is(err, ErrNotFound) {
		t.Errorf("of an unknown node: got error %v, want %v", err, ErrNotFound)
	}
}

// The base of the JSON-RPC interface, and the project, where a Master has one.
func TestProjectAndBase(t *testing.T) {
	var got []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		form, _ := url.ParseQuery(string(body))
		got = append(got, r.URL.Path+" "+r.URL.Query().Get("project_reference")+form.Get("project_reference"))
		if strings.Contains(string(body), `"project_guid":"PROJ-1"`) {
			got = append(got, "project_guid")
		}
		w.WriteHeader(http.StatusNotFound)
	}))
	defer s.Close()
	ctx := context.Background()
	for _, only := range []Interface{Any, JSONRPC} {
		c, err := NewClient(Options{MasterURL: s.URL, JSONRPCURL: s.URL + "/api", Project: "PROJ-1", Only: only})
		if err != nil {
			t.Fatal(err)
		}
		c.RequestInstance(ctx, InstanceRequest{Name: "vm"})
		c.RequestChild(ctx, "n", "p", InstanceRequest{Name: "vm"})
		c.Product(ctx, "kvm")
	}
	want := []string{
		"/requestComputerPartition PROJ-1",
		"/requestComputerPartition ",
		"/getSoftwareReleaseListFromSoftwareProduct PROJ-1",
		"/api/slapos.post.v0.software_instance ", "project_guid",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
