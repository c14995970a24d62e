package proxy

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"io"

	"slapstar/slap/marshal"
)

// A stream is an answer that is written while it is read: the listing of a whole
// Master is megabytes long.
type stream func(io.Writer) error

// A listedTree is a row of the search for trees: a plain root instance. The order
// of the fields is that of slapproxy.
type listedTree struct {
	Title              string   `json:"title"`
	URLString          string   `json:"url_string"`
	RelativeURL        string   `json:"relative_url"`
	PartitionReference string   `json:"partition_reference"`
	Reference          string   `json:"reference"`
	ComputerReference  string   `json:"computer_reference"`
	SlapState          string   `json:"slap_state"`
	SoftwareRelease    string   `json:"software_release"`
	SoftwareType       string   `json:"software_type"`
	XML                string   `json:"xml"`
	ConnectionXML      *string  `json:"connection_xml"`
	RequestedState     string   `json:"requested_state"`
	RequestedBy        string   `json:"requested_by"`
	SlaveInstanceList  *string  `json:"slave_instance_list"`
	Timestamp          *float64 `json:"timestamp"`
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
	rows, err := s.db.Query(`SELECT title, shared, release, type, state, parameters, connection, computer, partition, timestamp
		FROM instance WHERE root = '' AND NOT archived ORDER BY shared, id`)
	if err != nil {
		return err
	}
	defer rows.Close()
	out := bufio.NewWriterSize(w, 64<<10)
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false) // parameters are XML
	out.WriteString(`{"_embedded":{"contents":[`)
	var parameters, connection sql.RawBytes
	for n := 0; rows.Next(); n++ {
		var i instance
		err := rows.Scan(&i.title, &i.shared, &i.release, &i.kind, &i.state, &parameters, &connection, &i.computer, &i.partition, &i.timestamp)
		if err != nil {
			return err
		}
		if n > 0 {
			out.WriteByte(',')
		}
		if i.shared {
			err = e.Encode(listedShared{i.title, i.release, treePath(i)})
		} else {
			row := listedTree{
				Title: i.title, URLString: i.release, RelativeURL: treePath(i), PartitionReference: i.title, Reference: i.partition,
				ComputerReference: i.computer, SlapState: "busy", SoftwareRelease: i.release, SoftwareType: i.kind, XML: string(parameters),
				RequestedState: i.state, SlaveInstanceList: carried[host{i.computer, i.partition}], Timestamp: &i.timestamp,
			}
			if connection != nil {
				text := string(connection)
				row.ConnectionXML = &text
			}
			err = e.Encode(row)
		}
		if err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	out.WriteString(`]}}`)
	return out.Flush()
}

// sharedXML describes the shared instances of each host, as it is told of them.
func (s *Server) sharedXML() (map[host]*string, error) {
	shared, err := findInstances(s.db, "shared AND NOT archived")
	if err != nil {
		return nil, err
	}
	texts := map[host]*string{}
	for at, carried := range byHost(shared) {
		list, err := sharedList(carried)
		if err != nil {
			return nil, err
		}
		document, err := marshal.Encode(list)
		if err != nil {
			return nil, err
		}
		text := string(document)
		texts[at] = &text
	}
	return texts, nil
}
