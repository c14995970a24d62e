package slap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/yosida95/uritemplate/v3"
)

// A hypermedia is what the root document of the HATEOAS interface offers.
type hypermedia struct {
	search   *uritemplate.Template
	traverse *uritemplate.Template // nil if the Master does not offer it
	self     string                // where the scripts of the full Master hang; empty on a slapproxy
	me       string                // the document of whom the Master takes us for; empty where it does not tell
}

// limited reports whether a search takes a limit. Without one it is answered
// whole (slapproxy); the full Master cuts it at 10 rows unless told otherwise.
func (h *hypermedia) limited() bool { return slices.Contains(h.search.Varnames(), "limit") }

// Full reports whether the Master is a full one, which refuses a person some changes
// of what exists. It asks once a client.
func (c *Client) Full(ctx context.Context) (bool, error) {
	h, err := c.hateoas(ctx)
	if errors.Is(err, ErrUnsupported) {
		return false, nil
	}
	return err == nil && h.limited(), err
}

// knownFull reports whether the client may search a full Master, without asking it.
func (c *Client) knownFull() bool { return c.full.Load() && (c.only == Any || c.only == HATEOAS) }

// hateoas finds the HATEOAS interface, once a client. The error wraps
// [ErrUnsupported] when the Master has none.
func (c *Client) hateoas(ctx context.Context) (*hypermedia, error) {
	if err := c.allows(HATEOAS); err != nil {
		return nil, err
	}
	select {
	case c.probing <- struct{}{}:
		defer func() { <-c.probing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	switch {
	case c.media != nil:
		return c.media, nil
	case c.noMedia:
		return nil, errNoMedia
	}
	root, err := c.hateoasURL(ctx)
	if err != nil {
		return nil, err
	}
	body, err := c.fetch(ctx, call{}, root)
	if errors.Is(err, ErrNotFound) && root == c.guessedMedia() {
		c.noMedia = true
		return nil, errNoMedia
	}
	if err != nil {
		return nil, err
	}
	c.media, err = parseRoot(root, body)
	c.full.Store(err == nil && c.media.limited())
	return c.media, err
}

var errNoMedia = fmt.Errorf("the HATEOAS interface: %w", ErrUnsupported)

func parseRoot(root string, body []byte) (*hypermedia, error) {
	var document struct {
		Links struct {
			RawSearch struct{ Href string } `json:"raw_search"`
			Traverse  struct{ Href string }
			Self      struct{ Href string }
			Me        struct{ Href string }
		} `json:"_links"`
	}
	if err := json.Unmarshal(body, &document); err != nil || document.Links.RawSearch.Href == "" {
		return nil, &ContentError{URL: root, Want: "a HATEOAS root document", Message: describeBody(body)}
	}
	h := &hypermedia{self: document.Links.Self.Href, me: strings.TrimPrefix(document.Links.Me.Href, jioPrefix)}
	var err error
	if h.search, err = parseTemplate(document.Links.RawSearch.Href); err != nil {
		return nil, fmt.Errorf("%s: the search template of the Master: %w", root, err)
	}
	if document.Links.Traverse.Href != "" {
		if h.traverse, err = parseTemplate(document.Links.Traverse.Href); err != nil {
			return nil, fmt.Errorf("%s: the traverse template of the Master: %w", root, err)
		}
	}
	return h, nil
}

// maxTemplate is the longest template of a URL, in bytes.
const maxTemplate = 8 << 10

func parseTemplate(text string) (*uritemplate.Template, error) {
	if len(text) > maxTemplate {
		return nil, fmt.Errorf("%w: it has %d bytes, want at most %d", ErrNotAMaster, len(text), maxTemplate)
	}
	return uritemplate.New(text)
}

// traverse follows a link to a document and returns its properties: the fields of
// its view, by name without the prefix my_ or your_.
func (c *Client) traverse(ctx context.Context, h *hypermedia, relativeURL string) (map[string]json.RawMessage, error) {
	if h.traverse == nil {
		return nil, fmt.Errorf("traversing to %s: %w", relativeURL, ErrUnsupported)
	}
	target, err := h.traverse.Expand(uritemplate.Values{
		"relative_url": uritemplate.String(relativeURL),
		"view":         uritemplate.String("slaposjs_view"),
	})
	if err != nil {
		return nil, fmt.Errorf("the traverse template of the Master: %w", err)
	}
	body, err := c.fetch(ctx, call{optional: true}, target) // it is there; a slapproxy cannot go to a name with a slash
	if err != nil {
		return nil, err
	}
	var answer struct {
		Embedded struct {
			View map[string]json.RawMessage `json:"_view"`
		} `json:"_embedded"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.Embedded.View == nil {
		return nil, &ContentError{URL: target, Want: "a document with a view", Message: describeBody(body)}
	}
	properties := map[string]json.RawMessage{}
	for key, raw := range answer.Embedded.View {
		name, mine := strings.CutPrefix(key, "my_")
		if !mine {
			if name, mine = strings.CutPrefix(key, "your_"); !mine {
				continue
			}
		}
		var field struct{ Default json.RawMessage }
		if json.Unmarshal(raw, &field) == nil {
			properties[name] = field.Default
		}
	}
	return properties, nil
}

// fetch performs a call of the HATEOAS interface, whose URLs are in its documents.
func (c *Client) fetch(ctx context.Context, k call, url string) ([]byte, error) {
	k.over = HATEOAS
	body, _, err := c.do(ctx, request{call: k, method: http.MethodGet, url: url})
	return body, err
}

// fetchRows performs a search and reads its rows.
func fetchRows[T any](ctx context.Context, c *Client, url string) (rows []T, err error) {
	_, _, err = c.do(ctx, request{call: call{over: HATEOAS}, method: http.MethodGet, url: url, read: func(_ http.Header, b *body) (err error) {
		if rows, err = decodeRows[T](b, c.limits.Rows, "_embedded", "contents"); err != nil && !errors.Is(err, ErrTooMuch) {
			err = &ContentError{URL: url, Want: "search results in JSON", Message: b.describe()}
		}
		return err
	}})
	return rows, err
}

// hateoasURL is what the configuration says, or the Master by JSON-RPC, or the
// Master by the legacy interface, or where a slapproxy has it. slapproxy 1.24
// has no getHateoasUrl.
func (c *Client) hateoasURL(ctx context.Context) (string, error) {
	if c.rest != "" {
		return c.rest, nil
	}
	var answer struct {
		HateoasURL string `json:"hateoas_url"`
	}
	err := c.callAnyway(ctx, call{name: "get.v0.hateoas_url"}, struct{}{}, &answer)
	if err == nil && answer.HateoasURL != "" {
		return answer.HateoasURL, nil
	}
	if !meansNoSuchCall(err) {
		return "", err
	}
	body, _, err := c.do(ctx, request{
		call: call{name: "getHateoasUrl", over: Legacy}, method: http.MethodGet, url: c.endpoint("getHateoasUrl"),
	})
	if found := strings.TrimSpace(string(body)); err == nil && isURL(found) {
		return found, nil
	}
	if !meansNoSuchCall(err) {
		return "", err
	}
	return c.guessedMedia(), nil
}

// guessedMedia is where a slapproxy has the HATEOAS interface.
func (c *Client) guessedMedia() string { return c.endpoint("hateoas/") }

// meansNoSuchCall reports whether another way is worth trying: the Master
// answered, but not to this. A Master that is busy or broken has not said so.
func meansNoSuchCall(err error) bool {
	if errors.Is(err, ErrBusy) || errors.Is(err, ErrNotReady) {
		return false
	}
	if status, ok := errors.AsType[*StatusError](err); ok {
		return status.Code != http.StatusUnauthorized && (status.Code < 500 || status.Code == http.StatusNotImplemented)
	}
	return err == nil || errors.Is(err, ErrNotAMaster)
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
