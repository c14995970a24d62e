package proxy

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
	"slapstar/slap/jsonschema"
	"slapstar/slap/marshal"
)

// Options configure a [Server].
type Options struct {
	Database string            // SQLite file, made when it does not exist, for its owner alone; empty: in memory
	ReadOnly bool              // refuse every write; a missing file is then an empty Master
	Computer string            // the default compute node
	Products map[string]string // product name to software release URL
	Masters  []MasterOptions   // to which requests may be forwarded
	Hosts    []string          // names to answer to, besides localhost and IP addresses; see [CheckHost]

	Profile   Profile   // empty: Slapproxy
	Simulator Simulator // plays the compute nodes; nil: there are real ones
	NoDelays  bool      // what simulated nodes take time for is done at once

	// Of the Full profile: how long things take on it.
	CatalogDelay      time.Duration // before searches find what was written; 0: 1 s, negative: none
	SubscriptionDelay time.Duration // before a tree that is found gets its root instance; 0: 500 ms, negative: none
	AllocationDelay   time.Duration // before an instance that is found gets its place; 0: 500 ms, negative: none
	AlarmPeriod       time.Duration // between two clean-ups of unused software, and rounds of upgrade decisions; 0: a day, negative: never

	UnpaidDeletion time.Duration // before what was stopped for an unpaid account is deleted; 0: never
	CreationTime   time.Duration // that a request takes which creates a tree; 0: none
	MaxCreations   int           // of one person at once: more is a conflict; 0: 3, negative: no limit

	// Of the Full profile: who and what is on it. With none of them one project has
	// everything, and everybody may do everything in it.
	Persons            []Person  // the first one is who a client is that does not say; empty: everybody
	Projects           []string  // besides those of the persons; without any project there is PROJ-1
	SoftwareProducts   []Product // empty: every release and type may be allocated
	AllocationSupplies []Supply  // empty: everything is allowed everywhere
	RemoteNodes        []RemoteNode
	NoProjectStatus    int  // of a product look-up without project_reference, which nobody has seen; 0: 400
	AcceptUpgrades     bool // upgrade decisions need nobody to accept them

	Now func() time.Time // the clock; nil for the real one
	Log func(string)     // what goes wrong behind a request; nil to drop it

	RequestLog func(RequestRecord) // told of each request; may be nil
}

// An InUseError says that another process has the database open for writing.
type InUseError = store.InUseError

// A SchemaError says that the database of a Master has tables that no Master made.
type SchemaError = store.SchemaError

// A Server is an embedded Master. It serves requests concurrently; Close ends
// it.
type Server struct {
	options  Options
	dialect  dialect
	db       *store.Store
	mux      *http.ServeMux
	schemas  map[string]*jsonschema.Schema // of JSON-RPC requests, by method
	metrics  *metrics.Set
	bodies   bodies // large ones
	masters  []*otherMaster
	creating creations       // on a full Master
	cached   sync.Map        // when each node of a full Master was asked about first, in seconds
	begin    float64         // seconds; when it was opened
	runID    string          // by which a slapproxy recognises itself
	declared map[string]bool // compute nodes of the simulator
	wake     chan struct{}   // the simulated nodes
	waiting  chan struct{}   // the allocation
	due      atomic.Int64    // when the allocation has something to do, in microseconds since 1970
	stop     context.CancelFunc
	finished sync.WaitGroup
}

