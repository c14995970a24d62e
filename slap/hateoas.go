package slap

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/yosida95/uritemplate/v3"
)

// searchTemplate finds the search of the HATEOAS interface, once a client. It
// is nil when the Master has none.
func (c *Client) searchTemplate(ctx context.Context) (*uritemplate.Template, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.search != nil || c.noSearch {
		return c.search, nil
	}
	root, err := c.hateoasURL(ctx)
	if err != nil {
		return nil, err
	}
	body, _, err := c.do(ctx, http.MethodGet, root, "", "")
	if errors.Is(err, ErrNotFound) && c.rest == "" {
		c.noSearch = true
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var document struct {
		Links struct {
			RawSearch struct{ Href string } `json:"raw_search"`
		} `json:"_links"`
	}
	if err := json.Unmarshal(body, &document); err != nil || document.Links.RawSearch.Href == "" {
		return nil, &ContentError{URL: root, Want: "a HATEOAS root document", Message: describeBody(body)}
	}
	template, err := uritemplate.New(document.Links.RawSearch.Href)
	if err != nil {
		return nil, fmt.Errorf("%s: the search template of the Master: %w", root, err)
	}
	c.search = template
	return template, nil
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
	err := c.call(ctx, "get.v0.hateoas_url", struct{}{}, &answer)
	if err == nil && answer.HateoasURL != "" {
		return answer.HateoasURL, nil
	}
	if !meansNoSuchCall(err) {
		return "", err
	}
	body, _, err := c.do(ctx, http.MethodGet, c.endpoint("getHateoasUrl"), "", "")
	if found := strings.TrimSpace(string(body)); err == nil && isURL(found) {
		return found, nil
	}
	if !meansNoSuchCall(err) {
		return "", err
	}
	return c.endpoint("hateoas/"), nil
}

// meansNoSuchCall reports whether another way is worth trying: the Master
// answered, but not to this.
func meansNoSuchCall(err error) bool {
	var status *StatusError
	return err == nil || errors.As(err, &status) && status.Code != http.StatusUnauthorized || errors.Is(err, ErrNotAMaster)
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
