package proxy

import (
	"bytes"
	"cmp"
	_ "embed"
	"html/template"
	"net/http"
	"slices"
	"strings"

	"slapstar/slap"
)

//go:embed panel.html
var panelSource string

var panelTemplate = template.Must(template.New("panel").Parse(panelSource))

// maxPanelRows is how many rows each table of the panel shows.
const maxPanelRows = 500

// A panel is the page at /: what this Master has, as far as it matches a search.
type panel struct {
	Query     string
	Computer  string // the default node
	Nodes     []panelNode
	Instances []panelInstance
	Software  []slap.SoftwareInstallation

	NodeCount, InstanceCount, SoftwareCount int // that match; the lists may be shorter
}

type panelNode struct {
	Reference      string
	Free, Occupied int
	Partitions     []panelPartition // the first ones
	PartitionCount int
}

type panelPartition struct {
	Reference string
	Addresses []string
	Instance  string // empty when free
}

type panelInstance struct {
	Title, Root, Release, Type, State, Status string
	Shared                                    bool
	Node, Partition                           string
	Parameters, Connection                    []panelPair
}

type panelPair struct{ Key, Value string }

func (s *Server) panelRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		p, err := s.readPanel(r.URL.Query().Get("q"))
		if err != nil {
			s.errorPage(w, err)
			return
		}
		var page bytes.Buffer
		if err := panelTemplate.Execute(&page, p); err != nil {
			s.errorPage(w, err)
			return
		}
		header := w.Header()
		header.Set("Content-Type", "text/html; charset=utf-8")
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "no-store") // there are passwords in it
		w.Write(page.Bytes())
	})
}

// IsError reports whether what a node reported last is an error.
func (p *panel) IsError(status string) bool { return strings.HasPrefix(status, "#error") }

// matches reports whether one of the texts contains each word of the search,
// whatever its case.
func (p *panel) matches(texts ...string) bool {
	all := strings.ToLower(strings.Join(texts, "\n"))
	for word := range strings.FieldsSeq(strings.ToLower(p.Query)) {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}

func pairs(p slap.Parameters) []panelPair {
	list := make([]panelPair, 0, len(p))
	for key, value := range p {
		list = append(list, panelPair{key, value})
	}
	slices.SortFunc(list, func(a, b panelPair) int { return cmp.Compare(a.Key, b.Key) })
	return list
}

// searchable is what a search looks at in parameters.
func searchable(list []panelPair) string {
	var b strings.Builder
	for _, p := range list {
		b.WriteString(p.Key + "\n" + p.Value + "\n")
	}
	return b.String()
}

// readPanel reads all and keeps what matches.
func (s *Server) readPanel(query string) (*panel, error) {
	p := &panel{Query: query, Computer: s.options.Computer}
	instances, err := findInstances(s.db, "1")
	if err != nil {
		return nil, err
	}
	on := map[host]string{} // titles by place
	for _, i := range instances {
		if !i.shared {
			on[host{i.computer, i.partition}] = i.title
		}
		if i.archived { // on its partition, and nobody's any more
			continue
		}
		if err := p.addInstance(i); err != nil {
			return nil, err
		}
	}
	nodes, err := findNodes(s.db, "1")
	if err != nil {
		return nil, err
	}
	for _, n := range nodes {
		partitions, err := findPartitions(s.db, n.reference)
		if err != nil {
			return nil, err
		}
		p.addNode(n.reference, partitions, on)
	}
	software, err := findSoftware(s.db, "1")
	if err != nil {
		return nil, err
	}
	for _, w := range software {
		if p.matches(w.SoftwareRelease, w.Computer, w.State) {
			p.SoftwareCount++
			if len(p.Software) < maxPanelRows {
				p.Software = append(p.Software, w.SoftwareInstallation)
			}
		}
	}
	return p, nil
}

func (p *panel) addInstance(i instance) error {
	parameters, err := slap.ParseParameters(i.parameters)
	if err != nil {
		return err
	}
	connection, err := slap.ParseParameters(i.connection.String)
	if err != nil {
		return err
	}
	row := panelInstance{Title: i.title, Root: i.root, Release: i.release, Type: i.kind, State: i.state, Status: i.status, Shared: i.shared,
		Node: i.computer, Partition: i.partition, Parameters: pairs(parameters), Connection: pairs(connection)}
	if !p.matches(i.title, i.root, i.release, i.kind, i.state, i.computer, i.partition, searchable(row.Parameters), searchable(row.Connection)) {
		return nil
	}
	p.InstanceCount++
	if len(p.Instances) < maxPanelRows {
		p.Instances = append(p.Instances, row)
	}
	return nil
}

func (p *panel) addNode(reference string, partitions []partition, on map[host]string) {
	n := panelNode{Reference: reference}
	for _, slot := range partitions {
		row := panelPartition{Reference: slot.reference, Instance: on[host{reference, slot.reference}]}
		for _, a := range slot.addresses {
			row.Addresses = append(row.Addresses, a[1])
		}
		if row.Instance == "" {
			n.Free++
		} else {
			n.Occupied++
		}
		if !p.matches(reference, row.Reference, row.Instance, strings.Join(row.Addresses, "\n")) {
			continue
		}
		n.PartitionCount++
		if len(n.Partitions) < maxPanelRows {
			n.Partitions = append(n.Partitions, row)
		}
	}
	if n.PartitionCount > 0 || p.matches(reference) {
		p.NodeCount++
		p.Nodes = append(p.Nodes, n)
	}
}
