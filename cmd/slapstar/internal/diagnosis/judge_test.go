package diagnosis

import (
	"fmt"
	"testing"
	"time"
)

var day = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// sound is a report about a full Master with which all is well.
func sound() *Report {
	return &Report{
		Time: day, Master: Master{URL: "https://m.example/", Kind: Full}, TLS: TLSVerified,
		Interfaces:  []Interface{{Name: "legacy", Answers: true}, {Name: "hateoas", Answers: true}, {Name: "json-rpc", Answers: true}},
		Me:          &Me{Document: "person_module/1", Person: true},
		Owners:      &Owners{Works: true, Ours: 1},
		Projects:    &Projects{List: []string{"P"}, Selected: "P"},
		Searches:    []Search{{Name: "trees", Rows: 2, Columns: []Column{{Name: "sla_xml", Null: 2, May: true}}}},
		Products:    &Products{List: []Product{{Reference: "kvm", Releases: []string{"r"}, Types: []string{"t"}}}},
		Upgrades:    &Upgrades{},
		Nodes:       &Nodes{Count: 1},
		Clock:       &Clock{Seconds: 2},
		Certificate: &Certificate{Subject: "CN=a", Ends: day.Add(100 * 24 * time.Hour), DaysLeft: 100, KeyMode: "0600"},
	}
}

