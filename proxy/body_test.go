package proxy

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"
)

// serveTest serves a Master on loopback.
func serveTest(t *testing.T, o Options) (s *Server, base string) {
	t.Helper()
	s = openTest(t, o)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL
}

// wasRead reports whether an answer is that to a form or a jsonDocument that arrived.
func wasRead(answer string) bool {
	return strings.Contains(answer, "No instance tree a found.") || strings.Contains(answer, "missing field: software_release")
}

// An upload is a request with a body of which only the kind and the size matter.
type upload struct {
	path, kind string
	body       io.Reader
}

// form is one that is refused when it has been read: it lacks a field.
func form(size int) upload {
	return upload{"/requestComputerPartition", "application/x-www-form-urlencoded", strings.NewReader("a=" + strings.Repeat("x", size-2))}
}

// jsonDocument is one that is refused when it has been read: there is no such tree.
func jsonDocument(size int) upload {
	const document = `{"title": "a"}`
	return upload{"/slapos.get.v0.instance_tree", "application/json", strings.NewReader(document + strings.Repeat(" ", size-len(document)))}
}

// chunked hides the size of the body.
func (u upload) chunked() upload {
	u.body = struct{ io.Reader }{u.body}
	return u
}

func (u upload) post(base string) (code int, answer string, err error) {
	resp, err := http.Post(base+u.path, u.kind, u.body)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

// A document is limited to 4 MiB, a form to 32 MiB, and both answers name the limit.
func TestBodyLimit(t *testing.T) {
	const rpcLimit, formLimit = 4 << 20, 32 << 20
	for _, profile := range []Profile{Slapproxy, Full} {
		_, base := serveTest(t, Options{Profile: profile, Simulator: DefaultSimulator{}, Computer: "local_computer"})
		at := func(u upload) upload { u.path = on(profile, u.path); return u }
		for _, test := range []struct {
			name   string
			upload upload
			code   int
			answer string
		}{
			{"document", jsonDocument(rpcLimit), 403, "No instance tree a found."},
			{"document that is too large", jsonDocument(rpcLimit + 1), 413, "4194304 bytes"},
			{"chunked document", jsonDocument(rpcLimit).chunked(), 403, "No instance tree a found."},
			{"chunked document that is too large", jsonDocument(rpcLimit + 1).chunked(), 413, "4194304 bytes"},
			{"form", form(formLimit), 400, "missing field: software_release"},
			{"form that is too large", form(formLimit + 1), 413, "33554432 bytes"},
			{"chunked form", form(formLimit).chunked(), 400, "missing field: software_release"},
			{"chunked form that is too large", form(formLimit + 1).chunked(), 413, "33554432 bytes"},
		} {
			t.Run(fmt.Sprint(profile, " ", test.name), func(t *testing.T) {
				code, answer, err := at(test.upload).post(base)
				if err != nil || code != test.code || !strings.Contains(answer, test.answer) {
					t.Errorf("got %d %.200s, %v, want %d with %q", code, answer, err, test.code, test.answer)
				}
			})
		}
	}
}

// A document of nothing but brackets took 60 times its size, and more when each of
// them broke the schema.
func TestDocumentOfManyValues(t *testing.T) {
	_, base := serveTest(t, Options{})
	body := `{"computer_guid": "a", "compute_partition_list": [` + strings.Repeat("{},", maxJSONValues) + `{}]}`
	code, answer, err := upload{"/slapos.put.v0.compute_node_format", "application/json", strings.NewReader(body)}.post(base)
	if err != nil || code != http.StatusBadRequest || !strings.Contains(answer, "more than 200000 values") {
		t.Errorf("got %d %.200s, %v", code, answer, err)
	}
}

// poll calls done until it holds.
func poll(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never came: %s", what)
		}
	}
}

// hasRoom reports whether there is room for a large body, and nobody waits for some.
func hasRoom(s *Server) bool {
	if !s.bodies.free.TryAcquire(1) {
		return false
	}
	s.bodies.free.Release(1)
	return true
}

