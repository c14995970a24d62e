package console

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.starlark.net/starlark"

	"slapstar/starlib"
)

// registered returns the predeclared names and the methods of what they are or
// return.
func registeredNames(t *testing.T) map[string]starlark.Callable {
	t.Helper()
	session := testSession(t, present())
	e := session.e
	names := map[string]starlark.Callable{}
	add := func(name string, v starlark.Value) {
		callable, _ := v.(starlark.Callable)
		names[name] = callable
	}
	readable := append(e.Names(), slices.Collect(maps.Keys(consoleBuiltins))...)
	for name, v := range session.names {
		if slices.Contains(readable, name) && !starlark.Universe.Has(name) || name == "print" || name == "fail" {
			add(name, v)
		}
	}
	h := session.handle("vm")
	for _, of := range []struct {
		name  string
		value starlark.HasAttrs
	}{
		{"instance", h}, {"slap", session.names["slap"].(starlark.HasAttrs)}, {"product", session.names["product"].(starlark.HasAttrs)},
		{"computer", &node{session, "COMP-1"}}, {"software_release", &softwareRelease{s: session}},
	} {
		for _, name := range of.value.AttrNames() {
			v, err := of.value.Attr(name)
			if err != nil {
				t.Fatal(err)
			}
			add(of.name+"."+name, v)
		}
	}
	add("open_order.requestComputer", session.bind("requestComputer", (*Session).requestComputer))
	return names
}

// starred signatures take anything.
var starred = regexp.MustCompile(`\*\w`)

// What is documented is what there is, with the same parameters.
func TestStub(t *testing.T) {
	names := registeredNames(t)
	var documented []string
	for _, entry := range starlib.Reference() {
		documented = append(documented, entry.Name)
		if entry.Doc == "" {
			t.Errorf("%s has no docstring", entry.Name)
		}
		callable, ok := names[entry.Name]
		if !ok {
			t.Errorf("%s is documented, and there is no such name", entry.Name)
			continue
		}
		if entry.Signature == "" || callable == nil || starred.MatchString(entry.Signature) {
			continue
		}
		if _, err := callWith(t, callable, "no_such_parameter"); err == nil || !strings.Contains(err.Error(), "no_such_parameter") && !strings.Contains(err.Error(), "does not accept keyword") && !strings.Contains(err.Error(), "unexpected") {
			t.Errorf("%s takes a parameter that it does not have: %v", entry.Name, err)
		}
		for _, param := range entry.Params {
			if _, err := callWith(t, callable, param); err != nil && strings.Contains(err.Error(), "unexpected keyword argument") {
				t.Errorf("%s: %s is documented, and: %v", entry.Name, param, err)
			}
		}
	}
	if missing := missingFrom(documented, slices.Sorted(maps.Keys(names))); len(missing) > 0 {
		t.Errorf("not documented: %q", missing)
	}
}

// callWith calls a builtin with one keyword argument and returns its complaint,
// also one that it noted.
func callWith(t *testing.T, f starlark.Callable, param string) (_ starlark.Value, err error) {
	e := testSession(t, present()).e
	defer func() {
		if recover() != nil { // the arguments were taken, and the Master is asked
			err = nil
		}
	}()
	v, err := starlark.Call(e.Thread(), f, nil, []starlark.Tuple{{starlark.String(param), starlark.String("x")}})
	if err == nil && len(e.Problems()) > 0 {
		err = fmt.Errorf("%s", e.Problems()[0].Message)
	}
	return v, err
}

func missingFrom(list, wanted []string) (missing []string) {
	for _, w := range wanted {
		if !slices.Contains(list, w) {
			missing = append(missing, w)
		}
	}
	return missing
}
