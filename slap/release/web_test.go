package release

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"slapstar/slap"
)

// names is a name server that knows these.
func names(t *testing.T, known map[string]string) *net.Resolver {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	go func() {
		for buffer := make([]byte, 1500); ; {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buffer[:n]) != nil || len(m.Questions) == 0 {
				continue
			}
			q := m.Questions[0]
			address, err := netip.ParseAddr(known[strings.TrimSuffix(q.Name.String(), ".")])
			head := dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}
			m.Response, m.Additionals = true, nil
			switch {
			case err != nil:
				m.RCode = dnsmessage.RCodeNameError
			case q.Type == dnsmessage.TypeA && address.Is4():
				m.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AResource{A: address.As4()}}}
			case q.Type == dnsmessage.TypeAAAA && address.Is6():
				m.Answers = []dnsmessage.Resource{{Header: head, Body: &dnsmessage.AAAAResource{AAAA: address.As16()}}}
			}
			if answer, err := m.Pack(); err == nil {
				server.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

func noProxy(*http.Request) (*url.URL, error) { return nil, nil }

// read asks for a file and returns its text, or the error.
func (s *Schemas) text(location string) (string, error) {
	data, err := s.file(context.Background(), location)
	return string(data), err
}

// refusal is what a RefusedHostError says of the host; empty: err is none.
func refusal(err error) string {
	if refused, ok := errors.AsType[*RefusedHostError](err); ok {
		return refused.Host
	}
	return ""
}

func TestAddresses(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34": true, "8.8.8.8": true, "172.32.0.1": true, "100.128.0.1": true, "2606:4700::1111": true, "64:ff9b::8.8.8.8": true, "::ffff:8.8.8.8": true,
		"0.0.0.0": false, "10.1.2.3": false, "100.64.0.1": false, "127.0.0.1": false, "127.9.9.9": false, "169.254.169.254": false, "172.16.0.1": false, "192.168.1.1": false,
		"198.18.0.1": false, "224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false, "203.0.113.7": false,
		"::": false, "::1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "::127.0.0.1": false, "64:ff9b::127.0.0.1": false, "64:ff9b::a9fe:a9fe": false,
		"64:ff9b:1::8.8.8.8": false, "2002:7f00:1::": false, "2001::1": false, "2001:db8::1": false, "fc00::1": false, "fd00:ec2::254": false, "fe80::1": false, "fe80::1%lo": false, "fec0::1": false, "ff02::1": false,
	} {
		if got := isPublic(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: got public %t, want %t", address, got, want)
		}
		err := checkPublic(context.Background(), "tcp", net.JoinHostPort(address, "80"), nil)
		if (err == nil) != want {
			t.Errorf("connecting to %s: got error %v", address, err)
		}
	}
}

// The address that is connected to counts, not the name: a product's host may resolve to
// the neighbours of who plans.
func TestProductAtAPrivateAddress(t *testing.T) {
	reached := 0
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached++
		w.Write([]byte("here"))
	}))
	defer s.Close()
	port := s.Listener.Addr().(*net.TCPAddr).Port
	resolver := names(t, map[string]string{"private.example": "127.0.0.1", "mapped.example": "::ffff:127.0.0.1", "six.example": "::1"})
	for _, test := range []struct{ host, address string }{
		{"private.example", "127.0.0.1"}, {"mapped.example", "127.0.0.1"}, {"six.example", "::1"},
		{"127.0.0.1", "127.0.0.1"}, {"[::ffff:127.0.0.1]", "127.0.0.1"}, {"[::1]", "::1"}, {"169.254.169.254", "169.254.169.254"}, {"[64:ff9b::7f00:1]", "64:ff9b::7f00:1"},
	} {
		u := fmt.Sprintf("http://%s:%d/", test.host, port)
		schemas := &Schemas{web: &web{resolver: resolver, proxy: noProxy}}
		schemas.AllowProduct(u + "p/software.cfg")
		got, err := schemas.text(u + "p/software.cfg.json")
		refused, ok := errors.AsType[*RefusedHostError](err)
		if !ok || refused.Address.Unmap().String() != test.address || !strings.Contains(err.Error(), "is not public") || reached > 0 {
			t.Errorf("%s: got %q, error %v", test.host, got, err)
		}
	}
	// Where the Master is, and where the operator says, it may be.
	for name, schemas := range map[string]*Schemas{
		"the Master":        {Policy: Policy{Master: fmt.Sprintf("http://private.example:%d/slap/", port)}},
		"a host":            {Policy: Policy{Hosts: []string{fmt.Sprintf("Private.example:%d", port)}}},
		"both":              {Policy: Policy{Master: "http://other.example/", Hosts: []string{fmt.Sprintf("private.example:%d", port)}}},
		"the Master's port": {Policy: Policy{Master: "http://private.example/"}},
		"another Master":    {Policy: Policy{Master: fmt.Sprintf("http://other.example:%d/", port)}},
	} {
		schemas.web = &web{resolver: resolver, proxy: noProxy}
		u := fmt.Sprintf("http://private.example:%d/p/software.cfg", port)
		schemas.AllowProduct(u)
		got, err := schemas.text(u + ".json")
		if want := name == "the Master" || name == "a host" || name == "both"; want != (got == "here" && err == nil) {
			t.Errorf("%s: got %q, error %v", name, got, err)
		}
	}
}

