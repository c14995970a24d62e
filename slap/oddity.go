package slap

import "fmt"

// An Oddity is something in a listing that is not as it should be, or that the Master
// does not tell. It does not end the listing.
type Oddity struct {
	Kind   OddityKind
	Name   string // of the instance tree; empty if it is not of one, or of all
	Detail string // what the kind says: a column, a person, a message; may be empty
}

// An OddityKind is a kind of [Oddity].
type OddityKind int

// The kinds of oddities.
const (
	OddColumn     OddityKind = iota // the Master does not tell one of its attributes: Detail is the column
	OddText                         // an attribute cannot be read: Detail says why
	OddName                         // a row without a name: Detail is its document
	OddDuplicate                    // there are two of its name: nothing is taken from either
	OddNoInstance                   // it has no instance yet: its subscription may be waited for
	OddOwner                        // the Master does not tell whose it is: it is left out
	OddOwners                       // the Master does not tell who owns what: all that it lists counts as ours
	OddReports                      // the Master does not tell what nodes report, and where instances are
)

func (o Oddity) String() string {
	s := [...]string{
		OddColumn:     "the Master does not tell its " + o.Detail,
		OddText:       "cannot be read: " + o.Detail,
		OddName:       "the Master lists " + o.Detail + " without a name",
		OddDuplicate:  "the Master lists two of this name",
		OddNoInstance: "has no instance yet; its subscription may be waited for",
		OddOwner:      "the Master does not tell whose it is: left out",
		OddOwners:     "the Master does not tell who owns an instance: all that it lists count as yours",
		OddReports:    "the Master does not tell what nodes report, and where instances are",
	}[o.Kind]
	if o.Name != "" {
		return fmt.Sprintf("instance %q: %s", o.Name, s)
	}
	return s
}
