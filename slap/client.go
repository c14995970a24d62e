package slap

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of one exchange with a Master.
const (
	maxErrorPage   = 256 << 10 // bytes of an answer that is no success; the rest is not read
	requestTimeout = 60 * time.Second
)

// UserAgent is how slapstar names itself in requests.
const UserAgent = "slapstar"

// ServerName is what the embedded Master calls itself in the header Server.
const ServerName = "slapstar"

// Options say which Master a [Client] talks to, and as whom.
type Options struct {
	MasterURL  string // base of the legacy interface
	JSONRPCURL string // base of the JSON-RPC interface; when empty it is the Master's, or beside that of a full Master
	RESTURL    string // root of the HATEOAS interface; found by asking when empty
	Project    string // reference of the project to work in; only a full Master has some
	CertFile   string // TLS client certificate and key, both or neither
	KeyFile    string
	CAFile     string // certificates to trust instead of the system's
	Insecure   bool   // do not verify the Master's certificate

	Transport http.RoundTripper // instead of the network; the TLS fields are then unused
	Retry     RetryPolicy
	Limits    Limits
	Only      Interface // use no other; a call that it does not have fails with [ErrUnsupported]
}

// A Client talks to one Master. It may be used concurrently.
type Client struct {
	base    *url.URL                // ends in a slash
	jsonrpc atomic.Pointer[url.URL] // so does this; nil until it is found, see findRPC
	rest    string
	project string
	http    *http.Client
	homes   map[string]bool // scheme, host and port of the URLs in the Options

	retry    RetryPolicy
	limits   Limits
	answered atomic.Bool // the Master has answered something
	ours     atomic.Bool // it is an embedded one, see ServerName
	full     atomic.Bool // it is a full one, found by its HATEOAS interface

	noReports atomic.Bool // a search cannot tell status and place, see searchMembers
	only      Interface
	found     sync.Map // which way calls went last, by call

	probingRPC chan struct{} // holds one token: who has it may use the field below
	noRPC      bool          // the Master has no JSON-RPC interface

	askingProjects sync.Mutex
	knownProjects  []Project // nil: not asked for yet

	probing chan struct{} // holds one token: who has it may use the two fields below
	media   *hypermedia   // the HATEOAS interface, once found
	noMedia bool          // the Master has no HATEOAS interface
}

// NewClient returns a client; it reads the certificate files and makes no
// request.
func NewClient(o Options) (*Client, error) {
	base, err := parseBaseURL("master_url", o.MasterURL)
	if err != nil {
		return nil, err
	}
	jsonrpc := base
	if o.JSONRPCURL != "" {
		if jsonrpc, err = parseBaseURL("master_jsonrpc_url", o.JSONRPCURL); err != nil {
			return nil, err
		}
	}
	homes := map[string]bool{home(base): true, home(jsonrpc): true}
	if o.RESTURL != "" {
		rest, err := parseURL("master_rest_url", o.RESTURL)
		if err != nil {
			return nil, err
		}
		o.RESTURL = rest.String()
		homes[home(rest)] = true
	}
	switch o.Only {
	case Any, Legacy, JSONRPC, HATEOAS:
	default:
		return nil, fmt.Errorf("interface %q: want %q, %q or %q", o.Only, Legacy, JSONRPC, HATEOAS)
	}
	transport := o.Transport
	if transport == nil {
		if transport, err = NewTransport(o); err != nil {
			return nil, err
		}
	}
	c := &Client{
		base:    base,
		rest:    o.RESTURL,
		project: o.Project,
		homes:   homes,
		retry:   o.Retry.orDefaults(),
		limits:  o.Limits.orDefaults(),
		only:    o.Only,
		probing: make(chan struct{}, 1),

		probingRPC: make(chan struct{}, 1),
		http: &http.Client{
			Transport:     transport,
			Timeout:       requestTimeout,
			CheckRedirect: checkRedirect,
		},
	}
	if o.JSONRPCURL != "" || !hasLegacyFolder(base) {
		c.jsonrpc.Store(jsonrpc)
	}
	return c, nil
}