// A redirect goes nowhere where a request would not.
func TestRedirects(t *testing.T) {
	inside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("inside")) }))
	defer inside.Close()
	to := map[string]string{
		"/metadata": "http://169.254.169.254/latest/meta-data", "/inside": inside.URL + "/x", "/mapped": "http://[::ffff:127.0.0.1]:1/x", "/query": "/good?x=1",
		"/user": "http://me:hush@127.0.0.1/", "/loop": "/loop", "/twice": "/once", "/once": "/good", "/file": "file:///etc/passwd", "/slashes": "//169.254.169.254/",
	}
	var referer atomic.Int32
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Referer")+r.Header.Get("Cookie")+r.Header.Get("Authorization") != "" {
			referer.Add(1)
		}
		if r.URL.Path == "/good" {
			w.Write([]byte("good"))
			return
		}
		w.Header().Set("Set-Cookie", "a=b")
		w.Header().Set("Location", to[r.URL.Path])
		w.WriteHeader(http.StatusFound)
	})
	s := httptest.NewServer(handler)
	defer s.Close()
	schemas := named(s)
	schemas.web = &web{proxy: noProxy}
	for path, want := range map[string]string{
		"/metadata": "schemas are not fetched from 169.254.169.254", "/inside": "schemas are not fetched from 127.0.0.1:", "/mapped": "schemas are not fetched from [::ffff:127.0.0.1]:1",
		"/query": "it has a query", "/user": "it has a user name", "/loop": "redirects more than 5 times", "/file": "want http:// or https://", "/slashes": "schemas are not fetched from 169.254.169.254",
	} {
		if got, err := schemas.text(s.URL + path); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: got %q, error %v, want one that contains %q", path, got, err, want)
		}
	}
	if got, err := schemas.text(s.URL + "/twice"); err != nil || got != "good" || referer.Load() > 0 {
		t.Errorf("got %q, %v; the redirected request said where it is from: %d", got, err, referer.Load())
	}

	to["/plain"] = s.URL + "/good"
	secure := httptest.NewTLSServer(handler)
	defer secure.Close()
	schemas = named(s, secure.URL)
	schemas.web = &web{proxy: noProxy}
	schemas.client()
	schemas.web.any.TLSClientConfig = secure.Client().Transport.(*http.Transport).TLSClientConfig
	if got, err := schemas.text(secure.URL + "/good"); err != nil || got != "good" {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := schemas.text(secure.URL + "/plain"); err == nil || !strings.Contains(err.Error(), "from https to http") {
		t.Errorf("got %q, error %v", got, err)
	}
}

// A proxy connects for us, so the target is checked before it is asked.
func TestProxy(t *testing.T) {
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String())
		if r.URL.Path == "/p/to.json" {
			w.Header().Set("Location", "http://private.example/p/x.json")
			w.WriteHeader(http.StatusFound)
			return
		}
		w.Write([]byte("by proxy"))
	}))
	defer proxy.Close()
	by, _ := url.Parse(proxy.URL)
	resolver := names(t, map[string]string{"public.example": "93.184.216.34", "private.example": "10.0.0.1"})
	schemas := func(hosts ...string) *Schemas {
		s := &Schemas{Policy: Policy{Hosts: hosts}, web: &web{resolver: resolver, proxy: http.ProxyURL(by)}}
		for _, host := range []string{"public", "private", "unknown"} {
			s.AllowProduct("http://" + host + ".example/p/software.cfg")
		}
		return s
	}
	for location, want := range map[string]string{
		"http://public.example/p/x.json":  "",
		"http://private.example/p/x.json": "private.example",
		"http://unknown.example/p/x.json": "unknown.example",
		"http://public.example/p/to.json": "private.example",
		"http://other.example/p/x.json":   "other.example",
	} {
		asked = nil
		got, err := schemas().text(location)
		if refusal(err) != want || want == "" && got != "by proxy" {
			t.Errorf("%s: got %q, error %v", location, got, err)
		}
		if reached := slices.ContainsFunc(asked, func(u string) bool { return !strings.Contains(u, "public.example") }); reached {
			t.Errorf("%s: the proxy was asked for %q", location, asked)
		}
	}
	if got, err := schemas("unknown.example").text("http://unknown.example/p/x.json"); err != nil || got != "by proxy" {
		t.Errorf("a host that is named: got %q, error %v", got, err)
	}
}

