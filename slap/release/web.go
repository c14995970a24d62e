package release

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// maxRedirects is how many redirects one file may take.
const maxRedirects = 5

// A web is how schemas are fetched: without the certificate of the user, without
// cookies, and, unless the operator named the host, from public addresses only.
type web struct {
	allowed  func(*url.URL) (anywhere bool, err error)
	request  func(location string) error // counts
	resolver *net.Resolver               // nil: that of the system
	proxy    func(*http.Request) (*url.URL, error)

	public  *http.Transport // connects to public addresses only
	any     *http.Transport
	through *http.Transport // by way of a proxy, which is the operator's
}

// client returns what fetches.
func (s *Schemas) client() *http.Client {
	s.once.Do(func() {
		if s.web == nil {
			s.web = &web{proxy: http.ProxyFromEnvironment}
		}
		s.web.allowed, s.web.request = s.allowed, s.budget().request
		s.web.public = s.web.transport(&net.Dialer{ControlContext: checkPublic})
		s.web.any = s.web.transport(&net.Dialer{})
		s.web.through = s.web.transport(&net.Dialer{})
		s.web.through.Proxy = s.web.proxy
	})
	return &http.Client{Transport: s.web, CheckRedirect: checkRedirect}
}

func (w *web) transport(d *net.Dialer) *http.Transport {
	d.Timeout, d.Resolver = 10*time.Second, w.resolver
	return &http.Transport{
		DialContext:            d.DialContext,
		TLSHandshakeTimeout:    10 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        10 * time.Second,
	}
}

// A notPublicError is a connection that is not made.
type notPublicError struct{ address netip.Addr }

func (e *notPublicError) Error() string {
	return "the address " + e.address.String() + " is not public"
}

// checkPublic is called with the address that is connected to, whatever a name resolved
// to before.
func checkPublic(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !isPublic(to.Addr()) {
		return &notPublicError{to.Addr()}
	}
	return nil
}

// RoundTrip implements [http.RoundTripper]. Each redirect comes here, too.
func (w *web) RoundTrip(r *http.Request) (*http.Response, error) {
	anywhere, err := w.allowed(r.URL)
	if err == nil {
		err = w.request(shown(r.URL.String()))
	}
	if err != nil {
		return nil, err
	}
	proxy, err := w.proxy(r)
	switch {
	case err != nil:
		return nil, err
	case proxy != nil && anywhere:
		return w.through.RoundTrip(r)
	case proxy != nil: // it is who connects, so the target is checked here
		if err := w.checkTarget(r.Context(), r.URL); err != nil {
			return nil, err
		}
		return w.through.RoundTrip(r)
	case anywhere:
		return w.any.RoundTrip(r)
	}
	resp, err := w.public.RoundTrip(r)
	if wrong, ok := errors.AsType[*notPublicError](err); ok {
		return nil, refuseAddress(r.URL, wrong.address)
	}
	return resp, err
}

// checkTarget refuses a host of which one address is not public.
func (w *web) checkTarget(ctx context.Context, u *url.URL) error {
	resolver := w.resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	addresses, err := resolver.LookupNetIP(ctx, "ip", u.Hostname())
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return refuse(u, "it is behind a proxy, and its address cannot be checked: no address was found for it")
	}
	for _, a := range addresses {
		if !isPublic(a) {
			return refuseAddress(u, a)
		}
	}
	return nil
}

func refuseAddress(u *url.URL, a netip.Addr) error {
	refused := refuse(u, "its address %s is not public", a)
	refused.Address = a
	return refused
}

// checkRedirect follows a redirect that stays as safe as the request was. Where it
// leads to is checked as each request is.
func checkRedirect(r *http.Request, via []*http.Request) error {
	r.Header.Del("Referer")
	switch {
	case len(via) > maxRedirects:
		return &formError{shown(via[0].URL.String()), "it redirects more than 5 times"}
	case via[len(via)-1].URL.Scheme == "https" && r.URL.Scheme != "https":
		return &formError{shown(via[0].URL.String()), "it redirects from https to http"}
	}
	return nil
}
