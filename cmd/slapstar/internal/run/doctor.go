package run

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"slapstar/cmd/slapstar/internal/diagnosis"
	"slapstar/cmd/slapstar/internal/limit"
	"slapstar/engine"
	"slapstar/slap"
)

// A Doctor asks a Master, without changing anything, all that slapstar relies on.
type Doctor struct {
	Connection Connection
	Names      bool         // names of instances, and what the Master says in errors, are told
	Version    string       // of slapstar
	Watch      *limit.Watch // whose clock stops while the Master is asked; may be nil
}

// Report asks one question after the other; one that fails does not end it. An error
// means that there is no Master to ask, or that ctx has ended.
func (d Doctor) Report(ctx context.Context) (*diagnosis.Report, error) {
	d.Connection.once = true
	settings, err := d.Connection.Configuration("")
	if err != nil {
		return nil, err
	}
	r := &diagnosis.Report{Time: time.Now().UTC().Truncate(time.Second), Version: d.Version, Interfaces: []diagnosis.Interface{}}
	location := settings.MasterURL
	if d.Connection.MasterURL != "" {
		location = d.Connection.MasterURL
	}
	r.TLS = d.tls(location)
	if !strings.HasPrefix(location, embedded) {
		if options, err := d.Connection.clientOptions(settings); err == nil { // else opening says it
			r.Certificate = certificateFacts(options, r.Time)
		}
	}
	m, err := d.Connection.Open("", true)
	switch {
	case err != nil && (r.Certificate == nil || r.Certificate.Error == ""):
		return nil, err
	case err != nil:
		r.Master = diagnosis.Master{URL: place(location), Kind: diagnosis.Unknown, Error: "there is no connection without the certificate"}
	default:
		resume := m.Wait(d.Watch)
		d.ask(ctx, m, r)
		resume()
		if err := m.Close(); err != nil {
			return nil, err
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	r.Findings = diagnosis.Judge(r)
	return r, nil
}

func (d Doctor) tls(location string) diagnosis.TLS {
	switch {
	case strings.HasPrefix(location, embedded):
		return diagnosis.TLSProcess
	case !strings.HasPrefix(strings.ToLower(location), "https:"):
		return diagnosis.TLSNone
	case d.Connection.Insecure:
		return diagnosis.TLSInsecure
	}
	return diagnosis.TLSVerified
}

// ask fills a report with what the Master says.
func (d Doctor) ask(ctx context.Context, m *Master, r *diagnosis.Report) {
	reader := m.Reader()
	r.Master.URL = place(m.Name())
	for _, e := range reader.Endpoints(ctx) {
		absent := errors.Is(e.Err, slap.ErrUnsupported)
		r.Interfaces = append(r.Interfaces, diagnosis.Interface{Name: string(e.Interface), URL: place(e.URL), Answers: e.Err == nil, Absent: absent, Error: d.told(e.Err)})
	}
	full, err := reader.Full(ctx)
	begin, before := time.Now(), m.Requests.Requests()
	state, failed := engine.Observe(ctx, reader)
	r.Read = diagnosis.Read{Seconds: float64(time.Since(begin).Milliseconds()) / 1000, Requests: m.Requests.Requests() - before, Error: d.told(failed)}
	if failed == nil {
		r.Read.Instances, r.Read.Unread = len(state.Instances), len(state.Unread)
		r.Oddities = d.oddities(state.Odd)
	}
	switch {
	case full:
		r.Master.Kind = diagnosis.Full
	case m.url == "", failed == nil && !state.CreateSerially:
		r.Master.Kind = diagnosis.Embedded
	case failed == nil, err == nil && slices.ContainsFunc(r.Interfaces, func(i diagnosis.Interface) bool { return i.Answers }):
		r.Master.Kind = diagnosis.Slapproxy
	default:
		r.Master.Kind = diagnosis.Unknown
	}
	if full {
		d.askFull(ctx, reader, r)
	}
	d.askSite(ctx, m, r)
	for _, l := range lags(m.Location) {
		r.Lags = append(r.Lags, diagnosis.Lag{Time: l.Time, Seconds: float64(l.Lag.Milliseconds()) / 1000})
	}
	if m.clock != nil {
		if ahead, known := m.clock.now(); known {
			r.Clock = &diagnosis.Clock{Seconds: int(ahead.Round(time.Second) / time.Second)}
		}
	}
}

// askFull asks what a full Master alone has.
func (d Doctor) askFull(ctx context.Context, reader slap.Reader, r *diagnosis.Report) {
	me, err := reader.Me(ctx)
	r.Me = &diagnosis.Me{Document: me, Person: strings.HasPrefix(me, "person_module/"), Error: d.told(err)}
	r.Owners = &diagnosis.Owners{}
	all, _, err := reader.AllInstances(ctx)
	for _, i := range all {
		switch {
		case i.Owner == "":
			r.Owners.Unknown++
		case i.Owner == me:
			r.Owners.Ours++
		default:
			r.Owners.Others++
		}
	}
	r.Owners.Works, r.Owners.Error = err == nil && me != "" && r.Owners.Unknown == 0, d.told(err)

	projects, err := reader.Projects(ctx)
	r.Projects = &diagnosis.Projects{List: []string{}, Selected: reader.Project(), Error: d.told(err)}
	for _, p := range projects {
		r.Projects.List = append(r.Projects.List, p.Reference)
	}
	searches, err := reader.Survey(ctx)
	if err != nil {
		r.Searches = []diagnosis.Search{{Name: "all", Error: d.told(err)}}
	}
	for _, s := range searches {
		r.Searches = append(r.Searches, d.search(s))
	}
	decisions, err := reader.UpgradeDecisions(ctx)
	r.Upgrades = &diagnosis.Upgrades{Count: len(decisions), Error: d.told(err)}
	counts := map[string]int{}
	for _, u := range decisions {
		counts[u.State]++
	}
	for _, state := range sorted(counts) {
		r.Upgrades.States = append(r.Upgrades.States, diagnosis.StateCount{State: state, Count: counts[state]})
	}
}

// askSite asks for products and nodes.
func (d Doctor) askSite(ctx context.Context, m *Master, r *diagnosis.Report) {
	products, err := m.ListProducts(ctx)
	r.Products = &diagnosis.Products{List: []diagnosis.Product{}, Error: d.told(err)}
	for _, p := range products {
		product := diagnosis.Product{Reference: p.Reference, Project: p.Project, Releases: []string{}, Types: append([]string{}, p.Types...)}
		for _, release := range p.Releases {
			product.Releases = append(product.Releases, place(release.URL))
		}
		r.Products.List = append(r.Products.List, product)
	}
	nodes, err := m.Reader().AllNodes(ctx)
	r.Nodes = &diagnosis.Nodes{Count: len(nodes), Error: d.told(err)}
}

func (d Doctor) search(s slap.Survey) diagnosis.Search {
	search := diagnosis.Search{Name: s.Search, Rows: s.Rows, Skipped: s.Skipped, Error: d.told(s.Err)}
	for _, c := range s.Columns {
		if c.Null > 0 || c.Odd > 0 || c.Err != nil {
			search.Columns = append(search.Columns, diagnosis.Column{Name: c.Name, Null: c.Null, Odd: c.Odd, May: c.May, Error: d.told(c.Err)})
		}
	}
	return search
}

// place is a URL without what may be secret in it: user, query and fragment. Other text
// stays.
func place(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "a URL that cannot be parsed"
	}
	if u.Host == "" {
		text, _, _ = strings.Cut(text, "?")
		return text
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
	return u.String()
}

// told is an error as a report has it. What the Master says may name instances and
// have their parameters in it: of that the kind is told, and the rest with the names.
func (d Doctor) told(err error) string {
	if err == nil {
		return ""
	}
	if d.Names {
		return strings.Join(strings.Fields(err.Error()), " ")
	}
	if status, ok := errors.AsType[*slap.StatusError](err); ok {
		bare := *status
		bare.URL, bare.Value = place(status.URL), ""
		text := bare.Error()
		if status.Meaning != slap.Unclear {
			text += ": " + status.Meaning.String()
		}
		return text
	}
	if content, ok := errors.AsType[*slap.ContentError](err); ok {
		return fmt.Sprintf("%s: the answer is not %s", place(content.URL), content.Want)
	}
	for _, known := range []error{slap.ErrTLS, slap.ErrUnreachable, slap.ErrElsewhere, slap.ErrTooMuch, slap.ErrUnsupported, slap.ErrUnauthorized, slap.ErrBusy, slap.ErrNotReady, slap.ErrNoProject, slap.ErrNotFound, slap.ErrRefused, slap.ErrNotAMaster} {
		if !errors.Is(err, known) {
			continue
		}
		if wrapped, ok := errors.AsType[*url.Error](err); ok { // of the connection, and not of the Master
			return fmt.Sprintf("%v: %v", known, wrapped.Err)
		}
		return known.Error()
	}
	return "the answer cannot be read"
}
