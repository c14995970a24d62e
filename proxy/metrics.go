package proxy

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"slapstar/proxy/internal/store"
)

// A RequestRecord is what the request log says of one request. It holds nothing
// of the fields, among which are parameters.
type RequestRecord struct {
	Remote   string // address and port of the client
	Method   string
	Path     string
	Status   int
	Bytes    int64 // of the answer
	Duration time.Duration
}

func (r RequestRecord) String() string {
	return fmt.Sprintf("%s %s %s %d, %d bytes, %s", r.Remote, r.Method, r.Path, r.Status, r.Bytes, r.Duration.Round(10*time.Microsecond))
}

// A recorder notes what a handler answers.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Unwrap is for http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// observed serves a request, counts it and logs it, also one that is broken off.
func (s *Server) observed(next http.Handler, w http.ResponseWriter, r *http.Request) {
	begin := time.Now()
	recorder := &recorder{ResponseWriter: w}
	defer func() {
		elapsed := time.Since(begin)
		status := cmp.Or(recorder.status, http.StatusOK)
		endpoint := endpointLabel(r.Pattern)
		s.metrics.GetOrCreateCounter(fmt.Sprintf("slapstar_requests_total{endpoint=%q,code=\"%d\"}", endpoint, status)).Inc()
		s.metrics.GetOrCreatePrometheusHistogram(fmt.Sprintf("slapstar_request_duration_seconds{endpoint=%q}", endpoint)).Update(elapsed.Seconds())
		if s.options.RequestLog != nil {
			s.options.RequestLog(RequestRecord{Remote: r.RemoteAddr, Method: r.Method, Path: r.URL.EscapedPath(),
				Status: status, Bytes: recorder.bytes, Duration: elapsed})
		}
	}()
	next.ServeHTTP(recorder, r)
}

// endpointLabel is the endpoint of a pattern such as "POST /supplySupply". What
// clients ask for besides is not told apart: they could ask for anything.
func endpointLabel(pattern string) string {
	_, path, _ := strings.Cut(pattern, "/")
	path = strings.TrimSuffix(path, "{$}")
	if pattern == "" || pattern == "/" {
		return "other"
	}
	return "/" + path
}

func (s *Server) metricsRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		var text bytes.Buffer
		if err := s.writeStoreMetrics(&text); err != nil {
			s.errorPage(w, err)
			return
		}
		s.metrics.WritePrometheus(&text)
		metrics.WriteProcessMetrics(&text)
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		w.Write(text.Bytes())
	})
}

// writeStoreMetrics writes how much of everything there is.
func (s *Server) writeStoreMetrics(w io.Writer) error {
	for _, gauge := range []struct{ name, label, query string }{
		{"slapstar_instances", "state", "SELECT state, count(*) FROM instance WHERE NOT archived GROUP BY state ORDER BY state"},
		{"slapstar_partitions", "state", "SELECT iif(free, 'free', 'busy'), count(*) FROM partition GROUP BY free ORDER BY free"},
		{"slapstar_software", "state", "SELECT state, count(*) FROM software GROUP BY state ORDER BY state"},
		{"slapstar_compute_nodes", "", "SELECT '', count(*) FROM computer"},
	} {
		type sample struct {
			value string
			count int
		}
		samples, err := store.Collect(s.db, func(scan func(...any) error) (v sample, err error) {
			err = scan(&v.value, &v.count)
			return v, err
		}, gauge.query)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "# TYPE %s gauge\n", gauge.name)
		for _, v := range samples {
			if gauge.label == "" {
				fmt.Fprintf(w, "%s %d\n", gauge.name, v.count)
			} else {
				fmt.Fprintf(w, "%s{%s=%q} %d\n", gauge.name, gauge.label, v.value, v.count)
			}
		}
	}
	return nil
}
