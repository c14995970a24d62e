package slap

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Log is a transport that counts requests and, where W is set, writes a line
// for each. It writes the URL, but no header and no value of a field in a body:
// that is where credentials and parameters are.
type Log struct {
	Next   http.RoundTripper
	W      io.Writer // nil: count only
	Fields bool      // also the names and sizes of what is sent and answered

	count atomic.Int64
	mu    sync.Mutex // for W
}

// Requests returns how many requests were made.
func (l *Log) Requests() int64 { return l.count.Load() }

// RoundTrip implements [http.RoundTripper].
func (l *Log) RoundTrip(r *http.Request) (*http.Response, error) {
	l.count.Add(1)
	if l.W == nil {
		return l.Next.RoundTrip(r)
	}
	begin := time.Now()
	line := fmt.Sprintf("%s %s", r.Method, oneLine(r.URL.Redacted()))
	if l.Fields {
		line += sentFields(r)
	}
	resp, err := l.Next.RoundTrip(r)
	took := time.Since(begin).Round(time.Millisecond)
	if err != nil {
		l.write(fmt.Sprintf("%s: failed, %s\n", line, took))
		return nil, err
	}
	if l.Fields {
		line += fmt.Sprintf(" → %s, %s", cmp.Or(oneLine(resp.Header.Get("Content-Type")), "no type"), length(resp.ContentLength))
	}
	l.write(fmt.Sprintf("%s: %s, %s\n", line, oneLine(resp.Status), took))
	return resp, nil
}

func (l *Log) write(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	io.WriteString(l.W, line)
}

func length(n int64) string {
	if n < 0 {
		return "length unknown"
	}
	return fmt.Sprintf("%d bytes", n)
}

// sentFields names the fields of a form, with their sizes, and gives the size
// of any other body.
func sentFields(r *http.Request) string {
	if r.GetBody == nil || r.ContentLength <= 0 {
		return ""
	}
	if r.Header.Get("Content-Type") != formType {
		return " " + length(r.ContentLength)
	}
	body, err := r.GetBody()
	if err != nil {
		return ""
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		return ""
	}
	fields, err := url.ParseQuery(string(text))
	if err != nil {
		return ""
	}
	names := make([]string, 0, len(fields))
	for name, values := range fields {
		names = append(names, fmt.Sprintf("%s[%d]", name, len(strings.Join(values, ""))))
	}
	slices.Sort(names)
	return " " + strings.Join(names, " ")
}
