package document_test

import (
	"reflect"
	"testing"
	"time"

	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/slap"
)

// digested are the fields of engine.Instance: a change to another value, and whether
// the digest of a plan says so. The digest is that of what a plan writes.
var digested = map[string]struct {
	change func(*engine.Instance)
	counts bool
}{
	"Name":            {func(i *engine.Instance) { i.Name = "b" }, true},
	"SoftwareRelease": {func(i *engine.Instance) { i.SoftwareRelease = "r2" }, true},
	"Product":         {func(i *engine.Instance) { i.Product = "kvm" }, true},
	"SoftwareType":    {func(i *engine.Instance) { i.SoftwareType = "small" }, true},
	"State":           {func(i *engine.Instance) { i.State = slap.Stopped }, true},
	"StateGiven":      {func(i *engine.Instance) { i.StateGiven = true }, false}, // the default is the same, given or not
	"Shared":          {func(i *engine.Instance) { i.Shared = true }, true},
	"Parameters":      {func(i *engine.Instance) { i.Parameters = map[string]engine.Text{"k": engine.Literal("w")} }, true},
	"Typed":           {func(i *engine.Instance) { i.Typed = map[string]any{"k": true} }, false}, // the text is the same
	"Project":         {func(i *engine.Instance) { i.Project = "PROJ-1" }, true},
	"Serialisation":   {func(i *engine.Instance) { i.Serialisation = slap.XML }, false}, // the parameters are in that form
	"SLASources": {func(i *engine.Instance) {
		i.SLASources = map[string]engine.Text{"group": engine.PublishedText(engine.Published{Instance: "b", Key: "group", Value: "g"})}
	}, false}, // the SLA has the value
	"SLALater": {func(i *engine.Instance) {
		i.SLALater = map[string]engine.Text{"instance_guid": engine.Refer(engine.Reference{Instance: "b", Kind: engine.GUID})}
	}, true},
	"SLA":           {func(i *engine.Instance) { i.SLA = map[string]string{"group": "g"} }, true},
	"Origin":        {func(i *engine.Instance) { i.Origin = at(99) }, false},
	"DependsOn":     {func(i *engine.Instance) { i.DependsOn = []string{"other"} }, true},
	"Protect":       {func(i *engine.Instance) { i.Protect = true }, true},
	"IgnoreChanges": {func(i *engine.Instance) { i.IgnoreChanges = []string{"parameters"} }, true},
	"WaitFor":       {func(i *engine.Instance) { i.WaitFor = []engine.Reference{{Key: "url"}} }, true},
	"Timeout":       {func(i *engine.Instance) { i.Timeout = time.Minute }, true},
}

// No attribute of an instance is forgotten by the digest: one that decides about a
// write changes it, where the instance is created, updated or destroyed.
func TestNoAttributeIsForgotten(t *testing.T) {
	digests := func(change func(*engine.Instance)) (list []string) {
		for _, end := range []bool{false, true} {
			for _, master := range [][]slap.Instance{nil, {current("a", slap.Parameters{"k": "old"}), current("b", slap.Parameters{"k": "old"})}} {
				i := instance("a", map[string]engine.Text{"k": engine.Literal("v")})
				if end {
					i.State = slap.Destroyed
				}
				change(i)
				list = append(list, document.Digest(plan(t, &engine.Config{Resources: []engine.Resource{instance("other", nil), i}}, master...)))
			}
		}
		return list
	}
	same := digests(func(*engine.Instance) {})
	for _, field := range reflect.VisibleFields(reflect.TypeFor[engine.Instance]()) {
		test, ok := digested[field.Name]
		if !ok {
			t.Errorf("engine.Instance has a new attribute %s: add it to the table in engine/document/attribute_test.go; if it decides about a write, instanceValues in engine/difference.go makes the plan show it, and with that the digest", field.Name)
			continue
		}
		if counts := !reflect.DeepEqual(digests(test.change), same); counts != test.counts {
			t.Errorf("another %s changes the digest: %t, want %t; a plan says what it writes by the attributes of its changes (engine/difference.go, engine/document/attribute.go)", field.Name, counts, test.counts)
		}
	}
	if n := reflect.TypeFor[engine.Instance]().NumField(); len(digested) > n {
		t.Errorf("the table in engine/document/attribute_test.go has %d attributes, and engine.Instance %d", len(digested), n)
	}
}