// Open opens the database and starts the simulated nodes. The error is an
// [InUseError] when another process has the database open for writing.
func Open(o Options) (*Server, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	for _, name := range o.Hosts {
		if err := CheckHost(name); err != nil {
			return nil, fmt.Errorf("a name to answer to: %w", err)
		}
	}
	schemas, err := jsonschema.Definitions(jsonrpcSchemas)
	if err != nil {
		return nil, err
	}
	masters := make([]*otherMaster, len(o.Masters))
	for i, m := range o.Masters {
		if masters[i], err = newOtherMaster(m); err != nil {
			return nil, err
		}
	}
	db, err := store.Open(store.Options{Path: o.Database, ReadOnly: o.ReadOnly, Predecessor: predecessor, Log: o.Log})
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{options: o, db: db, schemas: schemas, metrics: metrics.NewSet(), bodies: newBodies(), masters: masters,
		runID: rand.Text() + rand.Text()[:6], declared: map[string]bool{}, wake: make(chan struct{}, 1), waiting: make(chan struct{}, 1), stop: stop}
	if instances := db.TakenOver(); instances > 0 {
		s.logf("took over %d instances of the slapproxy whose database %s is; that one stays as it is", instances, o.Database)
	}
	s.begin = s.timestamp()
	s.dialect = s.speaks()
	s.mux = s.routes()
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// start registers the nodes that there are from the beginning, and then starts
// what goes on beside requests until ctx ends.
func (s *Server) start(ctx context.Context) error {
	if s.options.ReadOnly {
		return nil
	}
	if s.options.Simulator != nil {
		for _, n := range s.options.Simulator.Nodes() {
			s.declared[n.Reference] = true
		}
		if err := s.registerSimulated(); err != nil {
			return err
		}
	}
	if s.full() {
		if err := s.registerDefault(); err != nil {
			return err
		}
		if err := s.update(ctx, func(tx *store.Tx) error { return errors.Join(s.adopt(tx), s.setAlarm(tx), s.forgetReports(tx)) }); err != nil {
			return err
		}
		s.finished.Go(func() { s.allocate(ctx) })
	}
	if s.options.Simulator != nil {
		s.finished.Go(func() { s.simulate(ctx) })
	}
	return nil
}

// Close lets the simulated nodes finish and closes the database. Requests that
// are still under way have errors; what they wrote before stands.
func (s *Server) Close() error {
	s.stop()
	s.finished.Wait()
	return s.db.Close()
}

// Database is the file that the data is in; empty in memory. It is not that of
// the options where that is a slapproxy's.
func (s *Server) Database() string { return s.db.Path() }

// update carries out f in a transaction, see [store.Store.Write], and then tells
// those who may have something to do now.
func (s *Server) update(ctx context.Context, f func(*store.Tx) error) error {
	err := s.db.Write(ctx, f)
	if errors.Is(err, store.ErrReadOnly) {
		return errReadOnly
	}
	if err != nil {
		return err
	}
	s.wakeNodes()
	s.wakeAllocation()
	return nil
}

// ServeHTTP answers one request of any of the three interfaces, if it is for a
// host of [Options.Hosts].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.respond(http.HandlerFunc(s.serveChecked), w, r)
}

func (s *Server) respond(h http.Handler, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Server", slap.ServerName)           // clients may then create instances in parallel
	w.Header().Set("X-Content-Type-Options", "nosniff") // much of what is answered was written by others
	s.observed(h, w, r)
}

// crossOrigin refuses what a page of another site makes a browser send here: a
// Master on loopback has no other protection from it. Clients that are not
// browsers send neither Origin nor Sec-Fetch-Site.
var crossOrigin = http.NewCrossOriginProtection()

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if err := crossOrigin.Check(r); err != nil {
		http.Error(w, "refused: "+err.Error(), http.StatusForbidden)
		return
	}
	defer s.bodies.limit(w, r)()
	if s.full() && strings.HasPrefix(r.URL.Path, "/erp5/") {
		l, err := s.identify(r)
		if err != nil {
			s.refuse(w, r, err)
			return
		}
		r = withLogin(r, l)
		s.wakeDue()
	}
	if router, pattern := s.mux.Handler(r); pattern == "" {
		s.serveStray(w, r, router)
		return
	}
	s.mux.ServeHTTP(w, r)
}

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	s.legacyRoutes(mux)
	s.jsonrpcRoutes(mux)
	s.hateoasRoutes(mux)
	s.panelRoutes(mux)
	s.metricsRoutes(mux)
	return mux
}

func (s *Server) logf(format string, args ...any) {
	if s.options.Log != nil {
		s.options.Log(fmt.Sprintf(format, args...))
	}
}

// timestamp is now in seconds, as a node agent compares it.
func (s *Server) timestamp() float64 {
	return float64(s.options.Now().UnixMicro()) / 1e6
}

// formatTimestamp writes a timestamp as slapproxy does: a node agent compares the
// text.
func formatTimestamp(t float64) string { return marshal.FormatFloat(t) }

// baseURL is what the client called this Master.
func baseURL(r *http.Request) string {
	scheme := "http"
	if forwarded := r.Header.Get("X-Forwarded-Proto"); forwarded == "https" || r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
