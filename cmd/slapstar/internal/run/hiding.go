package run

import (
	"bytes"
	"io"
	"net/http"

	"slapstar/internal/mask"
)

// hiding hides the secrets of the run in what a Master says of an error: its page may
// repeat the request, and what is made of it for a message may cut a secret in two.
type hiding struct {
	next   http.RoundTripper
	hidden *mask.Filter
}

// mostHidden is how much of an error page is looked at, in bytes; messages have less.
const mostHidden = 1 << 20

// RoundTrip implements [http.RoundTripper].
func (h hiding) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := h.next.RoundTrip(r)
	if err != nil || answer.StatusCode < 400 {
		return answer, err
	}
	page, err := io.ReadAll(io.LimitReader(answer.Body, mostHidden))
	rest := answer.Body
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader([]byte(h.hidden.Text(string(page)))), failing{rest, err}), rest}
	answer.ContentLength = -1
	answer.Header.Del("Content-Length")
	return answer, nil
}

// failing is the rest of a body, or why there is none.
type failing struct {
	io.Reader
	err error
}

func (f failing) Read(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.Reader.Read(p)
}
