package slap

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// A call is one thing that a Master can be asked over one of its interfaces: what a
// status means as its answer, and whether it may be made again.
//
// Most calls may be: a Master takes a request as a wish, and the same wish twice is one.
type call struct {
	name      string    // the endpoint, or the method without "slapos."
	over      Interface // set when it is made
	optional  bool      // not every Master has it
	allocates bool      // "not found" means that no partition is free
	titled    bool      // a person asks for an instance by its name
	manages   bool      // customers may not
	project   bool      // a project is named
	noProject bool      // names no project, and leaves nothing else out
	cached    bool      // a full Master answers out of a cache, which it may have to fill first
	once      bool      // must not be repeated: it makes something new each time, counts, or ends something
}

// A request is a call as it is sent.
type request struct {
	call
	method      string // of HTTP
	url         string
	contentType string // of the body; empty without one
	body        string

	// read reads the answer of a success; nil: it is returned whole. It is called
	// again when the request is repeated.
	read func(http.Header, *body) error
}

// noSuchEndpoint begins what a slapproxy says of an endpoint that it does not
// have. The full Master has them all, and says with 404 what it does not find.
const noSuchEndpoint = "The requested URL was not found on the server."

// errNoCall is the meaning of an answer that the call is unknown: it may be an
// older Master, or something else altogether.
var errNoCall = fmt.Errorf("%w; or %w", ErrNotAMaster, ErrUnsupported)

// judge returns what an answer means and the sentinel for it, or nil. They decide what a
// caller sees, and whether the request is made again ([Client.patience]).
func (r request) judge(e *StatusError) (Meaning, error) {
	if m := r.exceptionMeaning(e); m != Unclear {
		return m, meanings[m].sentinel
	}
	sentinel := r.meaning(e)
	return r.sentinelMeaning(e, sentinel), sentinel
}

// meaning returns the sentinel for an answer by its status.
func (r request) meaning(e *StatusError) error {
	meaning := statusMeaning(e.Code)
	if r.over == JSONRPC {
		meaning = r.methodMeaning(e)
	}
	switch {
	case r.optional && e.Code == http.StatusNotFound && strings.HasPrefix(e.Value, noSuchEndpoint):
		return ErrUnsupported
	case r.allocates && errors.Is(meaning, ErrNotFound) && strings.HasPrefix(e.Value, "No ") && strings.Contains(e.Value, "partition"):
		return ErrNoPartition // and not that there is no Master at this URL
	case r.noProject && e.Code == http.StatusBadRequest: // something is left out
		return ErrNoProject
	case meaning == nil && r.asks() && e.Code == http.StatusInternalServerError && !e.json && e.Type == "":
		return ErrBusy // a slapproxy under load fails some requests so; to what is read it means "not found"
	}
	return meaning
}

// asks reports whether the request may ask for something to be done. Over JSON-RPC each
// one looks so.
func (r request) asks() bool {
	return r.method == http.MethodPost && (r.over == Legacy || r.over == JSONRPC)
}

// statusMeaning returns the sentinel for a status of the legacy and the HATEOAS
// interface. 408 is "not ready", not a time-out. The full Master says with 503 that it
// fills a cache, and with 410 what it had once.
func statusMeaning(code int) error {
	switch code {
	case http.StatusUnauthorized, http.StatusForbidden:
		return ErrUnauthorized
	case http.StatusNotFound:
		return ErrNotFound
	case http.StatusRequestTimeout:
		return ErrNotReady
	case http.StatusGone:
		return ErrUnsupported
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return ErrBusy
	}
	return nil
}

// methodMeaning returns the sentinel for a status of the JSON-RPC interface. There
// 403 is what the Master will not do: because there is no such thing (the type
// is Forbidden on a slapproxy and ends in -NOT-FOUND on the full Master), or for
// another reason that the full Master tells by its type.
func (r request) methodMeaning(e *StatusError) error {
	switch {
	case e.json && strings.HasPrefix(e.Value, "Not destroying yet"):
		return ErrNotReady
	case e.json && (e.Type == "KeyError" || e.Type == "NameError"):
		return nil // with 503, and not because there is much to do
	case e.json && e.Code == http.StatusForbidden && (e.Type == "Forbidden" || strings.HasSuffix(e.Type, "-NOT-FOUND")):
		return ErrNotFound
	case e.json && e.Code == http.StatusForbidden && e.Type != "":
		return ErrRefused
	case e.json && e.Code == http.StatusNotFound && (e.Type == "" || strings.HasPrefix(e.Value, "slapos."+r.name)):
		return errNoCall
	case e.json:
		return statusMeaning(e.Code)
	case e.Code == http.StatusNotFound, e.Code == http.StatusMethodNotAllowed, e.Code == http.StatusNotImplemented:
		return errNoCall
	}
	return statusMeaning(e.Code)
}
