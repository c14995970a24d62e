package proxy

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"strings"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
	"slapstar/slap/marshal"
)

// A shared instance has no partition of its own: an instance of the same
// release and type carries it, its host. It keeps no state, and its parameters
// keep their types (the wire's word for it is slave).

// putOnHost gives a shared instance its place: that of a host.
func putOnHost(tx *store.Tx, i *instance, hostGUID string) (err error) {
	if i.partition, err = findHost(tx, i, hostGUID); err != nil {
		return err
	}
	return tx.QueryRow("SELECT addresses FROM partition WHERE computer = ? AND reference = ?", i.computer, i.partition).Scan(&i.addresses)
}

// findHost returns the partition of the instance that is to carry a shared one:
// the one that carries it already, or the first one that is of the same release
// and type, on the node, and not to be destroyed. hostGUID narrows it, as
// slapproxy reads it: NODE-PARTITION or the partition alone.
func findHost(tx *store.Tx, i *instance, hostGUID string) (string, error) {
	for _, which := range []string{"partition = ?5", "state <> 'destroyed'"} {
		var host string
		err := tx.QueryRow(`SELECT partition FROM instance
			WHERE computer = ?1 AND release = ?2 AND type = ?3 AND NOT shared
				AND (?4 = '' OR partition = ?4 OR computer || '-' || partition = ?4) AND `+which+`
			ORDER BY id LIMIT 1`, i.computer, i.release, i.kind, hostGUID, i.partition).Scan(&host)
		if !errors.Is(err, sql.ErrNoRows) {
			return host, err
		}
	}
	wanted := []any{i.release, i.computer, i.kind}
	if hostGUID != "" {
		wanted = append(wanted, hostGUID)
	}
	return "", &noHostError{&notFoundError{"No partition corresponding to slave request: " + slap.Text(wanted)}}
}

// A noHostError says that there is nothing to carry a shared instance.
type noHostError struct{ *notFoundError }

func (e *noHostError) Unwrap() error { return e.notFoundError }

// changeShared makes a shared instance as it was asked for. With another
// release or type it moves to a host of that; with state destroyed it is gone.
func (s *Server) changeShared(tx *store.Tx, i *instance, r *request) error {
	before := *i
	var err error
	if i.typed, err = marshalTyped(r.typed); err != nil {
		return err
	}
	i.parameters = r.Parameters.XML()
	if r.State == slap.Destroyed {
		i.state = r.State
		if _, err := tx.Exec("DELETE FROM instance WHERE id = ?", i.id); err != nil {
			return err
		}
		return s.touch(tx, i.computer, i.partition)
	}
	i.release, i.kind = r.SoftwareRelease, r.SoftwareType
	hostGUID := "" // where it is, it stays, unless it has to go
	if i.release != before.release || i.kind != before.kind {
		hostGUID = r.SLA[slap.SLAInstance]
		if computer := r.SLA[slap.SLAComputer]; computer != "" {
			i.computer = computer
		}
	}
	if err := putOnHost(tx, i, hostGUID); err != nil {
		return err
	}
	if *i == before {
		return nil
	}
	i.timestamp = s.timestamp()
	_, err = tx.Exec("UPDATE instance SET release = ?, type = ?, parameters = ?, typed = ?, computer = ?, partition = ?, timestamp = ? WHERE id = ?",
		i.release, i.kind, i.parameters, i.typed, i.computer, i.partition, i.timestamp, i.id)
	if err != nil {
		return err
	}
	if err := s.touch(tx, before.computer, before.partition); err != nil {
		return err
	}
	return s.touch(tx, i.computer, i.partition)
}

// marshalTyped is the stored form of parameters with their types.
func marshalTyped(values map[string]any) (sql.NullString, error) {
	if values == nil {
		values = map[string]any{}
	}
	document, err := marshal.Encode(values)
	return sql.NullString{String: string(document), Valid: true}, err
}

// typedParameters returns the parameters of a shared instance with their types.
func (i instance) typedParameters() (map[string]any, error) {
	if i.typed.Valid {
		v, err := marshal.Decode([]byte(i.typed.String))
		dict, ok := v.(map[string]any)
		if err == nil && !ok {
			err = fmt.Errorf("typed parameters of %s: got a %T, want a dictionary", i.title, v)
		}
		return dict, err
	}
	p, err := slap.ParseParameters(i.parameters) // from before the types were kept
	return values(p), err
}

// slaveReference is what a host calls a shared instance.
func (i instance) slaveReference() string { return i.root + "_" + i.title }

// findShared returns the instance that a host calls by this reference.
func findShared(q store.Reader, computer, partition, reference string) (*instance, error) {
	return findInstance(q, "computer = ? AND partition = ? AND shared AND root || '_' || title = ?", computer, partition, reference)
}

// isReference tells a slave_reference from none: a client sends the letters
// None for Python's None.
func isReference(s string) bool { return s != "" && !strings.EqualFold(s, "None") }

// sharedList describes shared instances to their host: three keys, and the
// parameters beside them, which win.
func sharedList(shared []instance) ([]any, error) {
	list := make([]any, len(shared))
	for n, i := range shared {
		typed, err := i.typedParameters()
		if err != nil {
			return nil, err
		}
		entry := map[string]any{
			"slave_title":        i.slaveReference(),
			"slave_reference":    i.slaveReference(),
			"slap_software_type": i.kind,
		}
		maps.Copy(entry, typed)
		list[n] = entry
	}
	return list, nil
}

// marshalShared is the marshalled list of shared instances, as a listing has it.
func marshalShared(shared []instance) (string, error) {
	list, err := sharedList(shared)
	if err != nil {
		return "", err
	}
	document, err := marshal.Encode(list)
	return string(document), err
}

// A host is where shared instances are.
type host struct{ computer, partition string }

func byHost(shared []instance) map[host][]instance {
	carried := map[host][]instance{}
	for _, i := range shared {
		at := host{i.computer, i.partition}
		carried[at] = append(carried[at], i)
	}
	return carried
}
