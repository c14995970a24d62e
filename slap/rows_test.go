package slap

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestDecodeRows(t *testing.T) {
	type row struct {
		A int
		N json.Number
	}
	for text, want := range map[string][]row{
		`{"x": [1, {"y": null}], "a": {"z": 1, "b": [{"a": 1}, {"a": 2, "n": 1.50}, null], "c": "d"}, "e": 1}`: {{1, ""}, {2, "1.50"}, {}},
		`{"a": {"b": []}}`:                          {},
		` {"a": {"b": [{"a": 1}]}} ` + "\n":         {{1, ""}},
		`{"a": {"b": [{"a": 1}], "b": [{"a": 2}]}}`: {{2, ""}},
	} {
		got, err := decodeRows[row](iotest.OneByteReader(strings.NewReader(text)), 3, "a", "b")
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", text, err, diff)
		}
	}
	for _, text := range []string{
		``, `null`, `[]`, `{}`, `{"a": null}`, `{"a": []}`, `{"a": {}}`, `{"a": {"b": null}}`, `{"a": {"b": {}}}`, `{"a": {"b": [{"a": "x"}]}}`, `{"a": {"b": [{}`, `{"a": {"b": []`, `{"a": {"b": []}`,
		`{"a": {"b": [] "c": 1}}`, `{"a": {"b": [{} {}]}}`, `{"a": {"b": [}]}}`, `{"x": tru, "a": {"b": []}}`, `{"x": [}, "a": {"b": []}}`, `{"a": {"b": [{"a": 1]]}}`, `{"a": {"b": ["\\"]}}`, `{1: 2, "a": {"b": []}}`,
		`{"a": {"b": []}} x`, `{"a": {"b": []}}{}`, `{"a": {"b": [{},]}}`, `{"a" {"b": []}}`, `{"x": ` + strings.Repeat("[", 20000) + `}`, `{"a": {"b": [{}, {}, {}, {}]}}`,
	} {
		if got, err := decodeRows[row](strings.NewReader(text), 3, "a", "b"); err == nil {
			t.Errorf("%.50s: got %v", text, got)
		}
	}
}

// FuzzDecodeRows compares with encoding/json.
func FuzzDecodeRows(f *testing.F) {
	for _, text := range []string{
		`{"a": [1, "x\\", {"b": "\"]"}, null, [[]]]}`, `{"b": "a", "a": []}`, `{"a": null}`, `{"a": [1], "a": ["\u0022\\\""]}`, `{"a": [1,]}`, `{"a": [1 2]}`, ` {"x": {"a": [1]}, "a" : [ ] } `, `{"a": [tru]}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var whole struct {
			A *[]any `json:"a"`
		}
		err := json.Unmarshal(text, &whole)
		got, rowsErr := decodeRows[any](iotest.HalfReader(strings.NewReader(string(text))), 1000, "a")
		var keys map[string]any
		if json.Unmarshal(text, &keys) == nil {
			for key := range keys { // encoding/json ignores case
				if strings.EqualFold(key, "a") && key != "a" {
					t.Skip()
				}
			}
		}
		if rowsErr == nil && (err != nil || whole.A == nil || cmp.Diff(*whole.A, got) != "") || rowsErr != nil && err == nil && whole.A != nil {
			t.Errorf("%q: got %v, %v, want %v, %v", text, got, rowsErr, whole.A, err)
		}
	})
}
