package slap

import (
	"context"
	"net/url"

	"slapstar/slap/marshal"
)

// StatusTexts are what was reported last of something: under "text" the report, and
// on the full Master "state", "user", "since" and more.
type StatusTexts = Parameters

// PartitionStatus returns the last report about the instance in a partition. A
// slapproxy has only a text, always the same.
func (c *Client) PartitionStatus(ctx context.Context, computer, partition string) (StatusTexts, error) {
	return c.status(ctx, "getComputerPartitionStatus", partitionFields(computer, partition))
}

// NodeStatus returns the last report of a compute node. A slapproxy has only a
// text, always the same.
func (c *Client) NodeStatus(ctx context.Context, computer string) (StatusTexts, error) {
	return firstOf(ctx, c, "NodeStatus", func(ctx context.Context) (StatusTexts, error) {
		var answer map[string]any
		if err := c.call(ctx, call{name: "get.v0.compute_node_status"}, map[string]string{"computer_guid": computer}, &answer); err != nil {
			return nil, err
		}
		return texts(answer)
	}, func(ctx context.Context) (StatusTexts, error) {
		return c.status(ctx, "getComputerStatus", url.Values{"computer_id": {computer}})
	})
}

// SoftwareStatus returns the last report about a software release on a compute
// node. The full Master alone has it.
func (c *Client) SoftwareStatus(ctx context.Context, computer, release string) (StatusTexts, error) {
	return c.status(ctx, "getSoftwareInstallationStatus", url.Values{"computer_id": {computer}, "url": {release}})
}

func (c *Client) status(ctx context.Context, endpoint string, query url.Values) (StatusTexts, error) {
	answer, err := c.get(ctx, call{name: endpoint, optional: true}, query)
	if err != nil {
		return nil, err
	}
	if text, err := marshal.Decode(answer); err == nil {
		if s, ok := text.(string); ok {
			return StatusTexts{"text": s}, nil
		}
	}
	dict, err := decodeMarshal[map[string]any](c, endpoint, answer)
	return storedTexts(dict, nil), err
}
