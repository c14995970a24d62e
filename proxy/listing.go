package proxy

import (
	"bufio"
	"encoding/json"
	"io"

	"slapstar/proxy/internal/store"
)

// A stream is an answer that is written while it is read: the listing of a whole
// Master is megabytes long.
type stream func(io.Writer) error

// A listedTree is a row of the search for trees: a plain root instance. The order
// of the fields is that of slapproxy.
type listedTree struct {
	Title              string  `json:"title"`
	URLString          string  `json:"url_string"`
	RelativeURL        string  `json:"relative_url"`
	PartitionReference string  `json:"partition_reference"`
	Reference          string  `json:"reference"`
	ComputerReference  string  `json:"computer_reference"`
	SlapState          string  `json:"slap_state"`
	SoftwareRelease    string  `json:"software_release"`
	SoftwareType       string  `json:"software_type"`
	XML                string  `json:"xml"`
	ConnectionXML      *string `json:"connection_xml"`
	RequestedState     string  `json:"requested_state"`
	RequestedBy        string  `json:"requested_by"`
	SlaveInstanceList  *string `json:"slave_instance_list"`
	Timestamp          float64 `json:"timestamp"`
}

// A listedShared is the row of a shared root instance.
type listedShared struct {
	Title       string `json:"title"`
	URLString   string `json:"url_string"`
	RelativeURL string `json:"relative_url"`
}

// listTrees answers the search for all trees: the plain ones first.
func (s *Server) listTrees(w io.Writer) error {
	carried, err := s.sharedXML()
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	l := &listing{out: out, encoder: json.NewEncoder(out), carried: carried, part: make([]instance, 0, listedAtOnce)}
	l.encoder.SetEscapeHTML(false) // parameters are XML
	out.WriteString(`{"_embedded":{"contents":[`)
	for _, shared := range []bool{false, true} { // and not sorted by it: that would keep all rows in memory
		if err := l.write(s.db, shared); err != nil {
			return err
		}
	}
	out.WriteString(`]}}`)
	return out.Flush()
}

// A listing is being written.
type listing struct {
	out     *bufio.Writer
	encoder *json.Encoder
	carried map[host]*string
	part    []instance // the rows that were read last
	rows    int
}

// listedAtOnce is how many rows of a listing are read before they are written. A
// client that reads slowly then keeps no connection to the database: there are
// few, and the log of the database cannot be worked off before them.
const listedAtOnce = 200

func (l *listing) write(q store.Reader, shared bool) error {
	for last := int64(0); ; {
		if err := l.read(q, shared, last); err != nil {
			return err
		}
		for n := range l.part {
			if l.rows++; l.rows > 1 {
				l.out.WriteByte(',')
			}
			if err := l.encoder.Encode(l.row(&l.part[n])); err != nil {
				return err
			}
		}
		if len(l.part) < listedAtOnce {
			return nil
		}
		last = l.part[len(l.part)-1].id
	}
}

// read reads the rows after one.
func (l *listing) read(q store.Reader, shared bool, last int64) error {
	rows, err := q.Query(`SELECT id, title, release, type, state, parameters, connection, ifnull(computer, ''), ifnull(partition, ''), timestamp
		FROM instance WHERE root = '' AND shared = ? AND NOT archived AND id > ? ORDER BY id LIMIT ?`, shared, last, listedAtOnce)
	if err != nil {
		return err
	}
	defer rows.Close()
	l.part = l.part[:0]
	for rows.Next() {
		i := instance{shared: shared}
		err := rows.Scan(&i.id, &i.title, &i.release, &i.kind, &i.state, &i.parameters, &i.connection, &i.computer, &i.partition, &i.timestamp)
		if err != nil {
			return err
		}
		l.part = append(l.part, i)
	}
	return rows.Err()
}

func (l *listing) row(i *instance) any {
	if i.shared {
		return listedShared{i.title, i.release, treePath(*i)}
	}
	row := &listedTree{
		Title: i.title, URLString: i.release, RelativeURL: treePath(*i), PartitionReference: i.title, Reference: i.partition,
		ComputerReference: i.computer, SlapState: "busy", SoftwareRelease: i.release, SoftwareType: i.kind, XML: i.parameters,
		RequestedState: i.state, SlaveInstanceList: l.carried[host{i.computer, i.partition}], Timestamp: i.timestamp,
	}
	if i.connection.Valid {
		row.ConnectionXML = &i.connection.String
	}
	return row
}

// sharedXML describes the shared instances of each host, as it is told of them.
func (s *Server) sharedXML() (map[host]*string, error) {
	shared, err := findInstances(s.db, "shared AND NOT archived")
	if err != nil {
		return nil, err
	}
	texts := map[host]*string{}
	for at, carried := range byHost(shared) {
		text, err := marshalShared(carried)
		if err != nil {
			return nil, err
		}
		texts[at] = &text
	}
	return texts, nil
}
