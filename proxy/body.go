package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	"golang.org/x/sync/semaphore"
)

// Limits of the bodies of requests, in bytes.
const (
	maxBody    = 32 << 20 // of the legacy interface: a form
	maxRPCBody = 4 << 20  // of the JSON-RPC interface: a document
	smallBody  = 16 << 10 // does not wait for others

	// largeBodies is the size of all larger ones that are being answered at once. A
	// document counts as all of it. Parsed, a form takes up to 20 times its size,
	// but a document 60 times and, when it breaks its schema often, 300 times: eight
	// of 32 MB took more than 12 GB.
	largeBodies = maxBody
)

// bodies is what the large bodies share.
type bodies struct {
	free    *semaphore.Weighted // of largeBodies
	wait    time.Duration       // until a request is answered that there is no room for it
	reading time.Duration       // what a large body may take to arrive, while others wait for it
}

func newBodies() bodies {
	return bodies{semaphore.NewWeighted(largeBodies), time.Minute, 30 * time.Second}
}

// limit limits the body of a request, and makes a large one wait for its turn when
// it is read. The turn lasts until release is called.
func (b *bodies) limit(w http.ResponseWriter, r *http.Request) (release func()) {
	body := &turnBody{ReadCloser: r.Body, bodies: b, request: r, connection: http.NewResponseController(w), limit: maxBody}
	body.size = r.ContentLength
	if body.size < 0 { // not known
		body.size = maxBody
	}
	if strings.HasPrefix(path.Base(r.URL.Path), "slapos.") {
		body.limit, body.size = maxRPCBody, largeBodies
	}
	r.Body = http.MaxBytesReader(w, body, body.limit) // outermost: http.Request.ParseForm looks for it
	return body.release
}

// A turnBody is a body that waits for its turn before more of it than a small one is read.
type turnBody struct {
	io.ReadCloser
	bodies     *bodies
	request    *http.Request
	connection *http.ResponseController
	limit      int64
	size       int64 // as it counts
	read       int64
	turn       bool
}

func (b *turnBody) Read(p []byte) (int, error) {
	if b.request.ContentLength > b.limit {
		return 0, &http.MaxBytesError{Limit: b.limit}
	}
	if !b.turn && max(b.read, b.request.ContentLength) > smallBody {
		if err := b.takeTurn(); err != nil {
			return 0, err
		}
	}
	if !b.turn {
		p = p[:min(int64(len(p)), smallBody+1-b.read)]
	}
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, io.EOF):
		if b.turn { // the connection is still read from, to see whether the client waits for the answer
			b.connection.SetReadDeadline(time.Time{})
		}
		return n, err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return n, misunderstood("the body did not arrive in time")
	}
	return n, misunderstood("reading the body: %v", err)
}

// takeTurn waits for as much of what all large bodies share as this one may take,
// and then wants to have the body soon.
func (b *turnBody) takeTurn() error {
	ctx, cancel := context.WithTimeout(b.request.Context(), b.bodies.wait)
	defer cancel()
	if b.bodies.free.Acquire(ctx, b.size) != nil {
		return &busyError{}
	}
	b.turn = true
	b.connection.SetReadDeadline(time.Now().Add(b.bodies.reading)) // an error says that there is no connection
	return nil
}

// release ends the turn. A body that did not arrive keeps its deadline: what is
// left of it is still to be read and dropped.
func (b *turnBody) release() {
	if b.turn {
		b.bodies.free.Release(b.size)
		b.turn = false
	}
}

// A busyError is the answer to a large request for which there was no room.
type busyError struct{}

func (e *busyError) Error() string {
	return fmt.Sprintf("Other requests of more than %d bytes are being answered. Try again.", smallBody)
}
