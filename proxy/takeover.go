package proxy

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
	"slapstar/slap/marshal"
)

// predecessor is slapproxy, whose database is taken over.
var predecessor = store.Predecessor{Recognise: isSlapproxy, Copy: takeOver}

// slapproxyVersion ends the names of the tables in the database of a slapproxy
// 1.24.
const slapproxyVersion = "17"

// isSlapproxy reports whether a database is that of a slapproxy. The error says
// that it is that of another version.
func isSlapproxy(db store.Reader) (bool, error) {
	var name string
	err := db.QueryRow("SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'partition[0-9]*' ORDER BY length(name) DESC, name DESC LIMIT 1").Scan(&name)
	switch version := strings.TrimPrefix(name, "partition"); {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, err
	case version != slapproxyVersion:
		return false, fmt.Errorf("it is that of a slapproxy with version %s of its tables, want %s: start slapproxy 1.24 on it once, which migrates it", version, slapproxyVersion)
	}
	return true, nil
}

// takeOver copies the tables of a slapproxy into ours, see [store.Predecessor]. It
// returns how many instances there were.
func takeOver(tx *store.Tx) (instances int, err error) {
	for _, statement := range []string{
		"INSERT INTO computer (reference, address, netmask) SELECT reference, ifnull(address, ''), ifnull(netmask, '') FROM computer17 ORDER BY rowid",
		"INSERT OR IGNORE INTO computer (reference, address, netmask) SELECT DISTINCT computer_reference, '', '' FROM partition17",
		`INSERT INTO partition (computer, reference, addresses) SELECT p.computer_reference, p.reference,
			(SELECT json_group_array(json_array(ifnull(n.reference, ''), ifnull(n.address, ''), ifnull(n.netmask, '')) ORDER BY n.rowid) FROM partition_network17 n
				WHERE n.partition_reference = p.reference AND n.computer_reference = p.computer_reference)
			FROM partition17 p ORDER BY p.rowid`,
		`INSERT INTO instance (title, root, shared, release, type, state, parameters, sla, connection, computer, partition, created, timestamp, status)
			SELECT ifnull(partition_reference, ''), ifnull(requested_by, ''), 0, ifnull(software_release, ''), ifnull(software_type, ''), requested_state,
				ifnull(xml, ''), '', connection_xml, computer_reference, reference, ifnull(timestamp, 0), ifnull(timestamp, 0), ''
			FROM partition17 WHERE slap_state = 'busy' ORDER BY rowid`,
		"INSERT INTO software (computer, release, state) SELECT computer_reference, url, requested_state FROM software17 ORDER BY rowid",
		"INSERT INTO forwarded_request (name, master) SELECT partition_reference, master_url FROM forwarded_partition_request17 ORDER BY rowid",
	} {
		if _, err := tx.Exec(statement); err != nil {
			if strings.Contains(err.Error(), "UNIQUE constraint failed: instance.title") {
				err = fmt.Errorf("slapproxy has two instances of one name in it, of which no client could read either: %w", err)
			}
			return 0, err
		}
	}
	if err := takeOverShared(tx); err != nil {
		return 0, err
	}
	err = tx.QueryRow("SELECT count(*) FROM instance").Scan(&instances)
	return instances, err
}

// takeOverShared copies the shared instances that a host carries. The records
// of others are what slapproxy leaves behind.
func takeOverShared(tx *store.Tx) error {
	type row struct {
		computer, partition, carried string
		release                      string
		timestamp                    float64
	}
	hosts, err := store.Collect(tx, func(scan func(...any) error) (r row, err error) {
		err = scan(&r.computer, &r.partition, &r.carried, &r.release, &r.timestamp)
		return r, err
	}, `SELECT computer_reference, reference, slave_instance_list, ifnull(software_release, ''), ifnull(timestamp, 0) FROM partition17
		WHERE slap_state = 'busy' AND ifnull(slave_instance_list, '') <> '' ORDER BY rowid`)
	if err != nil {
		return err
	}
	for _, h := range hosts {
		v, err := marshal.Decode([]byte(h.carried))
		list, ok := v.([]any)
		if err == nil && !ok {
			err = fmt.Errorf("got a %T, want a list", v)
		}
		if err != nil {
			return fmt.Errorf("the shared instances on %s of %s: %w", h.partition, h.computer, err)
		}
		for _, item := range list {
			entry, _ := item.(map[string]any)
			reference, _ := entry["slave_reference"].(string)
			kind, _ := entry["slap_software_type"].(string)
			i := instance{shared: true, release: h.release, kind: kind, state: slap.Started, computer: h.computer, partition: h.partition, timestamp: h.timestamp}
			err := tx.QueryRow("SELECT connection_xml, ifnull(asked_by, '') FROM slave17 WHERE reference = ? AND hosted_by = ? AND computer_reference = ?",
				reference, h.partition, h.computer).Scan(&i.connection, &i.root)
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err != nil {
				return err
			}
			var named bool
			if i.title, named = strings.CutPrefix(reference, i.root+"_"); !named {
				i.root, i.title, _ = strings.Cut(reference, "_")
			}
			for _, key := range []string{"slave_title", "slave_reference", "slap_software_type"} {
				delete(entry, key)
			}
			if i.typed, err = marshalTyped(entry); err != nil {
				return err
			}
			i.parameters = parameters(entry).XML()
			if _, err := insertInstance(tx, &i); err != nil {
				return err
			}
		}
	}
	return nil
}
