package slap

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/yosida95/uritemplate/v3"
)

// Pages of a search that takes a limit.
const (
	pageRows     = 200
	maxPages     = 5000
	maxSearches  = 5 // from the first page on, when rows come and go between two pages
	overlapsWith = 1 // rows of the page before
)

// searchAll returns all rows of a search: in one request where the search is
// answered whole, page by page elsewhere. The error wraps [ErrBusy] when the rows
// change all the time.
func searchAll[T any](ctx context.Context, c *Client, h *hypermedia, query string, columns ...string) ([]T, error) {
	if !h.limited() {
		target, err := h.searchURL(query, columns, 0)
		if err != nil {
			return nil, err
		}
		return fetchRows[T](ctx, c, target)
	}
	for range maxSearches {
		ctx := counting(ctx, "in one listing", c.limits.Bytes)
		rows, whole, err := searchPages[T](ctx, c, h, query, columns)
		if err != nil || whole {
			return rows, err
		}
	}
	return nil, fmt.Errorf("searching for %s: rows came and went between two pages, %d times: %w", query, maxSearches, ErrBusy)
}

// A pageRow is a row and the link that identifies it.
type pageRow[T any] struct {
	row  T
	link string
}

// UnmarshalJSON implements [json.Unmarshaler].
func (r *pageRow[T]) UnmarshalJSON(data []byte) error {
	var identity struct {
		Links struct {
			Self struct{ Href string }
		} `json:"_links"`
	}
	if err := json.Unmarshal(data, &identity); err != nil {
		return err
	}
	r.link = identity.Links.Self.Href
	return json.Unmarshal(data, &r.row)
}

// searchPages reads page after page until one has nothing new: a short page need
// not be the last, a Master may allow fewer rows a page. Each page begins with
// the last row of the one before. If it is another row, some came or went, and
// the list is not whole.
func searchPages[T any](ctx context.Context, c *Client, h *hypermedia, query string, columns []string) (all []T, whole bool, err error) {
	last := ""
	for range maxPages {
		offset := max(0, len(all)-overlapsWith)
		target, err := h.searchURL(query, columns, offset)
		if err != nil {
			return nil, false, err
		}
		page, err := fetchRows[pageRow[T]](ctx, c, target)
		if err != nil {
			return nil, false, err
		}
		if len(page) > pageRows {
			return nil, false, &ContentError{URL: target, Want: fmt.Sprintf("at most %d rows", pageRows), Message: strconv.Itoa(len(page))}
		}
		if len(all) > 0 {
			if len(page) == 0 || page[0].link != last {
				return nil, false, nil
			}
			page = page[overlapsWith:]
		}
		if len(page) == 0 {
			return all, true, nil
		}
		for _, r := range page {
			all = append(all, r.row)
		}
		if len(all) > c.limits.Rows {
			return nil, false, fmt.Errorf("searching for %s: %w: more than %d rows in one listing", query, ErrTooMuch, c.limits.Rows)
		}
		last = page[len(page)-1].link
	}
	return nil, false, fmt.Errorf("searching for %s: there are more than %d pages of %d rows", query, maxPages, pageRows)
}

// searchURL returns the URL of one request; offset counts only where the search takes a
// limit.
func (h *hypermedia) searchURL(query string, columns []string, offset int) (string, error) {
	values := uritemplate.Values{
		"query":       uritemplate.String(query),
		"select_list": uritemplate.List(columns...),
	}
	if h.limited() {
		values["limit"] = uritemplate.List(strconv.Itoa(offset), strconv.Itoa(pageRows))
		values["sort_on"] = uritemplate.List(`["uid","ASC"]`) // pages of an order that changes would miss rows
	}
	target, err := h.search.Expand(values)
	if err != nil {
		return "", fmt.Errorf("the search template of the Master: %w", err)
	}
	return target, nil
}
