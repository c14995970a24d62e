package proxy

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// An instance is one row of its table.
type instance struct {
	id         int64
	title      string
	root       string // title of the root instance, empty for a root
	shared     bool
	release    string
	kind       string // software type
	state      string
	parameters string         // parameter XML
	typed      sql.NullString // of a shared instance: its parameters marshalled, with their types
	sla        string         // parameter XML
	connection sql.NullString // parameter XML
	computer   string         // empty while it is not allocated
	partition  string
	created    float64 // seconds
	timestamp  float64 // seconds
	status     string  // what the node reported last
	archived   bool    // destroyed and no longer listed
	tree       int64   // id of its tree on a full Master, 0 on a slapproxy
	reported   float64 // seconds; when its node did so last
	addresses  string  // of its partition, as that stores them
}

const instanceColumns = `id, title, root, shared, release, type, state, parameters, typed, sla, connection,
	ifnull(computer, ''), ifnull(partition, ''), created, timestamp, status, archived, tree, reported,
	ifnull((SELECT p.addresses FROM partition p WHERE p.computer = instance.computer AND p.reference = instance.partition), '')`

func scanInstance(scan func(...any) error) (instance, error) {
	var i instance
	err := scan(&i.id, &i.title, &i.root, &i.shared, &i.release, &i.kind, &i.state,
		&i.parameters, &i.typed, &i.sla, &i.connection,
		&i.computer, &i.partition, &i.created, &i.timestamp, &i.status, &i.archived, &i.tree, &i.reported, &i.addresses)
	return i, err
}

func findInstances(q store.Reader, where string, args ...any) ([]instance, error) {
	return store.Collect(q, scanInstance, "SELECT "+instanceColumns+" FROM instance WHERE "+where+" ORDER BY shared, id", args...)
}

// byTitle finds an instance by title, title of the root and whether it is shared.
// An archived one has no title any more; saying so is what the index needs.
const byTitle = "title = ? AND root = ? AND shared = ? AND NOT archived"

// findInstance returns nil when there is no such row.
func findInstance(q store.Reader, where string, args ...any) (*instance, error) {
	i, err := scanInstance(q.QueryRow("SELECT "+instanceColumns+" FROM instance WHERE "+where+" ORDER BY shared, id LIMIT 1", args...).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &i, nil
}

// place is the partition of an instance; nil while it has none.
func (i *instance) place() (*partition, error) {
	if i.addresses == "" {
		return nil, nil
	}
	p := &partition{reference: i.partition}
	return p, json.Unmarshal([]byte(i.addresses), &p.addresses)
}

// guid is the identifier of the JSON-RPC interface.
func (i instance) guid() string {
	shared := "0"
	if i.shared {
		shared = "1"
	}
	return i.title + "___" + i.root + "___" + shared
}

// findGUID returns the instance with the identifier that guid put together. A
// title with three underscores in it cannot be told, as on slapproxy.
func findGUID(q store.Reader, guid string) (*instance, error) {
	title, root, shared, err := parseGUID(guid)
	if err != nil {
		return nil, err
	}
	i, err := findInstance(q, byTitle, title, root, shared)
	if err == nil && i == nil {
		err = noInstance(guid)
	}
	return i, err
}

func noInstance(guid string) error {
	return &notFoundError{fmt.Sprintf("No software instance %s found.", guid)}
}

func parseGUID(guid string) (title, root string, shared bool, err error) {
	parts := strings.Split(guid, "___")
	if len(parts) != 3 || parts[2] != "0" && parts[2] != "1" {
		return "", "", false, &notFoundError{fmt.Sprintf("instance_guid %s not handled.", guid)}
	}
	return parts[0], parts[1], parts[2] == "1", nil
}

func (i instance) rootTitle() string {
	if i.root != "" {
		return i.root
	}
	return i.title
}

// dictionaries returns the parameters and the connection parameters as they are
// answered: an empty text reads back as null.
func (i instance) dictionaries() (parameters, connection map[string]any, err error) {
	stored, err := slap.ParseParameters(i.parameters)
	if err != nil {
		return nil, nil, err
	}
	published, err := slap.ParseParameters(i.connection.String)
	return values(stored), values(published), err
}

// insertInstance makes a row and returns its id. A place that is empty is none
// yet.
func insertInstance(tx *store.Tx, i *instance) (int64, error) {
	result, err := tx.Exec(`INSERT INTO instance
		(title, root, shared, release, type, state, parameters, typed, sla, connection, computer, partition, created, timestamp, status, tree)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, ''), nullif(?, ''), ?, ?, ?, ?)`,
		i.title, i.root, i.shared, i.release, i.kind, i.state, i.parameters, i.typed, i.sla, i.connection,
		i.computer, i.partition, i.timestamp, i.timestamp, i.status, i.tree)
	if err != nil {
		return 0, err
	}
	return result.LastInsertId()
}

// accessStatus is what a node reports when an instance is in its state.
var accessStatus = map[string]string{
	slap.Started: "#access Instance correctly started",
	slap.Stopped: "#access Instance correctly stopped",
}

// reportStatus keeps what a node said of an instance.
func (s *Server) reportStatus(tx *store.Tx, i *instance, status string) error {
	_, err := tx.Exec("UPDATE instance SET status = ?, reported = ? WHERE id = ?", status, s.timestamp(), i.id)
	return err
}

func publish(tx *store.Tx, i *instance, connection slap.Parameters) error {
	_, err := tx.Exec("UPDATE instance SET connection = ? WHERE id = ?", connection.XML(), i.id)
	return err
}
