package proxy

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// maxBody is the largest request body, in bytes.
const maxBody = 32 << 20

// Options configure a [Server].
type Options struct {
	Database string            // SQLite file, made when it does not exist; empty: in memory
	ReadOnly bool              // refuse every write; a missing file is then an empty Master
	Computer string            // the default compute node
	Products map[string]string // product name to software release URL
	Masters  []MasterOptions   // to which requests may be forwarded

	Simulate bool          // play the compute nodes
	Delay    time.Duration // how long a simulated node takes

	Now func() time.Time // the clock; nil for the real one
	Log func(string)     // what goes wrong behind a request; nil to drop it
}

// A Server is an embedded Master. It serves requests concurrently; Close ends
// it.
type Server struct {
	options  Options
	db       *sql.DB
	mux      *http.ServeMux
	schemas  map[string]*jsonschema.Schema // of JSON-RPC requests, by method
	masters  []*otherMaster
	runID    string // by which a slapproxy recognises itself
	wake     chan struct{}
	stop     context.CancelFunc
	finished sync.WaitGroup
}

// Open opens the database and starts the simulated nodes.
func Open(o Options) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	schemas, err := compileSchemas()
	if err != nil {
		return nil, err
	}
	masters := make([]*otherMaster, len(o.Masters))
	for i, m := range o.Masters {
		if masters[i], err = newOtherMaster(m); err != nil {
			return nil, err
		}
	}
	db, err := openDatabase(o.Database, o.ReadOnly)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{options: o, db: db, schemas: schemas, masters: masters, runID: rand.Text() + rand.Text()[:6], wake: make(chan struct{}, 1), stop: stop}
	s.mux = s.routes()
	if o.Simulate && !o.ReadOnly {
		s.wakeNodes() // for what an earlier process left
		s.finished.Go(func() { s.simulate(ctx) })
	}
	return s, nil
}

// Close lets the simulated nodes finish and closes the database. No request
// may be under way.
func (s *Server) Close() error {
	s.stop()
	s.finished.Wait()
	return s.db.Close()
}

// ServeHTTP answers one request of any of the three interfaces.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if router, pattern := s.mux.Handler(r); pattern == "" {
		serveStray(w, r, router)
		return
	}
	s.mux.ServeHTTP(w, r)
}

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	s.legacyRoutes(mux)
	s.jsonrpcRoutes(mux)
	s.hateoasRoutes(mux)
	return mux
}

// timestamp is now in seconds, as a node agent compares it.
func (s *Server) timestamp() float64 {
	return float64(s.options.Now().UnixMicro()) / 1e6
}

func formatTimestamp(t float64) string {
	return fmt.Sprintf("%.6f", t)
}

// baseURL is what the client called this Master.
func baseURL(r *http.Request) string {
	scheme := "http"
	if forwarded := r.Header.Get("X-Forwarded-Proto"); forwarded == "https" || r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
