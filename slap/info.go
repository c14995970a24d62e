package slap

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// An Info is what the HATEOAS interface tells of one instance tree.
type Info struct {
	Instance
	Reference string          // of the tree; on a slapproxy its name
	News      json.RawMessage // the reports of its nodes, as the full Master gives them; nil elsewhere
}

// Info reads one instance tree of ours by name: slapos service info. The error wraps
// [ErrNotFound] when there is none, and [ErrUnsupported] when the name cannot be asked
// for (a double quote, on a slapproxy). It is an [*OtherProjectError] for a name in
// another project.
func (c *Client) Info(ctx context.Context, name string) (*Info, error) {
	h, err := c.hateoas(ctx)
	if err != nil {
		return nil, err
	}
	quoted, err := h.quoted(name)
	if err != nil {
		return nil, err
	}
	if h.limited() {
		return c.infoOfFull(ctx, h, name)
	}
	type row struct {
		Title       string
		RelativeURL string `json:"relative_url"`
	}
	rows, err := searchAll[row](ctx, c, h, instanceTreeQuery+" AND title:="+quoted, "title", "relative_url")
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if r.Title == name { // an empty name finds all
			properties, err := c.traverse(ctx, h, r.RelativeURL)
			if err != nil {
				return nil, fmt.Errorf("instance %q: %w", name, err)
			}
			return newInfo(name, properties)
		}
	}
	return nil, fmt.Errorf("instance %q: %w", name, ErrNotFound)
}

// infoOfFull finds the tree as searchInstance does, and reads its document for the rest.
func (c *Client) infoOfFull(ctx context.Context, h *hypermedia, name string) (*Info, error) {
	i, err := c.searchInstance(ctx, h, name)
	if err != nil {
		return nil, err
	}
	properties, err := c.traverse(ctx, h, i.Document)
	if err != nil {
		return nil, fmt.Errorf("instance %q: %w", name, err)
	}
	info, err := newInfo(name, properties)
	if err != nil {
		return nil, err
	}
	i.ConnectionParameters = info.ConnectionParameters // as the document unwraps them
	info.Instance = i
	return info, nil
}

// slapStates are the names that states have on the HATEOAS interface of the
// full Master, and the one that a slapproxy gives every shared instance.
var slapStates = map[string]string{
	"start_requested": Started, "stop_requested": Stopped, "destroy_requested": Destroyed, "unused": Started,
}

// plainState is the state that the other interfaces call slapState.
func plainState(slapState string) string { return cmp.Or(slapStates[slapState], slapState) }

func newInfo(name string, properties map[string]json.RawMessage) (*Info, error) {
	text := func(key string) string {
		var s string
		json.Unmarshal(properties[key], &s) // what is no text is absent
		return s
	}
	parameters, err := ParseParameters(text("text_content"))
	if err != nil {
		return nil, fmt.Errorf("instance %q: parameters: %w", name, err)
	}
	connection, err := connectionList(properties["connection_parameter_list"])
	if err != nil {
		return nil, fmt.Errorf("instance %q: connection parameters: %w", name, err)
	}
	i := &Info{Reference: text("reference"), Instance: Instance{
		Root: name,
		InstanceRequest: InstanceRequest{
			Name:            name,
			SoftwareRelease: text("url_string"),
			SoftwareType:    text("source_reference"),
			State:           plainState(text("slap_state")),
			Shared:          truth(properties["root_slave"]),
			Parameters:      parameters,
		},
		ConnectionParameters: connection,
	}}
	if news := properties["news"]; len(news) > 0 && string(news) != "null" {
		i.News = news
	}
	return i, nil
}

func truth(raw json.RawMessage) bool {
	switch string(raw) {
	case "", "0", "false", "null", `""`:
		return false
	}
	return true
}

// An exactDict is a JSON object whose numbers keep their digits.
type exactDict map[string]any

func (dict *exactDict) UnmarshalJSON(raw []byte) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return d.Decode((*map[string]any)(dict))
}

// connectionList reads connection parameters as a slapproxy gives them, XML in
// a string, and as the full Master does, a list of keys and values; of a
// document in "_" that is the keys and values of the document.
func connectionList(raw json.RawMessage) (Parameters, error) {
	var document string
	if json.Unmarshal(raw, &document) == nil {
		return ParseParameters(document)
	}
	var list []exactDict // of connection_key and connection_value
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, err
	}
	values := make(map[string]any, len(list))
	for _, item := range list {
		key, ok := item["connection_key"].(string)
		if !ok {
			return nil, errors.New("one has no connection_key")
		}
		values[key] = item["connection_value"]
	}
	return texts(values)
}