// Only where a product is, and where the operator says, is asked; and with nothing but
// scheme, host and path.
func TestPolicy(t *testing.T) {
	const release = "https://lab.example/nexedi/slapos/raw/1.0/software/kvm/software.cfg"
	schemas := &Schemas{Policy: Policy{Hosts: []string{"named.example", "port.example:8443", "::1", "[::2]:81"}}}
	schemas.AllowProduct(release)
	schemas.AllowProduct("https://me:hush@user.example/software.cfg")
	for location, want := range map[string]string{
		release + ".json": "",
		"https://LAB.example.:443/nexedi/slapos/raw/2.0/stack/x.json":           "",
		"https://named.example/any/thing.json":                                  "",
		"http://named.example/any/thing.json":                                   "",
		"https://port.example:8443/x.json":                                      "",
		"http://[::1]/x.json":                                                   "",
		"http://[0:0::2]:81/x.json":                                             "",
		"https://lab.example/nexedi/other/raw/1.0/x.json":                       "not below the product's repository /nexedi/slapos/",
		"https://lab.example/nexedi/slapos-2/x.json":                            "not below the product's repository",
		"https://lab.example/nexedi/slapos/../../x.json":                        "a step up",
		"https://lab.example/nexedi/slapos/%2e%2E/x.json":                       "a step up",
		"https://lab.example/nexedi/slapos/..%2f..%2fx.json":                    "a step up",
		"https://lab.example/nexedi/slapos/..%5cx.json":                         "a step up",
		"http://lab.example/nexedi/slapos/raw/1.0/software/kvm/x":               "lab.example: it is not the host of a product",
		"https://lab.example:8443/nexedi/slapos/x.json":                         "lab.example:8443: it is not",
		"https://evil.example/x.json":                                           "evil.example: it is not",
		"https://lab.example.evil.example/nexedi/slapos/":                       "lab.example.evil.example: it is not",
		"https://user.example/software.cfg.json":                                "user.example: it is not",
		"https://port.example/x.json":                                           "port.example: it is not",
		"https://named.example:8443/x.json":                                     "named.example:8443: it is not",
		"https://lab.example@evil.example/nexedi/slapos/":                       "has a user name",
		"https://me:hush@named.example/x.json":                                  "has a user name",
		"https://named.example/x.json?p=hush":                                   "has a query",
		"https://named.example/x.json?":                                         "has a query",
		"https://named.example/x#hush":                                          "has a fragment",
		"https://named.example/" + strings.Repeat("x", maxPath):                 "longer than 2048",
		"https://lab.example/nexedi/slapos/" + strings.Repeat("%20", maxPath/3): "longer than 2048",
	} {
		u, err := parseWeb(location)
		if err == nil {
			_, err = schemas.allowed(u)
		}
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush")) {
			t.Errorf("%s: got error %v, want %q", location, err, want)
		}
		if want != "" { // and nothing is asked of a name server
			if _, err := schemas.text(location); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got error %v, want %q", location, err, want)
			}
		}
	}
	for release, want := range map[string]string{
		"/nexedi/slapos/raw/1.0/software/kvm/software.cfg":           "/nexedi/slapos/",
		"/nexedi/slapos/-/raw/1.0/software/kvm/software.cfg":         "/nexedi/slapos/",
		"/gitweb/slapos.git/blob_plain/HEAD:/software/x/sofware.cfg": "/gitweb/slapos.git/",
		"/nexedi/slapos/1.0/software/kvm/software.cfg":               "/nexedi/slapos/1.0/",
		"/raw/x/software.cfg":                                        "/raw/x/",
		"/kvm/software.cfg":                                          "/kvm/",
		"/software.cfg":                                              "/",
	} {
		if got := repositoryPath(release); got != want {
			t.Errorf("repository of %s: got %s, want %s", release, got, want)
		}
	}
}

