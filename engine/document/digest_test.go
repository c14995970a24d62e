package document_test

import (
	"testing"

	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/slap"
)

// The digest is that of what is done: not of where it is declared, nor of secrets.
func TestDigest(t *testing.T) {
	digest := func(change func(*engine.Instance)) string {
		i := instance("a", map[string]engine.Text{"k": engine.Literal("v"), "pw": engine.Secret("pw", "one")})
		if change != nil {
			change(i)
		}
		p := plan(t, &engine.Config{Resources: []engine.Resource{i}})
		if d := document.New(p); d.Digest != document.Digest(p) {
			t.Errorf("the digest of the JSON is %s, of the plan %s", d.Digest, document.Digest(p))
		}
		return document.Digest(p)
	}
	same := digest(nil)
	for name, test := range map[string]struct {
		change func(*engine.Instance)
		same   bool
	}{
		"another place":              {func(i *engine.Instance) { i.Origin = at(99) }, true},
		"another secret":             {func(i *engine.Instance) { i.Parameters["pw"] = engine.Secret("pw", "two") }, true},
		"another name of the secret": {func(i *engine.Instance) { i.Parameters["pw"] = engine.Secret("other", "one") }, false},
		"another value":              {func(i *engine.Instance) { i.Parameters["k"] = engine.Literal("w") }, false},
		"another state":              {func(i *engine.Instance) { i.State = slap.Stopped }, false},
		"unknown":                    {func(i *engine.Instance) { i.Parameters["k"] = engine.Refer(engine.Reference{Instance: "b", Key: "k"}) }, false},
	} {
		if got := digest(test.change); (got == same) != test.same {
			t.Errorf("%s: the digest is the same: %t, want %t", name, got == same, test.same)
		}
	}
}
