package slap

import (
	"context"
	"fmt"
	"strings"
)

// persons is where the persons of a full Master are. Whoever has a document elsewhere,
// as a node has, owns nothing.
const persons = "person_module/"

// Me returns who the Master takes us for, such as person_module/1: as an instance names
// its owner. It is empty where the Master does not tell. The error wraps
// [ErrUnsupported] on a Master that has no persons.
func (c *Client) Me(ctx context.Context) (string, error) {
	h, err := c.hateoas(ctx)
	if err != nil {
		return "", err
	}
	if !h.limited() {
		return "", fmt.Errorf("who we are: %w", ErrUnsupported)
	}
	return h.me, nil
}

// person is Me for what only a person has.
func (h *hypermedia) person() (string, error) {
	if h.me != "" && !strings.HasPrefix(h.me, persons) {
		return "", &certificateError{h.me}
	}
	return h.me, nil
}

// A certificateError is that the Master takes us for something else than a person.
type certificateError struct{ me string }

func (e *certificateError) Error() string {
	return fmt.Sprintf("the Master takes us for %s, which is no person and owns nothing", oneLine(e.me))
}
func (e *certificateError) Unwrap() error    { return ErrUnauthorized }
func (e *certificateError) meaning() Meaning { return NodeCertificate }

// An OtherProjectError is that an instance of a name exists, in another project than
// the client's: a name is taken in all projects of a person.
type OtherProjectError struct {
	Name    string
	Project string // of the instance
	Wanted  string // that of the client
}

func (e *OtherProjectError) Error() string {
	return fmt.Sprintf("instance %q: it is in project %s, and not in %s", e.Name, e.Project, e.Wanted)
}
func (e *OtherProjectError) Unwrap() error    { return ErrRefused }
func (e *OtherProjectError) meaning() Meaning { return TitleElsewhere }

// A duplicateError is that two instance trees of a person have one name.
type duplicateError struct{ name string }

func (e *duplicateError) Error() string {
	return fmt.Sprintf("instance %q: there are two of this name", e.name)
}
func (e *duplicateError) Unwrap() error    { return ErrRefused }
func (e *duplicateError) meaning() Meaning { return DamagedMaster }

// errOwners is that the Master tells neither who we are nor lists one person's alone.
var errOwners = fmt.Errorf("the Master lists instances of several persons and does not tell which one we are: %w", ErrUnsupported)

// IsRemote reports whether a full Master made an instance tree by itself, for a Remote Node:
// _remote_PROJECT_REFERENCE. It is in the account of the person behind the node, and not
// theirs to change.
func IsRemote(name string) bool {
	rest, ok := strings.CutPrefix(name, "_remote_")
	project, reference, two := strings.Cut(rest, "_")
	return ok && two && project != "" && reference != ""
}

// ownedQuery is what limits a search of instance trees to those of a person, where the
// Master leaves the column out.
func (h *hypermedia) ownedQuery() (string, error) {
	me, err := h.quoted(h.me)
	return " AND destination_section_relative_url:" + me, err
}

// owners tells whose the trees of a reading are: ours, somebody's, or not to be known.
//
// A search answers what a user may see, which for a manager are the trees of others, too.
// The owner is a column. If no row has it, the Master is asked for ours once more.
func (c *Client) owners(ctx context.Context, h *hypermedia, r *reading, query string) error {
	me, err := h.person()
	if err != nil {
		return err
	}
	told, persons := 0, map[string]bool{}
	for _, t := range r.trees {
		if t.Owner != "" {
			told++
			persons[t.Owner] = true
		}
	}
	switch {
	case len(r.trees) == 0:
	case me == "" && len(persons) > 1:
		return errOwners
	case me == "" && told == 0:
		r.odd = append(r.odd, Oddity{Kind: OddOwners})
		fallthrough
	case me == "":
		for _, t := range r.trees {
			t.mine = true
		}
	case told == 0:
		return c.askOwner(ctx, h, r, query)
	default:
		for _, t := range r.trees {
			t.mine = t.Owner == me
			if t.Owner == "" {
				r.odd = append(r.odd, Oddity{Kind: OddOwner, Name: t.Name})
			}
		}
	}
	return nil
}

func (c *Client) askOwner(ctx context.Context, h *hypermedia, r *reading, query string) error {
	owned, err := h.ownedQuery()
	if err != nil {
		return err
	}
	rows, err := searchAll[treeRow](ctx, c, h, query+owned, "relative_url")
	if err != nil {
		return err
	}
	mine := map[string]bool{}
	for _, row := range rows {
		mine[row.path()] = true
	}
	if len(mine) == 0 || mine[""] {
		return errOwnerColumn
	}
	for _, t := range r.trees {
		if t.mine = mine[t.Document]; t.mine {
			t.Owner = h.me
		}
	}
	return nil
}

// errOwnerColumn is that neither way tells whose an instance is.
var errOwnerColumn = fmt.Errorf("the Master lists instances and does not tell whose they are: %w", ErrUnsupported)