// All is well, or one thing is not: that one line says so, with what it means and, where
// somebody can do something, what.
func TestJudge(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*Report)
		want   string // the levels and subjects of what is not ok
	}{
		{"nothing", func(*Report) {}, ""},
		{"no answer", func(r *Report) { r.Master.Error = "x" }, "missing Master"},
		{"unknown", func(r *Report) { r.Master.Kind = Unknown }, "missing Master"},
		{"legacy", func(r *Report) { r.Interfaces[0] = Interface{Name: "legacy", Error: "x"} }, "missing legacy"},
		{"hateoas", func(r *Report) { r.Interfaces[1] = Interface{Name: "hateoas", Error: "x"} }, "missing hateoas"},
		{"no hateoas", func(r *Report) { r.Interfaces[1] = Interface{Name: "hateoas", Absent: true} }, "note hateoas"},
		{"json-rpc", func(r *Report) { r.Interfaces[2] = Interface{Name: "json-rpc", Error: "x"} }, "note json-rpc"},
		{"no json-rpc", func(r *Report) { r.Interfaces[2] = Interface{Name: "json-rpc", Absent: true} }, "note json-rpc"},
		{"a slow read", func(r *Report) { r.Read.Seconds = 31 }, "note bulk read"},
		{"partial", func(r *Report) { r.Read.Unread = 1 }, "note bulk read"},
		{"no read", func(r *Report) { r.Read.Error = "x" }, "missing bulk read"},
		{"nobody", func(r *Report) { r.Me = &Me{} }, "note me"},
		{"a node", func(r *Report) { r.Me = &Me{Document: "compute_node_module/1"} }, "missing me"},
		{"owners not told", func(r *Report) { r.Owners = &Owners{Unknown: 1} }, "note owners"},
		{"some owners not told", func(r *Report) { r.Owners = &Owners{Unknown: 1, Ours: 1} }, "note owners"},
		{"owners fail", func(r *Report) { r.Owners = &Owners{Error: "x"} }, "note owners"},
		{"and the read", func(r *Report) { r.Owners, r.Read.Error = &Owners{Error: "x"}, "x" }, "missing bulk read, missing owners"},
		{"no project of several", func(r *Report) { r.Projects = &Projects{List: []string{"A", "B"}} }, "missing projects"},
		{"the only project", func(r *Report) { r.Projects = &Projects{List: []string{"A"}} }, ""},
		{"no project", func(r *Report) { r.Projects = &Projects{} }, "note projects"},
		{"a project that is not listed", func(r *Report) { r.Projects.Selected = "Q" }, "missing projects"},
		{"projects may not be listed", func(r *Report) { r.Projects.List = nil }, "note projects"},
		{"projects fail", func(r *Report) { r.Projects.Error = "x" }, "note projects"},
		{"a column that is needed", func(r *Report) { r.Searches[0].Columns[0] = Column{Name: "title", Null: 2} }, "missing search trees"},
		{"a column that JSON-RPC has", func(r *Report) { r.Searches[0].Columns[0] = Column{Name: "url_string", Null: 2} }, "note search trees"},
		{"and JSON-RPC does not answer", func(r *Report) {
			r.Searches[0].Columns[0], r.Interfaces[2] = Column{Name: "url_string", Null: 2}, Interface{Name: "json-rpc", Absent: true}
		}, "note json-rpc, missing search trees"},
		{"a column in one row", func(r *Report) { r.Searches[0].Columns[0] = Column{Name: "title", Null: 1} }, "note search trees"},
		{"a column in another form", func(r *Report) { r.Searches[0].Columns[0] = Column{Name: "sla_xml", May: true, Odd: 1, Null: 1} }, "note search trees"},
		{"a needed one", func(r *Report) { r.Searches[0].Columns[0] = Column{Name: "title", Odd: 2} }, "missing search trees"},
		{"the query by owner", func(r *Report) { r.Searches[0] = Search{Name: "owned", Rows: 2} }, "note search owned"},
		{"many of ours", func(r *Report) { r.Searches[0], r.Owners.Ours = Search{Name: "owned", Rows: 200}, 345 }, ""},
		{"the query fails", func(r *Report) { r.Searches[0] = Search{Name: "owned", Error: "x"} }, "note search owned"},
		{"a quote", func(r *Report) { r.Searches[0] = Search{Name: "quoted", Rows: 1} }, "note search quoted"},
		{"a column that fails", func(r *Report) { r.Searches[0].Columns[0] = Column{Name: "slap_state", Error: "x"} }, "note search trees"},
		{"no rows", func(r *Report) { r.Searches[0] = Search{Name: "trees", Columns: []Column{{Name: "title"}}} }, ""},
		{"a search", func(r *Report) { r.Searches[0].Error = "x" }, "missing search trees"},
		{"a search of nodes", func(r *Report) { r.Searches[0] = Search{Name: "nodes", Error: "x"} }, "note search nodes"},
		{"no software to look at", func(r *Report) { r.Searches[0] = Search{Name: "installations", Skipped: "x"} }, ""},
		{"nodes", func(r *Report) { r.Nodes.Error = "x" }, "missing nodes"},
		{"no products", func(r *Report) { r.Products.List = nil }, "note products"},
		{"a product without types", func(r *Report) { r.Products.List[0].Types = nil }, "note product kvm"},
		{"decisions", func(r *Report) { r.Upgrades = &Upgrades{Count: 1, States: []StateCount{{"planned", 1}}} }, ""},
		{"decisions fail", func(r *Report) { r.Upgrades.Error = "x" }, "note upgrades"},
		{"a lag", func(r *Report) { r.Lags = []Lag{{Seconds: 2}} }, ""},
		{"a long lag", func(r *Report) { r.Lags = []Lag{{Seconds: 40}, {Seconds: 1}} }, "note lag"},
		{"a minute", func(r *Report) { r.Clock.Seconds = -60 }, ""},
		{"ahead", func(r *Report) { r.Clock.Seconds = 3600 }, "note clock"},
		{"behind", func(r *Report) { r.Clock.Seconds = -61 }, "note clock"},
		{"--insecure", func(r *Report) { r.TLS = TLSInsecure }, "note TLS"},
		{"no TLS", func(r *Report) { r.TLS = TLSNone }, "note TLS"},
		{"no certificate", func(r *Report) { r.Certificate = nil }, "missing certificate"},
		{"a certificate that ends", func(r *Report) { r.Certificate.DaysLeft = 29 }, "note certificate"},
		{"a certificate that ended", func(r *Report) { r.Certificate.Ends = day.Add(-time.Hour) }, "missing certificate"},
		{"a key for all", func(r *Report) { r.Certificate.KeyMode = "0640" }, "note key file"},
		{"a key for nobody else", func(r *Report) { r.Certificate.KeyMode = "0400" }, ""},
		{"a slapproxy", func(r *Report) {
			*r = Report{Time: day, Master: Master{Kind: Slapproxy}, TLS: TLSNone, Products: &Products{}, Nodes: &Nodes{}}
		}, ""},
	} {
		r := sound()
		test.change(r)
		r.Findings = Judge(r)
		got, missing := "", false
		for _, f := range r.Findings {
			if f.Level == OK {
				if f.Means+f.Do != "" {
					t.Errorf("%s: it is ok, and means something: %+v", test.name, f)
				}
				continue
			}
			missing = missing || f.Level == Missing
			if got != "" {
				got += ", "
			}
			got += fmt.Sprintf("%s %s", f.Level, f.About)
			if f.Means == "" || f.Found == "" {
				t.Errorf("%s: it does not say what it means: %+v", test.name, f)
			}
		}
		if got != test.want || missing == r.Sound() {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