// NewTransport returns the transport that a client uses by default, for callers that
// wrap it (see [Log]).
func NewTransport(o Options) (http.RoundTripper, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.DialContext = (&net.Dialer{Timeout: 20 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	t.MaxIdleConnsPerHost = 8
	t.TLSClientConfig = &tls.Config{InsecureSkipVerify: o.Insecure}
	if o.CertFile != "" || o.KeyFile != "" {
		if o.CertFile == "" || o.KeyFile == "" {
			return nil, errors.New("cert_file and key_file go together: one of them is missing")
		}
		cert, err := tls.LoadX509KeyPair(o.CertFile, o.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("reading the client certificate %s and its key %s: %w", o.CertFile, o.KeyFile, err)
		}
		t.TLSClientConfig.Certificates = []tls.Certificate{cert}
	}
	if o.CAFile != "" {
		pem, err := os.ReadFile(o.CAFile)
		if err != nil {
			return nil, fmt.Errorf("reading the CA file: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("reading the CA file: there is no certificate in PEM form in %s", o.CAFile)
		}
		t.TLSClientConfig.RootCAs = pool
	}
	return t, nil
}

// checkRedirect follows what a Master redirects (GET /hateoas, traverse) to
// itself. A write is never repeated somewhere else, and a certificate never
// offered there.
func checkRedirect(req *http.Request, via []*http.Request) error {
	switch {
	case via[0].Method != http.MethodGet:
		return http.ErrUseLastResponse
	case len(via) >= 10:
		return fmt.Errorf("%w: more than 10 redirects", ErrNotAMaster)
	case req.URL.Host != via[0].URL.Host || req.URL.Scheme != via[0].URL.Scheme:
		return fmt.Errorf("%w: it redirects to %s://%s", ErrNotAMaster, req.URL.Scheme, req.URL.Host)
	}
	return nil
}

// home returns scheme, host and port of a URL in one form.
func home(u *url.URL) string { return u.Scheme + "://" + HostPort(u) }

// checkHome refuses a URL with another scheme, host or port than those in the Options.
// A Master names some in its documents: what is read elsewhere is not its word, and the
// certificate is not offered there.
func (c *Client) checkHome(target string) error {
	u, err := url.Parse(target)
	switch {
	case err != nil:
		return fmt.Errorf("%w: it names a URL that cannot be parsed", ErrNotAMaster)
	case u.User != nil:
		return fmt.Errorf("%w: it names a URL with a user name, at %s", ErrElsewhere, oneLine(home(u)))
	case !c.homes[home(u)]:
		return fmt.Errorf("%w: got %s, want %s", ErrElsewhere, oneLine(home(u)), home(c.base))
	}
	return nil
}

// endpoint returns the URL of an endpoint of the legacy interface, which hangs
// directly below the base: a path prefix of the base is kept.
func (c *Client) endpoint(name string) string {
	return c.base.String() + name
}

// send sends a request once and returns the body of a successful answer. The
// errors are of this package, and name neither header nor request body.
func (c *Client) send(ctx context.Context, r request) ([]byte, http.Header, error) {
	if c.base.Scheme == "https" && !strings.HasPrefix(r.url, "https://") {
		return nil, nil, fmt.Errorf("%w: the Master sends us from https to %s", ErrTLS, oneLine(r.url))
	}
	if err := c.checkHome(r.url); err != nil {
		return nil, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, strings.NewReader(r.body))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("User-Agent", UserAgent)
	req.Header.Set("Accept", "*/*")
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, nil, transportError(ctx, err)
	}
	defer resp.Body.Close()
	c.answered.Store(true)
	if resp.Header.Get("Server") == ServerName {
		c.ours.Store(true)
	}
	if resp.StatusCode/100 != 2 {
		page, err := io.ReadAll(io.LimitReader(resp.Body, maxErrorPage))
		if err != nil {
			return nil, nil, transportError(ctx, err)
		}
		return nil, nil, newStatusError(r, resp.StatusCode, resp.Header, page)
	}
	answer, err := c.read(ctx, r, resp)
	return answer, resp.Header, err
}

// read reads the answer of a success within the limits.
func (c *Client) read(ctx context.Context, r request, resp *http.Response) (answer []byte, err error) {
	counted, _ := counting(ctx, "to one request", c.limits.Bytes).Value(counterKey{}).(*counter)
	b := &body{r: resp.Body, counter: counted}
	if r.read != nil {
		err = r.read(resp.Header, b)
	} else {
		answer, err = io.ReadAll(b)
	}
	switch {
	case errors.Is(b.err, ErrTooMuch), errors.Is(err, ErrTooMuch):
		if b.err != nil {
			err = b.err
		}
		return nil, fmt.Errorf("%s %s: %w", r.method, r.url, err)
	case b.err != nil:
		b.uncount()
		return nil, transportError(ctx, b.err)
	}
	return answer, err
}

// transportError returns the error for a request without an answer. If the context
// has ended, it returns the context's error.
func transportError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, ErrNotAMaster) {
		return err
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		return fmt.Errorf("%w: no answer within %s: %w", ErrUnreachable, requestTimeout, err)
	}
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var remote *net.OpError // a TLS alert of the Master: our certificate is missing or refused
	switch {
	case errors.As(err, &certificate), errors.As(err, &record),
		errors.As(err, &remote) && remote.Op == "remote error",
		strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return fmt.Errorf("%w: %w", ErrTLS, err)
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}