// Eight bodies of 32 MB at once took 12 GB: large ones take turns, whichever
// interface they are for. Small ones do not wait.
func TestLargeBodiesTakeTurns(t *testing.T) {
	for name, second := range map[string]func() upload{
		"document":         func() upload { return jsonDocument(maxRPCBody) },
		"chunked document": func() upload { return jsonDocument(maxRPCBody).chunked() },
		"form":             func() upload { return form(maxBody) },
	} {
		t.Run(name, func(t *testing.T) {
			s, base := serveTest(t, Options{})
			body, writer := io.Pipe()
			defer writer.Close()
			first := jsonDocument(100)
			first.body = io.MultiReader(jsonDocument(maxRPCBody/2).body, body)
			answered := make(chan string, 2)
			post := func(u upload) {
				code, answer, err := u.post(base)
				answered <- fmt.Sprintf("%d %v %.400s", code, err, answer)
			}
			go post(first)
			poll(t, "the first large body", func() bool { return !hasRoom(s) })
			var ended atomic.Bool
			secondDone := make(chan bool)
			go func() {
				post(second())
				secondDone <- ended.Load()
			}()
			for range 3 {
				if code, _, err := jsonDocument(smallBody).post(base); err != nil || code != 403 {
					t.Errorf("a small body: got %d, %v", code, err)
				}
			}
			select {
			case <-secondDone:
				t.Fatal("the second large body did not wait for the first one")
			default:
			}
			ended.Store(true)
			writer.Close()
			if after := <-secondDone; !after {
				t.Error("the second large body did not wait for the first one")
			}
			for range 2 {
				if got := <-answered; !wasRead(got) {
					t.Errorf("got %s", got)
				}
			}
			poll(t, "room", func() bool { return hasRoom(s) })
		})
	}
}

// Many large requests at once are all answered, one after the other.
func TestManyLargeBodies(t *testing.T) {
	s, base := serveTest(t, Options{})
	got := make(chan string)
	for i := range 16 {
		u := jsonDocument(maxRPCBody)
		if i%2 == 0 {
			u = form(maxRPCBody).chunked()
		}
		go func() {
			code, answer, err := u.post(base)
			got <- fmt.Sprintf("%d %v %.400s", code, err, answer)
		}()
	}
	for range 16 {
		if g := <-got; !wasRead(g) {
			t.Errorf("got %s", g)
		}
	}
	if !hasRoom(s) {
		t.Error("a turn was not given back")
	}
}

// A client that sends slowly does not keep others out for ever, and one that waits
// is told in the end that it waits in vain.
func TestSlowLargeBody(t *testing.T) {
	s, base := serveTest(t, Options{})
	s.bodies.wait = 20 * time.Millisecond
	s.bodies.reading = time.Second
	body, writer := io.Pipe()
	defer writer.Close()
	slow := jsonDocument(100)
	slow.body = io.MultiReader(jsonDocument(maxRPCBody/2).body, body)
	first := make(chan string, 1)
	go func() {
		code, answer, err := slow.post(base)
		first <- fmt.Sprintf("%d %v %s", code, err, answer)
	}()
	poll(t, "the slow body", func() bool { return !hasRoom(s) })
	for _, test := range []struct {
		name   string
		upload upload
	}{{"document", jsonDocument(maxRPCBody)}, {"form", form(maxBody)}} {
		if code, answer, err := test.upload.post(base); err != nil || code != http.StatusServiceUnavailable || !strings.Contains(answer, "Try again") {
			t.Errorf("%s: got %d %.200s, %v", test.name, code, answer, err)
		}
	}
	poll(t, "room", func() bool { return hasRoom(s) })
	writer.Close()
	if got := <-first; !strings.Contains(got, "400") || !strings.Contains(got, "did not arrive in time") {
		t.Errorf("the slow one: got %s", got)
	}
}

// A request whose client has gone waits no longer.
func TestLargeBodyEndsWithContext(t *testing.T) {
	s := openTest(t, Options{})
	if err := s.bodies.free.Acquire(context.Background(), largeBodies); err != nil {
		t.Fatal(err)
	}
	defer s.bodies.free.Release(largeBodies)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	u := jsonDocument(maxRPCBody)
	r := httptest.NewRequestWithContext(ctx, "POST", u.path, u.body)
	r.Header.Set("Content-Type", u.kind)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

// A body that breaks off is the mistake of the client on both interfaces.
func TestBrokenBody(t *testing.T) {
	s := openTest(t, Options{})
	for _, u := range []upload{form(100), jsonDocument(100)} {
		r := httptest.NewRequest("POST", u.path, iotest.TimeoutReader(iotest.OneByteReader(u.body)))
		r.Header.Set("Content-Type", u.kind)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "timeout") {
			t.Errorf("%s: got %d %s", u.path, w.Code, w.Body)
		}
	}
}
