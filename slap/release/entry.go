package release

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"slapstar/slap"
)

// A field is a member of a schema file that is left empty if it is of another type than
// it should be: one bad member is no reason to do without the others.
type field[T any] struct{ value T }

func (f *field[T]) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &f.value) != nil {
		var empty T
		f.value = empty
	}
	return nil
}

// entries are the members of software-type, in order. The releases before 2023 give the
// same name to a type and its shared one, and an object would keep only the last.
type entries []namedEntry

type namedEntry struct {
	id   string
	data json.RawMessage
}

func (e *entries) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return errors.New("software-type: want an object")
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return err
		}
		n := namedEntry{id: name.(string)}
		if err := d.Decode(&n.data); err != nil {
			return err
		}
		*e = append(*e, n)
	}
	return nil
}

// parseSchema reads the schema file of a release. An entry that makes no sense is kept,
// with the reason.
func parseSchema(release string, data []byte) (*Schema, error) {
	var file struct {
		Name, Description field[string]
		Serialisation     json.RawMessage
		SoftwareType      entries `json:"software-type"`
	}
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\uFEFF")), &file); err != nil {
		return nil, err
	}
	if len(file.SoftwareType) == 0 {
		return nil, errors.New("it names no software-type")
	}
	schema := &Schema{Name: file.Name.value, Description: file.Description.value}
	order := map[string]float64{}
	for _, e := range file.SoftwareType {
		t, index := parseType(release, e, file.Serialisation)
		order[t.ID] = index
		twin := func(other Type) bool {
			return other.ID == t.ID && other.SoftwareType == t.SoftwareType && other.Shared == t.Shared
		}
		if i := slices.IndexFunc(schema.Types, twin); i >= 0 { // as everywhere in JSON, the last counts
			schema.Types[i] = t
			continue
		}
		schema.Types = append(schema.Types, t)
	}
	slices.SortStableFunc(schema.Types, func(a, b Type) int {
		return cmp.Or(cmp.Compare(order[a.ID], order[b.ID]), cmp.Compare(a.ID, b.ID))
	})
	return schema, nil
}

// parseType reads an entry. serialisation is what the file says for all.
func parseType(release string, e namedEntry, serialisation json.RawMessage) (t Type, index float64) {
	var entry struct {
		Title, Description field[string]
		Serialisation      json.RawMessage
		SoftwareType       field[string] `json:"software-type"`
		Shared             field[bool]
		Request, Response  json.RawMessage
		Index              field[float64]
	}
	t = Type{ID: e.id, SoftwareType: e.id}
	if err := json.Unmarshal(e.data, &entry); err != nil {
		t.Broken = "its entry is no object"
		return t, 0
	}
	t.Title, t.Description, t.Shared = entry.Title.value, entry.Description.value, entry.Shared.value
	t.SoftwareType = cmp.Or(entry.SoftwareType.value, e.id)
	wrong := func(format string, args ...any) { t.Broken = cmp.Or(t.Broken, fmt.Sprintf(format, args...)) }
	how := entry.Serialisation
	if how == nil {
		how = serialisation
	}
	if how != nil {
		switch text := rawText(how); slap.Serialisation(text) {
		case slap.XML, slap.JSONInXML:
			t.Serialisation = slap.Serialisation(text)
		default:
			wrong("serialisation: got %q, want %q or %q", text, slap.XML, slap.JSONInXML)
		}
	}
	switch request, err := beside(release, rawText(entry.Request)); {
	case rawText(entry.Request) == "":
		wrong("request: it is missing")
	case err != nil:
		wrong("request: %v", err)
	default:
		t.Request = request
	}
	if text := rawText(entry.Response); text != "" {
		t.Response, _ = beside(release, text) // nobody's parameters are checked with it
	}
	return t, entry.Index.value
}

// rawText returns the text that JSON is, or the JSON as it is written; for nothing and
// null, nothing.
func rawText(data json.RawMessage) string {
	var text string
	if len(data) > 0 && json.Unmarshal(data, &text) != nil {
		return string(data)
	}
	return text
}
