package view

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"slapstar/cmd/slapstar/internal/diagnosis"
	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/slap/jsonschema"
)

const docs = "../../../../docs/"

func compile(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.Compile(docs+name, os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	if n := s.Unchecked(); len(n) > 0 {
		t.Fatalf("%s: not checked: %v", name, n)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, what string, data []byte) {
	t.Helper()
	doc, err := jsonschema.Parse(data)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	violations, err := s.Validate(doc, func(string) bool { return false })
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	for _, v := range violations {
		t.Errorf("%s: %s: %s", what, v.Path, v.Message)
	}
}

func TestPlanSchema(t *testing.T) {
	s := compile(t, "plan.schema.json")
	cases, err := filepath.Glob("../../testdata/plan/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range cases {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if f.Name == "want.json" {
				validate(t, s, path, f.Data)
			}
		}
	}
	var b bytes.Buffer
	if err := PlanJSON(&b, everything(), document.Context{Title: "prod", Commit: "3f9a", Dirty: new(bool), Time: "2026-01-02T03:04:05Z", Version: "v1"}); err != nil {
		t.Fatal(err)
	}
	validate(t, s, "a plan with everything", b.Bytes())
	for _, member := range []string{"more", "partial", "cause", "claim", "revision", "stack", "unreadable", "quoted", "secret", "may_change", "product", "hint", "context", "dirty", "unchanged"} {
		if !strings.Contains(b.String(), `"`+member+`"`) {
			t.Errorf("the plan with everything has no %q", member)
		}
	}
	wrong, err := jsonschema.Parse([]byte(`{"format_version": 1, "more": {}, "stranger": 1}`))
	if err != nil {
		t.Fatal(err)
	}
	if violations, _ := s.Validate(wrong, func(string) bool { return false }); len(violations) < 3 {
		t.Errorf("the schema takes anything: %v", violations)
	}
}

func TestApplySchema(t *testing.T) {
	s := compile(t, "apply.schema.json")
	var b bytes.Buffer
	stream := Stream{W: &b, Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.FixedZone("", 3600)) }}
	p := everything()
	c := p.Changes[0]
	wait := engine.Need{Reference: engine.Reference{Instance: "db", Key: "url"}, Status: "#error", Since: time.Second}
	for _, err := range []error{
		stream.Environment("prod"),
		stream.Plan(p),
		stream.Event(engine.Event{Kind: engine.Started, Change: c}),
		stream.Event(engine.Event{Kind: engine.Done, Change: c, Elapsed: time.Second}),
		stream.Event(engine.Event{Kind: engine.Failed, Change: c, Err: errors.New("no")}),
		stream.Event(engine.Event{Kind: engine.Waiting, Waits: []engine.Need{wait, {}}, Limit: time.Hour, Err: errors.New("away")}),
		stream.Event(engine.Event{Kind: engine.Arrived, Waits: []engine.Need{wait}}),
		stream.Outcome(&engine.Outcome{Done: p.Changes, Failed: p.Changes[:1], NotStarted: p.Changes, Needless: p.Changes,
			Errors: map[engine.Address]error{c.Address(): errors.New("no")}, Waits: []engine.Need{wait}}, errors.New("late"), 3),
		stream.Outcome(nil, nil, 0),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.SplitAfter(strings.TrimSuffix(b.String(), "\n"), "\n")
	if len(lines) != 9 {
		t.Fatalf("got %d lines, want 9:\n%s", len(lines), &b)
	}
	for _, line := range lines {
		validate(t, s, line, []byte(line))
		if !strings.HasPrefix(line, `{"time":"2026-01-02T02:04:05Z",`) && !strings.HasPrefix(line, `{"time":"0001-`) {
			t.Errorf("the time is not in UTC: %s", line)
		}
	}
}

// The schemas describe all that the structs have, and nothing else.
func TestSchemasDescribeTheStructs(t *testing.T) {
	for name, root := range map[string]reflect.Type{
		"plan.schema.json":      reflect.TypeFor[document.Plan](),
		"apply.schema.json":     reflect.TypeFor[streamLine](),
		"list.schema.json":      reflect.TypeFor[InstanceList](),
		"orphans.schema.json":   reflect.TypeFor[OrphanList](),
		"info.schema.json":      reflect.TypeFor[InstanceDetails](),
		"computers.schema.json": reflect.TypeFor[NodeList](),
		"doctor.schema.json":    reflect.TypeFor[diagnosis.Report](),
		"validate.schema.json":  reflect.TypeFor[Validation](),
		"test.schema.json":      reflect.TypeFor[TestRun](),

		"environments.schema.json": reflect.TypeFor[EnvironmentReport](),
	} {
		data, err := os.ReadFile(docs + name)
		if err != nil {
			t.Fatal(err)
		}
		var doc map[string]any
		if err := json.Unmarshal(data, &doc); err != nil {
			t.Fatal(err)
		}
		checkDescribed(t, doc, doc, root, map[reflect.Type]bool{})
	}
}

func checkDescribed(t *testing.T, doc, node map[string]any, typ reflect.Type, seen map[reflect.Type]bool) {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		if items, ok := node["items"].(map[string]any); ok && typ.Kind() == reflect.Slice {
			node = items
		}
		typ = typ.Elem()
	}
	if reference, ok := node["$ref"].(string); ok {
		name, local := strings.CutPrefix(reference, "#/$defs/")
		if !local {
			return // the other schema
		}
		node, _ = doc["$defs"].(map[string]any)[name].(map[string]any)
	}
	if typ.Kind() != reflect.Struct || typ == reflect.TypeFor[time.Time]() || seen[typ] {
		return
	}
	seen[typ] = true
	properties, _ := node["properties"].(map[string]any)
	if node["additionalProperties"] != false {
		t.Errorf("%v: the schema takes other members", typ)
	}
	names := map[string]bool{}
	for _, field := range reflect.VisibleFields(typ) {
		if field.Anonymous || !field.IsExported() || field.Tag.Get("json") == "-" { // the fields of an embedded struct are visible themselves
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names[name] = true
		p, ok := properties[name].(map[string]any)
		if !ok {
			t.Errorf("%v: the schema has no %q", typ, name)
			continue
		}
		if description, _ := p["description"].(string); description == "" && p["$ref"] == nil {
			t.Errorf("%v: %q has no description", typ, name)
		}
		checkDescribed(t, doc, p, field.Type, seen)
	}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		if !names[name] {
			t.Errorf("%v: the schema has %q, which there is not", typ, name)
		}
	}
}
