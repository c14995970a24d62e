package proxy

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// ask sends the first lines of a request as they are: a client of net/http would
// clean them. A line that begins with "Host:" is the only host of it.
func ask(t *testing.T, base string, lines ...string) *http.Response {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	method, _, _ := strings.Cut(lines[0], " ")
	if _, err := fmt.Fprintf(conn, "%s\r\nConnection: close\r\n\r\n", strings.Join(lines, "\r\n")); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%q: %v", lines, err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

// ownPath is a path of this Master to every client. Browsers take a backslash for a
// slash, and drop control characters.
var ownPath = regexp.MustCompile(`^/([^/\\\x00-\x20\x7f][^\\\x00-\x20\x7f]*)?$`)

// A link to the Master led to a page of somebody else.
func TestLocation(t *testing.T) {
	const host = "evil.example"
	var targets []string
	for _, lead := range []string{"//", `/\`, `\\`, `\/`, "/\t/", "/\r\n/", "/\x01/", "///", `//\`, "/%2f", "/%5c", "https://", "https:", "/ /"} {
		targets = append(targets, lead+host, lead+host+"/", "/hateoas"+lead+host+"/..", "/hateoas/.."+lead+host, "/hateoas/partitions/../.."+lead+host+"/",
			"/hateoas/partitions"+lead+host, lead+host+"/../hateoas", lead+host+"/../../hateoas/", lead+host+"/..", lead+host+"/../getRunId", lead+"hateoas", lead+"hateoas/",
			lead+"getRunId", lead+"slapos.get.v0.hateoas_url", "/."+lead+host+"/../hateoas", "/hateoas/partitions/%2e%2e/%2e%2e"+lead+host)
	}
	for _, profile := range []Profile{Slapproxy, Full} {
		_, base := serveTest(t, Options{Profile: profile})
		sent := 0
		for _, target := range targets {
			requests := []string{"/hateoas/?mode=traverse&relative_url=" + url.QueryEscape(target)}
			if !strings.ContainsAny(target, "\t\r\n\x01 ") { // would be no request
				requests = append(requests, target, target+"?a=//"+host)
			}
			requests = append(requests, (&url.URL{Path: target}).EscapedPath())
			for _, request := range requests {
				for _, method := range []string{"GET", "HEAD", "POST", "OPTIONS"} {
					resp := ask(t, base, method+" "+on(profile, request)+" HTTP/1.1", "Host: 127.0.0.1", "Content-Length: 0")
					location, ok := resp.Header["Location"]
					if !ok {
						continue
					}
					sent++
					if !ownPath.MatchString(location[0]) {
						t.Errorf("%s %s %q: got Location %q", profile, method, request, location[0])
					}
				}
			}
		}
		if sent == 0 {
			t.Errorf("%s: no request was redirected", profile)
		}
	}
}

// What a search answers can be followed, whatever the title.
func TestTraverseTitles(t *testing.T) {
	_, base := serveTest(t, Options{})
	for _, title := range []string{"a", "a b/c?d", `a\b`, "/", `\\evil.example`, "é", "100%", "a#b", "..a", "a;b", "%2e"} {
		for _, escaped := range []string{treePath(instance{title: title}), treePath(instance{title: title, shared: true})} {
			resp := ask(t, base, "GET /hateoas/?mode=traverse&relative_url="+url.QueryEscape(escaped)+" HTTP/1.1", "Host: 127.0.0.1")
			if got := resp.Header.Get("Location"); resp.StatusCode != http.StatusFound || got != escaped {
				t.Errorf("%q: got %d to %s, want %s", title, resp.StatusCode, got, escaped)
			}
		}
	}
}
