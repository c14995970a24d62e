package slap

import "context"

// A Reader is a client that has no method which changes anything: what planning
// is handed.
type Reader struct{ c *Client }

// Reader returns the read-only view of a client.
func (c *Client) Reader() Reader { return Reader{c} }

// Instances is [Client.Instances].
func (r Reader) Instances(ctx context.Context) (*InstanceList, error) { return r.c.Instances(ctx) }

// Instance is [Client.Instance].
func (r Reader) Instance(ctx context.Context, name string) (Instance, error) {
	return r.c.Instance(ctx, name)
}

// Full is [Client.Full].
func (r Reader) Full(ctx context.Context) (bool, error) { return r.c.Full(ctx) }

// SoftwareInstallations is [Client.SoftwareInstallations].
func (r Reader) SoftwareInstallations(ctx context.Context, computer string) ([]SoftwareInstallation, error) {
	return r.c.SoftwareInstallations(ctx, computer)
}

// Nodes is [Client.Nodes].
func (r Reader) Nodes(ctx context.Context) ([]Node, error) { return r.c.Nodes(ctx) }
