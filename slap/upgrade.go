package slap

import (
	"context"
	"fmt"
	"strings"
)

// An UpgradeDecision is how an instance tree of a full Master gets another release: the
// Master plans one, its owner accepts it in the panel, and the Master carries it out. No
// request does that.
type UpgradeDecision struct {
	Reference string
	Title     string
	State     string // planned, confirmed or started
	Document  string // of the instance tree, see [Instance]; empty where it is not told
	Tree      string // its name; empty where it is not told
}

// upgradeQuery is that of what is not done yet. Portal type and states were read in the
// Master's source; the query was never tried.
const upgradeQuery = `portal_type:"Upgrade Decision" AND simulation_state:("planned", "confirmed", "started")`

// UpgradeDecisions lists the decisions that are not carried out yet and that we may see,
// also those of others. The error wraps [ErrUnsupported] on a Master that has none.
func (c *Client) UpgradeDecisions(ctx context.Context) ([]UpgradeDecision, error) {
	h, err := c.hateoas(ctx)
	if err != nil {
		return nil, err
	}
	if !h.limited() {
		return nil, fmt.Errorf("upgrade decisions: %w", ErrUnsupported)
	}
	type decisionRow struct {
		Title, Reference, Aggregate cell
		State                       cell `json:"simulation_state"`
		Tree                        cell `json:"aggregate_title"`
	}
	rows, err := searchAll[decisionRow](ctx, c, h, upgradeQuery, "title", "reference", "simulation_state", "aggregate", "aggregate_title")
	if err != nil {
		return nil, err
	}
	list := make([]UpgradeDecision, len(rows))
	for n, r := range rows {
		d := &list[n]
		d.Title, _ = r.Title.text()
		d.Reference, _ = r.Reference.text()
		d.State, _ = r.State.text()
		d.Tree, _ = r.Tree.text()
		d.Document, _ = r.Aggregate.text()
		d.Document = strings.TrimPrefix(d.Document, jioPrefix)
	}
	return list, nil
}
