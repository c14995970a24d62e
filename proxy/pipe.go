package proxy

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
)

// Transport serves s inside this process: HTTP over connections in memory, so
// that no port is open and no other program can reach it. closeServing ends that and
// returns when no request is under way; s itself stays open.
func (s *Server) Transport() (transport *http.Transport, closeServing func()) {
	l := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
	var serving sync.RWMutex // held for reading by who serves a request
	closed := false
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serving.RLock()
		defer serving.RUnlock()
		if closed {
			http.Error(w, "the embedded Master is closed", http.StatusServiceUnavailable)
			return
		}
		s.respond(http.HandlerFunc(s.serve), w, r) // whatever it is called: no browser comes here
	})}
	go server.Serve(l) // ends with server.Close
	transport = &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return l.dial(ctx) },
	}
	return transport, func() {
		transport.CloseIdleConnections()
		server.Close()
		serving.Lock() // the database is closed next
		defer serving.Unlock()
		closed = true
	}
}

// A pipeListener accepts what dial connects.
type pipeListener struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *pipeListener) dial(ctx context.Context) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.conns <- server:
		return client, nil
	case <-l.closed:
		return nil, errors.New("the embedded Master is closed")
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "embedded" }
