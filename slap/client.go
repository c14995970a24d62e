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

	"github.com/yosida95/uritemplate/v3"
)

// Limits of one exchange with a Master.
const (
	maxResponse    = 256 << 20 // bytes
	requestTimeout = 60 * time.Second
)

const userAgent = "slapstar"

// Options say which Master a [Client] talks to, and as whom.
type Options struct {
	MasterURL string // base of the legacy and the JSON-RPC interface
	RESTURL   string // root of the HATEOAS interface; found by asking when empty
	CertFile  string // TLS client certificate and key, both or neither
	KeyFile   string
	CAFile    string // certificates to trust instead of the system's
	Insecure  bool   // do not verify the Master's certificate

	Transport http.RoundTripper // instead of the network; the TLS fields are then unused
	Retry     RetryPolicy
}

// A Client talks to one Master. It may be used concurrently.
type Client struct {
	base *url.URL // ends in a slash
	rest string
	http *http.Client

	retry    RetryPolicy
	answered atomic.Bool // the Master has answered something

	mu     sync.Mutex
	search *uritemplate.Template // of the HATEOAS interface, once found
}

// NewClient returns a client; it reads the certificate files and makes no
// request.
func NewClient(o Options) (*Client, error) {
	base, err := parseMasterURL(o.MasterURL)
	if err != nil {
		return nil, err
	}
	transport := o.Transport
	if transport == nil {
		if transport, err = NewTransport(o); err != nil {
			return nil, err
		}
	}
	return &Client{
		base:  base,
		rest:  o.RESTURL,
		retry: o.Retry,
		http: &http.Client{
			Transport:     transport,
			Timeout:       requestTimeout,
			CheckRedirect: checkRedirect,
		},
	}, nil
}

// URL returns the base URL of the Master, as used.
func (c *Client) URL() string { return c.base.String() }

func parseMasterURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, fmt.Errorf("master_url %q: %w", s, err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("master_url %q: want http://HOST:PORT/ or https://HOST:PORT/", s)
	}
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	return u, nil
}

// NewTransport returns the transport that a client uses by default, for who
// wants to watch it.
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

// checkRedirect follows what a Master redirects (GET /hateoas, traverse) and
// never repeats a write somewhere else.
func checkRedirect(req *http.Request, via []*http.Request) error {
	if via[0].Method != http.MethodGet {
		return http.ErrUseLastResponse
	}
	if len(via) >= 10 {
		return errors.New("more than 10 redirects")
	}
	return nil
}

// endpoint returns the URL of an endpoint, which hangs directly below the
// base: a path prefix of the base is kept.
func (c *Client) endpoint(name string) string {
	return c.base.String() + name
}

// once sends one request and returns the body of a successful answer. The
// errors are of this package, and name neither header nor request body.
func (c *Client) once(ctx context.Context, method, target, contentType string, body io.Reader) ([]byte, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("Accept", "*/*")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, nil, transportError(ctx, err)
	}
	defer resp.Body.Close()
	c.answered.Store(true)
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse+1))
	if err != nil {
		return nil, nil, transportError(ctx, err)
	}
	if len(answer) > maxResponse {
		return nil, nil, fmt.Errorf("%s %s: the answer is longer than %d MiB", method, target, maxResponse>>20)
	}
	if resp.StatusCode/100 != 2 {
		message := errorText(resp.Header, answer)
		return nil, nil, &StatusError{
			Method:  method,
			URL:     target,
			Code:    resp.StatusCode,
			Message: message,
			json:    isJSON(resp.Header),
			meaning: meaningOf(resp.StatusCode, message),
		}
	}
	return answer, resp.Header, nil
}

// transportError says what stood between us and an answer. A cancelled
// context is passed on, for the caller who cancelled it.
func transportError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
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
