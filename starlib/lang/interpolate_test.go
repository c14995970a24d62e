package lang

import (
	"testing"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap/marshal"
)

// FuzzQuote: a value that is filled in later comes out of json.encode byte for
// byte as one that was known.
func FuzzQuote(f *testing.F) {
	for _, s := range []string{"", "plain", `quo"te`, `back\slash`, "é<x>&", "\n\t", "\u2028", "tab\x7f", "a\xffb", "𝄞"} {
		f.Add(s, "x<")
	}
	f.Fuzz(func(t *testing.T, value, around string) {
		if marshal.CheckText(value) != nil || marshal.CheckText(around) != nil {
			t.Skip("text that a Master does not take")
		}
		encode := func(v starlark.Value) engine.Text {
			e := &Evaluation{}
			thread := &starlark.Thread{}
			thread.SetLocal(evaluationKey, e)
			if unknown, ok := v.(*Text); ok {
				unknown.e = e
			}
			document, err := EncodeJSON(thread, nil, starlark.Tuple{starlark.NewList([]starlark.Value{v})}, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, _ := e.TextOf(document)
			return got
		}
		later := encode(&Text{text: engine.Join(engine.Literal(around), engine.Refer(engine.Reference{Instance: "db", Key: "url"}), engine.Literal(around))})
		filled, known := later.Resolve(func(engine.Reference) (string, bool) { return value, true }).Known()
		want, _ := encode(starlark.String(around + value + around)).Known()
		if !known || filled != want {
			t.Errorf("filled in later: %q, known before: %q", filled, want)
		}
	})
}
