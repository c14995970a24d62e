package proxy

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

const frontendRelease = "https://lab.example/frontend/software.cfg"

// newForwardingSite returns a Master that forwards frontends to another, and
// that one.
func newForwardingSite(t *testing.T, change func(*MasterOptions)) (here, there *site) {
	t.Helper()
	// That one knows itself by the same URL, or it would refuse a master_url.
	transport := roundTripper(func(r *http.Request) *http.Response {
		w := httptest.NewRecorder()
		there.ServeHTTP(w, r)
		return w.Result()
	})
	there = newSite(t, Options{Hosts: []string{"there.example"}, Masters: []MasterOptions{{URL: "http://there.example", Transport: transport}}})
	there.formatNode(t, "local_computer", 3)
	o := MasterOptions{URL: "http://there.example", Releases: []string{frontendRelease}, Transport: transport}
	if change != nil {
		change(&o)
	}
	here = newSite(t, Options{Masters: []MasterOptions{o}})
	here.formatNode(t, "local_computer", 2)
	return here, there
}

func TestForward(t *testing.T) {
	here, there := newForwardingSite(t, nil)
	ctx := context.Background()
	fe := vm("fe")
	fe.SoftwareRelease = frontendRelease
	if _, err := here.RequestInstance(ctx, fe); err != nil {
		t.Fatal(err)
	}
	if got := here.instances(t); len(got) != 0 {
		t.Errorf("forwarded instances are listed here: %v", got)
	}
	if got := there.instances(t)["user_fe"]; got.SoftwareRelease != frontendRelease {
		t.Errorf("the other Master has %v, want user_fe", there.instances(t))
	}
	// The same tree over JSON-RPC is the same instance there.
	code, answer := here.post(t, "slapos.post.v0.software_instance", "application/json",
		`{"title": "fe", "software_release_uri": "`+frontendRelease+`", "software_type": "default", "parameters": {"n": 1}}`)
	if code != 200 || !strings.Contains(answer, `"parameters":{"n":"1"}`) || !strings.Contains(answer, `"compute_partition_id":"slappart0"`) {
		t.Errorf("got %d %s", code, answer)
	}
	if got := there.instances(t); len(got) != 1 || got["user_fe"].Parameters["n"] != "1" {
		t.Errorf("the other Master has %v, want user_fe with n", got)
	}
	// One that a partition asks for has the name of the partition.
	if _, err := here.RequestInstance(ctx, vm("root")); err != nil {
		t.Fatal(err)
	}
	if _, err := here.RequestChild(ctx, "local_computer", "slappart0", fe); err != nil {
		t.Fatal(err)
	}
	if _, ok := there.instances(t)["slappart0_fe"]; !ok {
		t.Errorf("the other Master has %v, want slappart0_fe", there.instances(t))
	}
	names, err := store.Collect(here.db, func(scan func(...any) error) (s string, err error) {
		err = scan(&s)
		return s, err
	}, "SELECT name || ' ' || master FROM forwarded_request ORDER BY name")
	if want := "slappart0_fe http://there.example,user_fe http://there.example"; err != nil || strings.Join(names, ",") != want {
		t.Errorf("recorded %v, %v, want %s", names, err, want)
	}
}

// What is allocated here stays here, whatever it is asked to be.
func TestForwardNotWhatIsHere(t *testing.T) {
	here, there := newForwardingSite(t, nil)
	ctx := context.Background()
	if _, err := here.RequestInstance(ctx, vm("fe")); err != nil {
		t.Fatal(err)
	}
	fe := vm("fe")
	fe.SoftwareRelease = frontendRelease
	if _, err := here.RequestInstance(ctx, fe); err != nil {
		t.Fatal(err)
	}
	if got := here.instances(t)["fe"].SoftwareRelease; got != frontendRelease || len(there.instances(t)) != 0 {
		t.Errorf("got %q here and %v there", got, there.instances(t))
	}
}

