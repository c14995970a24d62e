package proxy

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"slapstar/slap"
)

// A page on the web that gave its own name the address of this machine could write
// and read passwords. Its name is in Host then, whichever part of the Master it asks.
func TestHostIsChecked(t *testing.T) {
	const connection = "hush-hush"
	for _, profile := range []Profile{Slapproxy, Full} {
		s, base := serveTest(t, Options{Profile: profile, Hosts: []string{"master.example"}, Simulator: &script{
			nodes: []SimulatedNode{{"local_computer", 3}},
			instance: func(SimulatedInstance) (Reaction, error) {
				return Reaction{Connection: slap.Parameters{"password": connection}}, nil
			},
		}})
		const document, form = "application/json", "application/x-www-form-urlencoded"
		for _, test := range []struct{ method, path, kind, body string }{
			{"GET", "/", "", ""},
			{"GET", "/metrics", "", ""},
			{"GET", "/nothing", "", ""},
			{"GET", "//", "", ""},
			{"GET", "/hateoas", "", ""},
			{"GET", "/hateoas/", "", ""},
			{"GET", "/getHateoasUrl", "", ""},
			{"GET", "/getFullComputerInformation?computer_id=local_computer", "", ""},
			{"OPTIONS", "/supplySupply", "", ""},
			{"HEAD", "/", "", ""},
			{"POST", "/supplySupply", form, "url=https://lab.example/kvm/software.cfg&computer_id=local_computer&state=available"},
			{"POST", "/slapos.post.v0.software_installation", document, `{"computer_guid": "local_computer", "software_release_uri": "x", "state": "available"}`},
			{"POST", "/slapos.allDocs.v0.instance_tree_list", document, `{}`},
			{"POST", "/slapos.nothing", document, `{}`},
			{"PUT", "/", document, `{}`},
		} {
			resp := ask(t, base, test.method+" "+on(profile, test.path)+" HTTP/1.1", "Host: evil.example", "Content-Type: "+test.kind,
				fmt.Sprintf("Content-Length: %d\r\nConnection: close\r\n\r\n%s", len(test.body), test.body))
			answer, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if resp.StatusCode != http.StatusMisdirectedRequest || resp.Header.Get("Content-Type") != "text/plain; charset=utf-8" || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: %s %s: got %d, %v", profile, test.method, test.path, resp.StatusCode, resp.Header)
			}
			if text := string(answer); test.method != "HEAD" && (!strings.Contains(text, `does not answer to the name "evil.example"`) || !strings.Contains(text, "--allow-host NAME")) {
				t.Errorf("%s: %s %s: got %s", profile, test.method, test.path, text)
			}
		}
		if list, err := findSoftware(s.db, "1"); err != nil || len(list) > 0 {
			t.Errorf("%s: got %v, %v, want nothing written", profile, list, err)
		}
	}
}

// How a client may spell the names of this Master, and what are none.
func TestHosts(t *testing.T) {
	_, base := serveTest(t, Options{Hosts: []string{"Master.Example.", "192.0.2.1"}})
	ok := []string{
		"127.0.0.1", "127.0.0.1:5000", "127.0.0.1:1", "127.0.0.1:", "10.0.0.1", "127.0.0.1.", "203.0.113.9:80",
		"[::1]", "[::1]:5000", "[2001:DB8::1]:80", "[::ffff:127.0.0.1]", "[fe80::1%25eth0]:5000",
		"localhost", "localhost:5000", "LOCALHOST", "LocalHost.:5000", "localhost.",
		"master.example", "master.example:5000", "MASTER.example", "master.example.", "Master.Example.:80",
	}
	wrong := []string{
		"evil.example", "evil.example:5000", "evil.example:127", "127.0.0.1.evil.example", "localhost.evil.example", "evil.localhost", "localhost..",
		"x.master.example", "master.example.evil.example", "xmaster.example", "master", "::1", "[::1", "[::1]x", "[::1]:x", "[evil.example]", "[127.0.0.1]",
		"127.0.0.1:x", "localhost:evil.example", "127.0.0.1:80:80", "127.1", "0x7f000001", "2130706433", "[]", ":5000", ".", "",
		"evil.example%2elocalhost", "localhost,evil.example", "localhost;evil.example",
	}
	for code, hosts := range map[int][]string{http.StatusOK: ok, http.StatusMisdirectedRequest: wrong} {
		for _, host := range hosts {
			if resp := ask(t, base, "GET / HTTP/1.1", "Host: "+host); resp.StatusCode != code {
				t.Errorf("Host %q: got %d, want %d", host, resp.StatusCode, code)
			}
		}
	}
	for _, test := range []struct {
		name  string
		code  int
		lines []string
	}{
		{"HTTP/1.0 without a host", http.StatusMisdirectedRequest, []string{"GET / HTTP/1.0"}},
		{"HTTP/1.1 without a host", http.StatusBadRequest, []string{"GET / HTTP/1.1"}},
		{"the URL names another one", http.StatusMisdirectedRequest, []string{"GET http://evil.example/ HTTP/1.1", "Host: localhost"}},
		{"the URL names it", http.StatusOK, []string{"GET http://localhost/ HTTP/1.1", "Host: evil.example"}},
		{"two hosts", http.StatusBadRequest, []string{"GET / HTTP/1.1", "Host: localhost", "Host: evil.example"}},
		{"another header", http.StatusMisdirectedRequest, []string{"GET / HTTP/1.1", "Host: evil.example", "X-Forwarded-Host: localhost"}},
	} {
		if resp := ask(t, base, test.lines...); resp.StatusCode != test.code {
			t.Errorf("%s: got %d, want %d", test.name, resp.StatusCode, test.code)
		}
	}
	// What is in the process of its client has no name that others could take.
	s := newSite(t, Options{})
	for _, host := range []string{"embedded", "test", "evil.example"} {
		resp, err := s.http.Get("http://" + host + "/")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Errorf("in the process, as %s: got %d", host, resp.StatusCode)
		}
	}
}

// A name that could never come is a mistake of who starts the Master.
func TestCheckHost(t *testing.T) {
	for name, want := range map[string]string{
		"master.example": "", "Master": "", "a-b_c.example.": "", "::1": "", "192.0.2.1": "",
		"":                      "empty",
		".":                     "empty",
		"*":                     "without scheme, port and wildcard",
		"*.example":             "without scheme, port and wildcard",
		"http://master.example": "without scheme, port and wildcard",
		"master.example:5000":   "without scheme, port and wildcard",
		"master example":        "without scheme, port and wildcard",
		"mäster.example":        "xn--",
	} {
		err := CheckHost(name)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got error %v, want %q", name, err, want)
		}
		if s, openErr := Open(Options{Hosts: []string{name}}); (openErr == nil) != (err == nil) {
			t.Errorf("%q: opening: got error %v", name, openErr)
		} else if openErr == nil {
			s.Close()
		}
	}
}
