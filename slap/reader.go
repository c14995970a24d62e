package slap

import "context"

// A Reader is a client that has no method which changes anything: what planning
// is handed.
type Reader struct {
	c    *Client
	read *counter // what is read counts here; may be nil
}

// Reader returns the read-only view of a client.
func (c *Client) Reader() Reader { return Reader{c: c} }

// Bounded returns a Reader that fails with [ErrTooMuch] once all that it and its copies
// have read is more than [Limits].Reads: what one plan reads.
func (r Reader) Bounded() Reader {
	r.read = &counter{what: "in all reads of one plan", most: r.c.limits.Reads}
	return r
}

func (r Reader) counting(ctx context.Context) context.Context {
	if r.read == nil {
		return ctx
	}
	return context.WithValue(ctx, counterKey{}, r.read)
}

// Instances is [Client.Instances].
func (r Reader) Instances(ctx context.Context) (*InstanceList, error) {
	return r.c.Instances(r.counting(ctx))
}

// Instance is [Client.Instance].
func (r Reader) Instance(ctx context.Context, name string) (Instance, error) {
	return r.c.Instance(r.counting(ctx), name)
}

// Full is [Client.Full].
func (r Reader) Full(ctx context.Context) (bool, error) { return r.c.Full(r.counting(ctx)) }

// SoftwareInstallations is [Client.SoftwareInstallations].
func (r Reader) SoftwareInstallations(ctx context.Context, computer string) ([]SoftwareInstallation, error) {
	return r.c.SoftwareInstallations(r.counting(ctx), computer)
}

// Nodes is [Client.Nodes].
func (r Reader) Nodes(ctx context.Context) ([]Node, error) {
	return r.c.Nodes(r.counting(ctx))
}

// The listings below are of a full Master.

// Me is [Client.Me].
func (r Reader) Me(ctx context.Context) (string, error) { return r.c.Me(r.counting(ctx)) }

// Project is [Client.Project].
func (r Reader) Project() string { return r.c.Project() }

// Projects is [Client.Projects].
func (r Reader) Projects(ctx context.Context) ([]Project, error) {
	return r.c.Projects(r.counting(ctx))
}

// AllInstances is [Client.AllInstances].
func (r Reader) AllInstances(ctx context.Context) ([]Instance, []Oddity, error) {
	return r.c.AllInstances(r.counting(ctx))
}

// AllNodes is [Client.AllNodes].
func (r Reader) AllNodes(ctx context.Context) ([]Node, error) { return r.c.AllNodes(r.counting(ctx)) }

// SoftwareProducts is [Client.SoftwareProducts].
func (r Reader) SoftwareProducts(ctx context.Context) ([]SoftwareProduct, error) {
	return r.c.SoftwareProducts(r.counting(ctx))
}

// UpgradeDecisions is [Client.UpgradeDecisions].
func (r Reader) UpgradeDecisions(ctx context.Context) ([]UpgradeDecision, error) {
	return r.c.UpgradeDecisions(r.counting(ctx))
}
