package slap

import (
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap/marshal"
)

// recordedParameters returns every parameter XML that the real slapproxy stored.
func recordedParameters(t testing.TB) []string {
	files, err := filepath.Glob("../testdata/captures/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	var list []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var exchanges []recordedExchange
		if err := json.Unmarshal(data, &exchanges); err != nil {
			t.Fatal(err)
		}
		for _, e := range exchanges {
			var answer struct {
				Embedded struct {
					Contents []struct {
						XML           string
						ConnectionXML string `json:"connection_xml"`
					}
				} `json:"_embedded"`
			}
			if json.Unmarshal([]byte(e.Response.Body), &answer) != nil {
				continue
			}
			for _, row := range answer.Embedded.Contents {
				for _, text := range []string{row.XML, row.ConnectionXML} {
					if text != "" {
						list = append(list, text)
					}
				}
			}
		}
	}
	return list
}

func TestRecordedParameters(t *testing.T) {
	list := recordedParameters(t)
	if len(list) < 20 {
		t.Fatalf("got %d recorded texts, want at least 20", len(list))
	}
	for _, text := range list {
		p, err := ParseParameters(text)
		if err != nil {
			t.Errorf("ParseParameters(%s): %v", text, err)
		} else if _, ok := scanParameters(text); !ok {
			t.Errorf("the fast reader does not read %s", text)
		} else if got := p.XML(); got != text {
			t.Errorf("written again differently:\n got %s\nwant %s", got, text)
		}
	}
}

func TestParameters(t *testing.T) {
	p := Parameters{"b": "1 < 2 & 3 > 2", "a": "line\n\ttab\r\nß ", `k<"'&>`: "", "_": `{"x": 1}`}
	got, err := ParseParameters(p.XML())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, got); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, p.XML())
	}
	for _, test := range []struct {
		text string
		want Parameters
	}{
		{"", Parameters{}},
		{"<instance/>", Parameters{}},
		{`<instance><parameter id="a">1</parameter><parameter id="a">2</parameter></instance>`, Parameters{"a": "1 2"}},
		{`<instance><parameter id="a"/><other><parameter id="b"/></other></instance>`, Parameters{"a": ""}},
	} {
		if got, err := ParseParameters(test.text); err != nil || !cmp.Equal(got, test.want) {
			t.Errorf("ParseParameters(%s): got %v, %v, want %v", test.text, got, err, test.want)
		}
	}
	for _, bad := range []string{"<instance>", "no element", "<instance><parameter>&nbsp;</parameter></instance>"} {
		if got, err := ParseParameters(bad); err == nil {
			t.Errorf("ParseParameters(%s): got %v and no error", bad, got)
		}
	}
}

// What the real slapproxy stored for these values: captures/parameters-types.json.
func TestText(t *testing.T) {
	big30 := new(big.Int).Exp(big.NewInt(10), big.NewInt(30), nil)
	for _, test := range []struct {
		value any
		want  string
	}{
		{nil, "None"}, {true, "True"}, {false, "False"}, {int64(3), "3"}, {1.5, "1.5"}, {2.0, "2.0"}, {1e-7, "1e-07"}, {big30, "1" + strings.Repeat("0", 30)},
		{"it's", "it's"},
		{[]any{int64(1), "a", nil, true}, "[1, 'a', None, True]"},
		{marshal.Tuple{int64(1), "x"}, "(1, 'x')"},
		{marshal.Tuple{int64(1)}, "(1,)"},
		{map[string]any{"b": []any{1.0}, "a": `é"'`}, `{'a': 'é"\'', 'b': [1.0]}`},
		{[]any{"it's"}, `["it's"]`},
	} {
		if got := Text(test.value); got != test.want {
			t.Errorf("Text(%#v): got %s, want %s", test.value, got, test.want)
		}
	}
}

func FuzzParseParameters(f *testing.F) {
	for _, text := range recordedParameters(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParseParameters(text)
		if err != nil {
			return
		}
		// The fast reader and the general one agree wherever both read.
		if fast, ok := scanParameters(text); ok {
			if general, err := parseParameters(text); err != nil || !cmp.Equal(fast, general) {
				t.Fatalf("the fast reader got %v, the general one %v, %v\n%s", fast, general, err, text)
			}
		}
		again, err := ParseParameters(p.XML())
		if err != nil || !cmp.Equal(p, again) {
			t.Fatalf("got %v, %v, want %v\n%s", again, err, p, p.XML())
		}
	})
}
