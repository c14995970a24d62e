package starlib

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"slapstar/engine"
	"slapstar/slap"
)

// An instanceAttribute is a field of engine.Instance, and what the language makes of it.
type instanceAttribute struct {
	change   func(*engine.Instance) // to another value than that of the sample
	argument string                 // of request; empty where none gives it
	same     bool                   // two requests may differ in it
	unsaved  bool                   // a saved file does not say it
}

// instanceAttributes are the fields of engine.Instance. A new one has to be here, and with that
// in all that handles them one by one.
var instanceAttributes = map[string]instanceAttribute{
	"Name":            {change: func(i *engine.Instance) { i.Name = "b" }, argument: "partition_reference", same: true}, // requests of two names are two requests
	"SoftwareRelease": {change: func(i *engine.Instance) { i.SoftwareRelease = "https://lab.example/2" }, argument: "software_release"},
	"Product":         {change: func(i *engine.Instance) { i.Product = "kvm" }, same: true}, // the release says it
	"SoftwareType":    {change: func(i *engine.Instance) { i.SoftwareType = "small" }, argument: "software_type"},
	"State":           {change: func(i *engine.Instance) { i.State = slap.Stopped }, argument: "state"},
	"StateGiven":      {change: func(i *engine.Instance) { i.StateGiven = true }, same: true, unsaved: true}, // the default is the same, given or not
	"Shared":          {change: func(i *engine.Instance) { i.Shared = true }, argument: "shared"},
	"Parameters":      {change: func(i *engine.Instance) { i.Parameters = map[string]engine.Text{"k": engine.Literal("w")} }, argument: "partition_parameter_kw"},
	"Typed":           {change: func(i *engine.Instance) { i.Typed = map[string]any{"k": true} }, same: true, unsaved: true},    // the text is the same
	"Serialisation":   {change: func(i *engine.Instance) { i.Serialisation = slap.XML }, argument: "serialisation", same: true}, // the parameters differ, or are the same in each
	"Project":         {change: func(i *engine.Instance) { i.Project = "PROJ-1" }, argument: "project"},
	"SLA":             {change: func(i *engine.Instance) { i.SLA = map[string]string{"computer_guid": "COMP-1"} }, argument: "filter_kw"},
	"SLASources": {change: func(i *engine.Instance) {
		i.SLASources = map[string]engine.Text{"group": engine.Literal("g")}
	}, argument: "filter_kw", same: true, unsaved: true}, // the SLA has the value
	"SLALater": {change: func(i *engine.Instance) {
		i.SLALater = map[string]engine.Text{"instance_guid": engine.Refer(engine.Reference{Instance: "h", Kind: engine.GUID})}
	}, argument: "filter_kw"},
	"Origin":        {change: func(i *engine.Instance) { i.Origin = engine.Origin{Stack: []engine.Frame{{Function: "f"}}} }, same: true, unsaved: true},
	"DependsOn":     {change: func(i *engine.Instance) { i.DependsOn = []string{"other"} }, argument: "depends_on"},
	"Protect":       {change: func(i *engine.Instance) { i.Protect = true }, argument: "protect"},
	"IgnoreChanges": {change: func(i *engine.Instance) { i.IgnoreChanges = []string{"state"} }, argument: "ignore_changes"},
	"WaitFor":       {change: func(i *engine.Instance) { i.WaitFor = []engine.Reference{{Key: "url"}} }, argument: "wait_for"},
	"Timeout":       {change: func(i *engine.Instance) { i.Timeout = time.Minute }, argument: "timeout"},
}

// No attribute of an instance is forgotten: by the comparison of two requests of one
// name, by save, or by the stub.
func TestNoAttributeIsForgotten(t *testing.T) {
	sample := engine.Instance{Name: "a", SoftwareRelease: "https://lab.example/1", SoftwareType: slap.DefaultType, State: slap.Started,
		Parameters: map[string]engine.Text{"k": engine.Literal("v")}}
	params := Reference()[slices.IndexFunc(Reference(), func(d Definition) bool { return d.Name == "request" })].Params
	source := func(i *engine.Instance) string { return Generate(&engine.Config{Resources: []engine.Resource{i}}) }

	for _, field := range reflect.VisibleFields(reflect.TypeFor[engine.Instance]()) {
		a, ok := instanceAttributes[field.Name]
		if !ok {
			t.Errorf("engine.Instance has a new attribute %s: add it to the table in starlib/attribute_test.go, and to what the failures then name", field.Name)
			continue
		}
		changed := sample
		a.change(&changed)
		if reflect.DeepEqual(changed, sample) {
			t.Errorf("the table in starlib/attribute_test.go does not change %s", field.Name)
		}
		if names := differences(&sample, &changed); (len(names) == 0) != a.same {
			t.Errorf("two requests that differ in %s: got the differences %q; differences in starlib/request.go compares them", field.Name, names)
		}
		if (source(&sample) == source(&changed)) != a.unsaved {
			t.Errorf("an instance with another %s: save writes\n%s\nGenerate in starlib/generate.go writes the attributes", field.Name, source(&changed))
		}
		if a.argument != "" && !slices.Contains(params, a.argument) {
			t.Errorf("%s is given by %s, and request in starlib/stub.star does not have it: %q", field.Name, a.argument, params)
		}
	}
	if n := reflect.TypeFor[engine.Instance]().NumField(); len(instanceAttributes) > n {
		t.Errorf("the table in starlib/attribute_test.go has %d attributes, and engine.Instance %d", len(instanceAttributes), n)
	}
	given := map[string]bool{"supply": true, "host": true} // it declares software besides; it is a key of filter_kw
	for _, a := range instanceAttributes {
		given[a.argument] = true
	}
	for _, param := range params {
		if !given[param] {
			t.Errorf("request in starlib/stub.star has %s, which the table in starlib/attribute_test.go does not know", param)
		}
	}
}
