package store

import (
	"cmp"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// A SchemaError says that a database has the version of one of ours and other
// objects than its migrations make. A view, a trigger or a generated column runs
// SQL of a stranger in our queries, without end if it likes.
type SchemaError struct {
	Object string // its type and name, such as: view "instance"
	Found  string // its SQL; empty: it is missing
	Want   string // the SQL of ours; empty: there is no such object
}

func (e *SchemaError) Error() string {
	switch {
	case e.Found == "":
		return fmt.Sprintf("it is not as slapstar made it: %s is missing", e.Object)
	case e.Want == "":
		return fmt.Sprintf("it is not as slapstar made it: got %s (%s), want no such object", e.Object, short(e.Found))
	}
	return fmt.Sprintf("it is not as slapstar made it: %s: got %s, want %s", e.Object, short(e.Found), short(e.Want))
}

// short is SQL in one line, as long as a message can have it.
func short(text string) string {
	const most = 120
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) > most {
		return string(line[:most]) + "…"
	}
	return string(line)
}

// An object is a row of sqlite_schema.
type object struct{ kind, name, table string }

func (o object) String() string { return fmt.Sprintf("%s %q", o.kind, short(o.name)) }

// statistics are the tables that ANALYZE makes, which only SQLite reads.
var statistics = map[string]string{
	"sqlite_stat1": "CREATE TABLE sqlite_stat1(tbl,idx,stat)",
	"sqlite_stat4": "CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)",
}

// checkObjects returns a [SchemaError] unless the objects of a database are those
// that the migrations up to its version make. It reads sqlite_schema alone, of
// which SQLite runs nothing.
func checkObjects(db *sql.DB, version int) error {
	if version == 0 {
		return nil // it is empty
	}
	model, err := connect(sourceName("", false), 1)
	if err != nil {
		return err
	}
	defer model.Close()
	if _, err := model.Exec(strings.Join(migrations[:version], ";\n")); err != nil {
		return err
	}
	want, err := objectsOf(model)
	if err != nil {
		return err
	}
	got, err := objectsOf(db)
	if err != nil {
		return err
	}
	for _, o := range slices.SortedFunc(maps.Keys(got), compareObjects) {
		ours, known := want[o]
		if o.kind == "table" && o.table == o.name && statistics[o.name] != "" {
			ours, known = statistics[o.name], true
		}
		if !known || !slices.Equal(words(got[o]), words(ours)) {
			return &SchemaError{Object: o.String(), Found: cmp.Or(got[o], "without SQL"), Want: ours}
		}
	}
	for _, o := range slices.SortedFunc(maps.Keys(want), compareObjects) {
		if _, ok := got[o]; !ok {
			return &SchemaError{Object: o.String(), Want: want[o]}
		}
	}
	return nil
}

// compareObjects puts views and triggers first: they are what is to be said of a
// database that has them in the place of a table.
func compareObjects(a, b object) int {
	return cmp.Or(-strings.Compare(a.kind, b.kind), strings.Compare(a.name, b.name), strings.Compare(a.table, b.table))
}

func objectsOf(db *sql.DB) (map[object]string, error) {
	rows, err := db.Query("SELECT type, name, tbl_name, ifnull(sql, '') FROM sqlite_schema")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	objects := map[object]string{}
	for rows.Next() {
		var o object
		var text string
		if err := rows.Scan(&o.kind, &o.name, &o.table, &text); err != nil {
			return nil, err
		}
		if _, twice := objects[o]; twice {
			return nil, &SchemaError{Object: o.String(), Found: "there twice"}
		}
		objects[o] = text
	}
	return objects, rows.Err()
}

// words are the words and signs of SQL without its comments and spaces: two texts
// with the same words are the same to SQLite. A name in quotes is another word than
// without, and so is one in other letters.
func words(text string) (list []string) {
	for text != "" {
		n := 1
		switch c := text[0]; {
		case strings.HasPrefix(text, "--"):
			n = through(text, 2, "\n")
			text = text[n:]
			continue
		case strings.HasPrefix(text, "/*"):
			n = through(text, 2, "*/")
			text = text[n:]
			continue
		case strings.IndexByte(" \t\n\f\r", c) >= 0:
			text = text[1:]
			continue
		case c == '\'' || c == '"' || c == '`':
			n = through(text, 1, string(c))
		case c == '[':
			n = through(text, 1, "]")
		default:
			if n = strings.IndexFunc(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }); n < 0 {
				n = len(text)
			}
			n = max(n, 1)
		}
		list = append(list, text[:n])
		text = text[n:]
	}
	return list
}

// through is where end ends in text, from a place on; the length of text without it.
func through(text string, from int, end string) int {
	if i := strings.Index(text[from:], end); i >= 0 {
		return from + i + len(end)
	}
	return len(text)
}

// checkPlain returns an error if a database that is taken over has views, triggers,
// virtual tables or generated columns: slapproxy makes none.
func checkPlain(db *sql.DB) error {
	objects, err := objectsOf(db)
	if err != nil {
		return err
	}
	for _, o := range slices.SortedFunc(maps.Keys(objects), compareObjects) {
		w := words(objects[o])
		plain := o.kind == "index"
		if o.kind == "table" && !(len(w) > 1 && strings.EqualFold(w[1], "virtual")) {
			var computed int
			if err := db.QueryRow("SELECT count(*) FROM pragma_table_xinfo(?) WHERE hidden <> 0", o.name).Scan(&computed); err != nil {
				return err
			}
			plain = computed == 0
		}
		if !plain {
			return fmt.Errorf("it is not as slapproxy made it: got %v (%s), want tables without generated columns, and indexes", o, short(objects[o]))
		}
	}
	return nil
}
