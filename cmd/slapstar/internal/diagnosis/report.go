package diagnosis

import "time"

// A Report is what doctor --format json writes, described by doctor.schema.json. What was
// not asked, or is not of this kind of Master, is left out. Errors are one line each.
type Report struct {
	Time        time.Time    `json:"time"`
	Version     string       `json:"version"` // of slapstar
	Master      Master       `json:"master"`
	Interfaces  []Interface  `json:"interfaces"`
	Read        Read         `json:"read"`
	Me          *Me          `json:"me,omitempty"`
	Owners      *Owners      `json:"owners,omitempty"`
	Projects    *Projects    `json:"projects,omitempty"`
	Searches    []Search     `json:"searches,omitempty"`
	Products    *Products    `json:"products,omitempty"`
	Upgrades    *Upgrades    `json:"upgrades,omitempty"`
	Nodes       *Nodes       `json:"nodes,omitempty"`
	Oddities    []Oddity     `json:"oddities,omitempty"`
	Lags        []Lag        `json:"lags,omitempty"` // the newest last
	Clock       *Clock       `json:"clock,omitempty"`
	TLS         TLS          `json:"tls"`
	Certificate *Certificate `json:"certificate,omitempty"`
	Findings    []Finding    `json:"findings"`
}

// A Master is which one was asked.
type Master struct {
	URL   string `json:"url"`
	Kind  Kind   `json:"kind"`
	Error string `json:"error,omitempty"` // why nothing could be asked, or the kind is not known
}

// A Kind is a kind of Master.
type Kind string

// The kinds.
const (
	Unknown   Kind = "unknown"
	Slapproxy Kind = "slapproxy"
	Embedded  Kind = "embedded" // of slapstar itself, also one that it serves
	Full      Kind = "full"
)

// An Interface is one that a Master may have.
type Interface struct {
	Name    string `json:"name"` // legacy, hateoas or json-rpc
	URL     string `json:"url"`
	Answers bool   `json:"answers"`
	Absent  bool   `json:"absent,omitempty"` // this Master has none
	Error   string `json:"error,omitempty"`
}

// A Read is the bulk read with which every plan begins.
type Read struct {
	Seconds   float64 `json:"seconds"`
	Requests  int64   `json:"requests"`
	Instances int     `json:"instances"` // of ours
	Unread    int     `json:"unread"`    // of which the listing does not tell all, so that each is asked for
	Error     string  `json:"error,omitempty"`
}

// A Me is who the Master takes us for.
type Me struct {
	Document string `json:"document"` // such as person_module/1; empty where it does not tell
	Person   bool   `json:"person"`
	Error    string `json:"error,omitempty"`
}

// Owners are whose instances the Master lists.
type Owners struct {
	Works   bool   `json:"works"` // ours can be told from those of others
	Ours    int    `json:"ours"`
	Others  int    `json:"others"`
	Unknown int    `json:"unknown"` // of which it does not tell
	Error   string `json:"error,omitempty"`
}

// Projects are those that the Master lists.
type Projects struct {
	List     []string `json:"list"` // references
	Selected string   `json:"selected"`
	Error    string   `json:"error,omitempty"`
}

// A Search is how one of the searches is answered, of which a page was read.
type Search struct {
	Name    string   `json:"name"`
	Rows    int      `json:"rows"`
	Columns []Column `json:"columns,omitempty"` // that are null or odd somewhere, or fail
	Skipped string   `json:"skipped,omitempty"` // why it was not made
	Error   string   `json:"error,omitempty"`
}

// A Column is a column of a search that does not come back as it should.
type Column struct {
	Name  string `json:"name"`
	Null  int    `json:"null"`          // number of rows without a value
	Odd   int    `json:"odd"`           // number of rows with a value that cannot be read
	May   bool   `json:"may,omitempty"` // it may be
	Error string `json:"error,omitempty"`
}

// Products are the software products that may be asked for.
type Products struct {
	List  []Product `json:"list"`
	Error string    `json:"error,omitempty"`
}

// A Product is one of them.
type Product struct {
	Reference string   `json:"reference"`
	Project   string   `json:"project,omitempty"`
	Releases  []string `json:"releases"` // URLs, without user, query and fragment
	Types     []string `json:"types"`
}

// Upgrades are the upgrade decisions that are not carried out yet.
type Upgrades struct {
	Count  int          `json:"count"`
	States []StateCount `json:"states,omitempty"`
	Error  string       `json:"error,omitempty"`
}

// A StateCount is how many are in a state.
type StateCount struct {
	State string `json:"state"`
	Count int    `json:"count"`
}

// Nodes are the places that the Master lists.
type Nodes struct {
	Count int    `json:"count"`
	Error string `json:"error,omitempty"`
}

// An Oddity is a kind of oddity of the listing.
type Oddity struct {
	Kind   string   `json:"kind"` // column, text, name, duplicate, no-instance, owner, owners or reports
	Column string   `json:"column,omitempty"`
	All    bool     `json:"all,omitempty"` // it is so of all instances, and counted once
	Count  int      `json:"count"`
	Names  []string `json:"names,omitempty"` // with --names
}

// A Lag is how late something that was written from here was listed.
type Lag struct {
	Time    time.Time `json:"time"`
	Seconds float64   `json:"seconds"`
}

// A Clock is how far the Master's clock is ahead of ours; negative where it is behind.
type Clock struct {
	Seconds int `json:"seconds"`
}

// A TLS is how the connection is secured.
type TLS string

// The ways.
const (
	TLSVerified TLS = "verified"
	TLSInsecure TLS = "insecure" // --insecure: anybody may be at the other end
	TLSNone     TLS = "none"     // not encrypted
	TLSProcess  TLS = "process"  // the Master is in this process
)

// A Certificate is that of the client.
type Certificate struct {
	File     string    `json:"file"`
	Subject  string    `json:"subject,omitempty"`
	Ends     time.Time `json:"ends,omitzero"`
	DaysLeft int       `json:"days_left"`
	KeyFile  string    `json:"key_file"`
	KeyMode  string    `json:"key_mode,omitempty"` // such as 0600
	Error    string    `json:"error,omitempty"`
}

// A Finding is one line of the report.
type Finding struct {
	Level Level  `json:"level"`
	About string `json:"about"`           // in one or two words
	Found string `json:"found"`           // what was found
	Means string `json:"means,omitempty"` // what that means for slapstar; empty where all is well
	Do    string `json:"do,omitempty"`    // what to do; empty where there is nothing
}

// A Level says whether something is as it should be.
type Level string

// The levels.
const (
	OK      Level = "ok"
	Note    Level = "note"    // not as it should be, and slapstar works all the same
	Missing Level = "missing" // something that slapstar needs
)

// Sound reports whether nothing is missing.
func (r *Report) Sound() bool {
	for _, f := range r.Findings {
		if f.Level == Missing {
			return false
		}
	}
	return true
}
