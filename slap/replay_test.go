package slap

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
)

// A recordedExchange is one HTTP exchange with the real slapproxy; the format
// is that of testdata/captures/README.md.
type recordedExchange struct {
	Request struct {
		Method, Path string
		Query, Body  string
	}
	Response struct {
		Status  int
		Headers map[string]string
		Body    string
	}
}

// A replay answers requests with the recordings of one scenario, each at most
// as often as it was recorded; the last recording of a request stays.
type replay struct {
	t         *testing.T
	exchanges map[string][]recordedExchange
	log       []string // requests, in order
}

func newReplay(t *testing.T, scenarios ...string) *replay {
	t.Helper()
	r := &replay{t: t, exchanges: map[string][]recordedExchange{}}
	for _, name := range scenarios {
		data, err := os.ReadFile(filepath.Join("..", "testdata", "captures", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var list []recordedExchange
		if err := json.Unmarshal(data, &list); err != nil {
			t.Fatal(err)
		}
		for _, e := range list {
			key := requestKey(e.Request.Method, e.Request.Path, e.Request.Query, e.Request.Body)
			r.exchanges[key] = append(r.exchanges[key], e)
		}
	}
	return r
}

// requestKey identifies a request whatever the order of its fields.
func requestKey(method, path, query, body string) string {
	if fields, err := url.ParseQuery(query); err == nil {
		query = fields.Encode()
	}
	var document any
	if json.Unmarshal([]byte(body), &document) == nil {
		text, _ := json.Marshal(document)
		body = string(text)
	} else if fields, err := url.ParseQuery(body); err == nil {
		body = fields.Encode()
	}
	return method + " " + path + "?" + query + " " + body
}

func (r *replay) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
	}
	r.log = append(r.log, req.Method+" "+req.URL.Path)
	key := requestKey(req.Method, req.URL.EscapedPath(), req.URL.RawQuery, string(body))
	list := r.exchanges[key]
	if len(list) == 0 {
		r.t.Errorf("no recording of %s", key)
		return &http.Response{StatusCode: 599, Header: http.Header{}, Body: http.NoBody, Request: req}, nil
	}
	e := list[0]
	if len(list) > 1 {
		r.exchanges[key] = list[1:]
	}
	header := http.Header{}
	for name, value := range e.Response.Headers {
		header.Set(name, value)
	}
	return &http.Response{
		StatusCode: e.Response.Status,
		Header:     header,
		Body:       io.NopCloser(bytes.NewReader([]byte(e.Response.Body))),
		Request:    req,
	}, nil
}

func (r *replay) client() *Client {
	r.t.Helper()
	c, err := NewClient(Options{MasterURL: "http://127.0.0.1:5000", Transport: r})
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}