// What a schema refers to is held to the same policy.
func TestReferences(t *testing.T) {
	reached := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer other.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/software.cfg.json":
			w.Write([]byte(`{"software-type": {
				"default": {"request": "in.json", "response": "out.json"}, "id": {"request": "id.json", "response": "out.json"},
				"far": {"request": "` + other.URL + `/x.json", "response": "out.json"}, "query": {"request": "in.json?x=1", "response": "out.json"}}}`))
		case "/in.json":
			w.Write([]byte(`{"$ref": "` + other.URL + `/x.json"}`))
		case "/id.json":
			w.Write([]byte(`{"$id": "` + other.URL + `/", "$ref": "x.json"}`))
		}
	}))
	defer s.Close()
	_, host, _ := strings.Cut(other.URL, "://")
	for _, kind := range []string{"default", "id", "far", "query"} {
		schemas := named(s)
		schemas.web = &web{proxy: noProxy}
		err := allErrors(schemas.Validate(context.Background(), ParameterCheck{Release: s.URL + "/software.cfg", SoftwareType: kind}))
		if kind != "query" && refusal(err) != host || kind == "query" && (err == nil || !strings.Contains(err.Error(), "has a query")) || reached {
			t.Errorf("%s: got error %v, want a refusal of %s; it was reached: %t", kind, err, host, reached)
		}
	}
	schemas := &Schemas{Root: t.TempDir(), web: &web{proxy: noProxy}} // of a path, too
	write(t, schemas.Root, "software.cfg.json", `{"software-type": {"default": {"request": "in.json", "response": "out.json"}}}`)
	write(t, schemas.Root, "in.json", `{"$ref": "`+other.URL+`/x.json"}`)
	if err := allErrors(schemas.Validate(context.Background(), ParameterCheck{Release: "software.cfg"})); refusal(err) != host || reached {
		t.Errorf("of a path: got error %v, want a refusal of %s; it was reached: %t", err, host, reached)
	}
	// Refused is not for ever: the Master may name the product next.
	schemas = &Schemas{Policy: Policy{Master: s.URL}, web: &web{proxy: noProxy}}
	for range 2 {
		if _, err := schemas.Release(context.Background(), s.URL+"/software.cfg"); refusal(err) == "" {
			t.Errorf("got error %v, want a refusal", err)
		}
	}
	schemas.AllowProduct(s.URL + "/software.cfg")
	if _, err := schemas.Release(context.Background(), s.URL+"/software.cfg"); err != nil {
		t.Error(err)
	}
}

// All schemas of a run together are bounded, in bytes, time and number.
func TestBudget(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/slow"): // a byte at a time, for ever
			for r.Context().Err() == nil {
				w.Write([]byte(" "))
				w.(http.Flusher).Flush()
				time.Sleep(5 * time.Millisecond)
			}
		case r.URL.Path == "/silent":
			<-r.Context().Done()
		case r.URL.Path == "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			for range 1 << 10 {
				z.Write(make([]byte, 1<<20))
			}
			z.Close()
		case strings.HasPrefix(r.URL.Path, "/large"):
			w.Write(make([]byte, 1<<20))
		default:
			http.NotFound(w, r)
		}
	}))
	defer s.Close()
	for _, path := range []string{"/slow", "/silent"} {
		budget := &Budget{most: budgetLimits{bytes: 1 << 20, time: 200 * time.Millisecond}}
		begin := time.Now()
		for range 3 {
			schemas := named(s)
			schemas.Budget = budget
			_, err := schemas.text(s.URL + path)
			if err == nil || !strings.Contains(err.Error(), "the schemas of this run take too much: more than 200ms") {
				t.Errorf("%s: got error %v", path, err)
			}
		}
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("%s took %s", path, took)
		}
	}
	if _, err := named(s).text(s.URL + "/bomb"); err == nil || !strings.Contains(err.Error(), "longer than 4 MiB") {
		t.Errorf("got error %v", err)
	}
	schemas := named(s)
	read := 0
	var err error
	for ; err == nil; read++ {
		_, err = schemas.text(fmt.Sprintf("%s/large%d", s.URL, read))
	}
	if read != 33 || !strings.Contains(err.Error(), "the schemas of this run take too much: more than 32 MiB") {
		t.Errorf("after %d: got error %v", read, err)
	}
	schemas, asked := named(s), 0
	for err = slap.ErrNotFound; errors.Is(err, slap.ErrNotFound); asked++ {
		_, err = schemas.text(fmt.Sprintf("%s/%d", s.URL, asked))
	}
	if asked != maxRunRequests+1 || !strings.Contains(err.Error(), "more than 500 requests") {
		t.Errorf("after %d: got error %v", asked, err)
	}
}