// The other Master recognises itself by the URL, and does not forward again.
func TestForwardByMasterURL(t *testing.T) {
	here, there := newForwardingSite(t, nil)
	ctx := context.Background()
	r := vm("a")
	r.SLA = slap.Parameters{"master_url": "http://there.example/"} // with or without a slash is the same
	if _, err := here.RequestInstance(ctx, r); err != nil {
		t.Fatal(err)
	}
	if _, ok := there.instances(t)["user_a"]; !ok {
		t.Errorf("the other Master has %v, want user_a", there.instances(t))
	}
	r.SLA["master_url"] = "http://unlisted.example/"
	if _, err := here.RequestInstance(ctx, r); !errors.Is(err, slap.ErrNotFound) || !strings.Contains(err.Error(), "http://unlisted.example/ is not listed") {
		t.Errorf("got error %v", err)
	}
}

type roundTripper func(*http.Request) *http.Response

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

// A partition that is configured asks; then nothing has to be said in the filter.
func TestForwardAsPartition(t *testing.T) {
	var form map[string][]string
	here, _ := newForwardingSite(t, func(o *MasterOptions) {
		o.Computer, o.Partition = "COMP-9", "slappart9"
		o.Transport = roundTripper(func(r *http.Request) *http.Response {
			r.ParseForm()
			form = r.PostForm
			w := httptest.NewRecorder()
			w.WriteHeader(http.StatusRequestTimeout)
			return w.Result()
		})
	})
	fe := vm("fe")
	fe.SoftwareRelease = frontendRelease
	if _, err := here.RequestInstance(context.Background(), fe); !errors.Is(err, slap.ErrNotReady) {
		t.Errorf("got error %v, want %v", err, slap.ErrNotReady)
	}
	if form["computer_id"][0] != "COMP-9" || form["computer_partition_id"][0] != "slappart9" || form["filter_xml"][0] != `<marshal><dictionary id="i2"/></marshal>` {
		t.Errorf("got %v", form)
	}
	code, answer := here.post(t, "slapos.post.v0.software_instance", "application/json",
		`{"title": "fe", "software_release_uri": "`+frontendRelease+`", "software_type": "default"}`)
	if want := `{"message":"Software Instance Not Ready","name":"SoftwareInstanceNotReady","status":102}`; code != 200 || strings.TrimSpace(answer) != want {
		t.Errorf("got %d %s, want %s", code, answer, want)
	}
}

func TestForwardFails(t *testing.T) {
	const form = "software_release=" + frontendRelease + "&partition_reference=fe&software_type=default" +
		"&partition_parameter_xml=<marshal><dictionary/></marshal>&filter_xml=<marshal><dictionary/></marshal>" +
		"&state=<marshal><none/></marshal>&shared_xml=<marshal><bool>0</bool></marshal>"
	for _, test := range []struct {
		name string
		code int
		body string
		want int
		text string
	}{
		{"nothing free there", 404, "<h1>Not Found</h1>\n<p>No free computer partition found for: user_fe</p>", 404, "No free computer partition found for: user_fe"},
		{"an internal error", 500, "<p>oops &amp; more</p>", 502, "500 oops &amp; more"},
		{"a redirect", 302, "", 502, "302"},
		{"no answer of a Master", 200, "<html>hello</html>", 502, "there.example"},
		{"another object", 200, "<marshal><string>x</string></marshal>", 502, "not an instance"},
	} {
		t.Run(test.name, func(t *testing.T) {
			here, _ := newForwardingSite(t, func(o *MasterOptions) {
				o.Transport = roundTripper(func(*http.Request) *http.Response {
					return &http.Response{StatusCode: test.code, Header: http.Header{"Location": {"http://elsewhere.example/"}},
						Body: io.NopCloser(strings.NewReader(test.body))}
				})
			})
			code, answer := here.post(t, "requestComputerPartition", "application/x-www-form-urlencoded", form)
			if code != test.want || !strings.Contains(answer, test.text) {
				t.Errorf("got %d %s, want %d with %q", code, answer, test.want, test.text)
			}
		})
	}
}

func TestMasterOptions(t *testing.T) {
	for _, o := range []MasterOptions{{URL: "there.example"}, {URL: "https://there.example/", CertFile: "/nonexistent"}} {
		if s, err := Open(Options{Masters: []MasterOptions{o}}); err == nil || !strings.Contains(err.Error(), "there.example") {
			t.Errorf("%+v: got error %v, want one that names it", o, err)
			if err == nil {
				s.Close()
			}
		}
	}
}
