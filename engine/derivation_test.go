package engine

import (
	"strings"
	"testing"

	"slapstar/internal/function"
	"slapstar/internal/mask"
	"slapstar/slap"
)

func derived(t *testing.T, name string, of Text, args ...string) Text {
	t.Helper()
	d, err := Derive(function.Function{Name: name, Args: args}, of)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func credentialText() Text {
	return MasterText("https://me:hush@h.example/", Credential{Instance: "db", Key: "url"})
}

func TestDerive(t *testing.T) {
	lookup := func(value string) func(Reference) (string, bool) {
		return func(Reference) (string, bool) { return value, true }
	}
	port := derived(t, "int", Join(Literal("1"), reference("db", "port")))
	if _, known := port.Known(); known || port.Display() != "(known after db: port)" || len(port.References()) != 1 {
		t.Errorf("int of what is to come: %s", port.Display())
	}
	if value, known := port.Resolve(lookup("7")).Known(); !known || value != "17" {
		t.Errorf("resolved: got %q, %t", value, known)
	}
	failed := port.Resolve(lookup("x"))
	if _, known := failed.Known(); known || failed.Fault() == nil || !strings.Contains(failed.Fault().Error(), `int: got "1x"`) {
		t.Errorf("resolved to what is no number: %v", failed.Fault())
	}
	two := derived(t, ".strip", Join(reference("db", "url"), reference("db", "port"), reference("web", "url"), reference("db", "url")))
	if got, want := two.Display(), "(known after db: url, port; web: url)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := Derive(function.Function{Name: "int"}, Literal("x")); err == nil {
		t.Error("int of a known text that is no number is no error")
	}
	host := derived(t, "urls.host", credentialText())
	if value, known := host.Known(); !known || value != "h.example" || !host.Hidden() || !host.HasCredential() || !host.Guarded() || host.DisplayWith(mask.Key{Secret: []byte("k")}) != Masked {
		t.Errorf("the host of a credential: %q, %s", value, host.Display())
	}
	wrong := derived(t, "int", credentialText())
	if fault := wrong.Fault(); fault == nil || strings.Contains(fault.Error(), "hush") {
		t.Errorf("int of a credential: %v", fault)
	}
	sum := derived(t, "hashlib.sha256", Secret("p", "hush"))
	if !sum.HasSecret() || sum.Display() != Masked {
		t.Errorf("the digest of a secret is shown: %s", sum.Display())
	}
	value, _ := sum.Known()
	found := map[string]string{}
	sum.eachSecret(func(name, value string) { found[value] = name })
	if found[value] != "p" || found["hush"] != "p" {
		t.Errorf("the digest of a secret is none: %v", found)
	}
	if w := sum.WithoutSecrets(); w.Withheld() != "p" || w.Display() != Masked {
		t.Errorf("without its secret: %v", w)
	}
	if !port.Equal(derived(t, "int", Join(Literal("1"), reference("db", "port")))) || port.Equal(derived(t, "float", Join(Literal("1"), reference("db", "port")))) ||
		derived(t, "[n]", reference("db", "port"), "0").Equal(derived(t, "[n]", reference("db", "port"), "1")) {
		t.Error("functions are compared by their names, arguments and texts")
	}
}

// A plan of untrusted files says nothing of a piece of a credential, guess as they may;
// whole credentials, and a digest of one, are compared as they are.
func TestPiecesAreNotCompared(t *testing.T) {
	plan := func(untrusted bool, parameter Text, before string) *Change {
		s := NewState()
		s.Instances["a"] = slap.Instance{InstanceRequest: slap.InstanceRequest{Name: "a", SoftwareRelease: "u", SoftwareType: slap.DefaultType, State: slap.Started, Parameters: slap.Parameters{"p": before}}}
		i := &Instance{Name: "a", SoftwareRelease: "u", SoftwareType: slap.DefaultType, State: slap.Started, Parameters: map[string]Text{"p": parameter}}
		p, err := NewPlan(&Config{Resources: []Resource{i}}, s, Options{Untrusted: untrusted})
		if err != nil {
			t.Fatal(err)
		}
		return p.Changes[0]
	}
	piece := Join(Literal("x"), derived(t, "[n]", credentialText(), "8"))
	for _, before := range []string{"xm", "xz"} {
		if c := plan(true, piece, before); c.Pending() || len(c.Attributes) != 1 || !c.Attributes[0].NotCompared {
			t.Errorf("a piece of a credential is compared with %q: %v", before, c.Attributes)
		}
	}
	if plan(false, piece, "xm").Pending() || !plan(false, piece, "xz").Pending() {
		t.Error("the files of the operator do not compare a piece of a credential")
	}
	sum := derived(t, "hashlib.md5", credentialText())
	value, _ := sum.Known()
	if plan(true, sum, value).Pending() || !plan(true, sum, "other").Pending() {
		t.Error("a digest of a whole credential is not compared")
	}
}
