package marshal

import (
	"encoding/json"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var document = regexp.MustCompile(`(?s)<marshal>.*?</marshal>`)

// recorded returns every document that was exchanged with the real slapproxy.
func recorded(t testing.TB) []string {
	files, err := filepath.Glob("../../testdata/captures/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recordings: %v", err)
	}
	seen := map[string]bool{}
	var list []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var exchanges []struct {
			Request  struct{ Form [][2]string }
			Response struct{ Body string }
		}
		if err := json.Unmarshal(data, &exchanges); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, e := range exchanges {
			texts := document.FindAllString(e.Response.Body, -1)
			for _, pair := range e.Request.Form {
				if pair[0] != "connection_xml" || strings.HasPrefix(pair[1], "<marshal>") {
					texts = append(texts, document.FindAllString(pair[1], -1)...)
				}
			}
			for _, text := range texts {
				// A document inside the JSON of a search row is escaped once more.
				if !seen[text] && !strings.Contains(text, `\"`) {
					seen[text] = true
					list = append(list, text)
				}
			}
		}
	}
	return list
}

func TestRecordedDocuments(t *testing.T) {
	documents := recorded(t)
	if len(documents) < 100 {
		t.Fatalf("got %d recorded documents, want more than 100", len(documents))
	}
	for _, text := range documents {
		v, err := Decode([]byte(text))
		if err != nil {
			t.Errorf("Decode(%s): %v", text, err)
			continue
		}
		again, err := Encode(v)
		if err != nil {
			t.Errorf("Encode(Decode(%s)): %v", text, err)
		} else if string(again) != text {
			t.Errorf("encoded again differently:\n got %s\nwant %s", again, text)
		}
	}
}

func TestDecode(t *testing.T) {
	for _, test := range []struct {
		name, text string
		want       any
	}{
		{"double escaping", `<marshal><string>&#233; &amp;lt;x&amp;gt; &amp;amp; "q"</string></marshal>`, `é <x> & "q"`},
		{"an escaped entity stays", `<marshal><string>&amp;amp;lt;</string></marshal>`, "&lt;"},
		{"white space between elements", "<?xml version='1.0'?>\n<marshal> <tuple>\n<int> 1 </int><none></none></tuple></marshal>\n", Tuple{int64(1), nil}},
		{"unicode of an old peer", `<marshal><unicode>a</unicode></marshal>`, "a"},
		{"empty string", `<marshal><string/></marshal>`, ""},
		{"carriage return", `<marshal><string>a&#13;b</string></marshal>`, "a\rb"},
		{"any non-zero is true", `<marshal><bool>2</bool></marshal>`, true},
		{"container without id", `<marshal><list><bool>0</bool></list></marshal>`, []any{false}},
		{"reference", `<marshal><list id="i2"><list id="i3"><int>1</int></list><reference id="i3"/></list></marshal>`, []any{[]any{int64(1)}, []any{int64(1)}}},
		{"infinity", `<marshal><float>inf</float></marshal>`, math.Inf(1)},
		{"beyond 64 bits", `<marshal><long>1000000000000000000000000000000</long></marshal>`, new(big.Int).Exp(big.NewInt(10), big.NewInt(30), nil)},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Decode([]byte(test.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })); diff != "" {
				t.Errorf("Decode(%s) (-want +got):\n%s", test.text, diff)
			}
		})
	}
}

// Measured on the stock library: what SLAP does not use, and edges.
func TestStockDocuments(t *testing.T) {
	big1e24, _ := big.NewFloat(1e24).Int(nil)
	below := new(big.Int).Sub(big1e24, big.NewInt(1))
	inner := []any{int64(1)}
	for _, test := range []struct {
		value any
		want  string
	}{
		{Set{int64(1), "b"}, `<set id="i2"><int>1</int><string>b</string></set>`},
		{Set{}, `<set id="i2"/>`},
		{complex(1.5, math.Copysign(0, -1)), `<complex>1.5 -0.0</complex>`},
		{map[any]any{int64(10): int64(1), int64(9): int64(2), "x": int64(3)}, `<dictionary id="i2"><string>x</string><int>3</int><int>9</int><int>2</int><int>10</int><int>1</int></dictionary>`},
		{map[any]any{1.5: int64(1), int64(2): nil, int64(-3): ""}, `<dictionary id="i2"><int>-3</int><string></string><float>1.5</float><int>1</int><int>2</int><none/></dictionary>`},
		{map[any]any{nil: int64(1), "a": true}, `<dictionary id="i2"><string>a</string><bool>1</bool><none/><int>1</int></dictionary>`},
		{big1e24, `<long>999999999999999983222784</long>`},
		{below, `<int>999999999999999983222783</int>`},
		{[]any{Tuple{}, map[string]any{}, inner}, `<list id="i2"><tuple/><dictionary id="i3"/><list id="i4"><int>1</int></list></list>`},
	} {
		text, err := Encode(test.value)
		if want := "<marshal>" + test.want + "</marshal>"; err != nil || string(text) != want {
			t.Errorf("Encode(%v): got %s, %v\nwant %s", test.value, text, err, want)
			continue
		}
		back, err := Decode(text)
		if diff := cmp.Diff(test.value, back, cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 })); err != nil || diff != "" {
			t.Errorf("Decode(%s): %v (-want +got):\n%s", text, err, diff)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	many := strings.Repeat(`<none/>`, 1000)
	bomb := `<marshal><list id="i1"><list id="i2">` + many + `</list>`
	for range 100 {
		bomb += strings.Repeat(`<reference id="i2"/>`, 100)
	}
	bomb += `</list></marshal>`
	for _, test := range []struct{ name, text, want string }{
		{"empty", ``, "ends too early"},
		{"truncated", `<marshal><list>`, "unexpected EOF"},
		{"not marshal", `<html></html>`, "want <marshal>"},
		{"two values", `<marshal><none/><none/></marshal>`, "2 values"},
		{"something behind", `<marshal><none/></marshal><x/>`, "behind"},
		{"unknown element", `<marshal><code>x</code></marshal>`, "unknown element <code>"},
		{"entity", `<!DOCTYPE x [<!ENTITY a "b">]><marshal><string>&a;</string></marshal>`, "unexpected content"},
		{"undefined entity", `<marshal><string>&a;</string></marshal>`, "invalid character entity"},
		{"unknown class", `<marshal><object module="os" class="system"><tuple/><dictionary/></object></marshal>`, "unknown class"},
		{"other class of the module", `<marshal><object module="slapos.slap.slap" class="Supply"><tuple/><dictionary/></object></marshal>`, "unknown class"},
		{"object without state", `<marshal><object module="slapos.slap.slap" class="Computer"><tuple/></object></marshal>`, "1 values in <object>"},
		{"key is a list", `<marshal><dictionary><list/><none/></dictionary></marshal>`, "dictionary key"},
		{"key is not a number", `<marshal><dictionary><float>nan</float><none/></dictionary></marshal>`, "dictionary key"},
		{"complex", `<marshal><complex>1</complex></marshal>`, "got complex"},
		{"too long", strings.Repeat(" ", maxSize+1), "longer than 256 MiB"},
		{"key without value", `<marshal><dictionary><string>a</string></dictionary></marshal>`, "no value"},
		{"bool", `<marshal><bool>true</bool></marshal>`, `got bool "true"`},
		{"integer", `<marshal><int>0x10</int></marshal>`, "integer"},
		{"endless integer", `<marshal><int>` + strings.Repeat("9", 10_000) + `</int></marshal>`, "digits"},
		{"reference to nothing", `<marshal><reference id="i9"/></marshal>`, `"i9"`},
		{"reference to itself", `<marshal><list id="i2"><reference id="i2"/></list></marshal>`, `"i2"`},
		{"too deep", `<marshal>` + strings.Repeat("<tuple>", maxDepth+1) + strings.Repeat("</tuple>", maxDepth+1) + `</marshal>`, "deep"},
		{"reference bomb", bomb, "more than"},
		{"too deep by reference", `<marshal><tuple>` + strings.Repeat(`<list>`, 40) + `<list id="a">` + strings.Repeat("</list>", 41) + strings.Repeat("<list>", 63) + `<reference id="a"/>` + strings.Repeat("</list>", 63) + `</tuple></marshal>`, "deep"},
		{"something in none", `<marshal><none><int>1</int></none></marshal>`, "in <none>"},
		{"digits without end", `<marshal><int>` + strings.Repeat("9", 8<<20) + `</int></marshal>`, "digits"},
		{"text between elements", `<marshal><list>x</list></marshal>`, "unexpected content"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Decode([]byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one that contains %q", err, test.want)
			}
		})
	}
}

func TestEncodeRefuses(t *testing.T) {
	for _, test := range []struct {
		name  string
		value any
		want  string
	}{
		{"control character", "a\x00", "U+0000 at byte 1"},
		{"not UTF-8", "a\xff", "not UTF-8"},
		{"in a key", map[string]any{"\x1b": 1}, "U+001B"},
		{"type", struct{}{}, "no SLAP form"},
		{"nil object", (*Object)(nil), "nil"},
		{"class", &Object{Class: "Nonsense"}, "unknown class"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Encode(test.value)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one that contains %q", err, test.want)
			}
		})
	}
}

// The expected texts are those of Python 3's str.
func TestFormatFloat(t *testing.T) {
	for _, test := range []struct {
		f    float64
		want string
	}{
		{2, "2.0"}, {0.30000000000000004, "0.30000000000000004"}, {1e-5, "1e-05"}, {0.0001, "0.0001"}, {1e16, "1e+16"},
		{1e15, "1000000000000000.0"}, {123456789012345680, "1.2345678901234568e+17"}, {0, "0.0"}, {math.Copysign(0, -1), "-0.0"},
		{1e-7, "1e-07"}, {1.5e300, "1.5e+300"}, {math.NaN(), "nan"}, {math.Inf(-1), "-inf"},
	} {
		if got := FormatFloat(test.f); got != test.want {
			t.Errorf("FormatFloat(%g): got %s, want %s", test.f, got, test.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, text := range recorded(f) {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := Decode(data)
		if err != nil {
			return
		}
		text, err := Encode(v)
		if err != nil {
			if !strings.Contains(err.Error(), "cannot be sent") {
				t.Fatalf("encoding what was decoded: %v", err)
			}
			t.Skip("a character that XML carries and a Master does not")
		}
		again, err := Decode(text)
		if err != nil {
			t.Fatalf("decoding what was encoded: %v\n%s", err, text)
		}
		retext, err := Encode(again)
		if err != nil || string(retext) != string(text) {
			t.Fatalf("not the identity: %v\n%s\n%s", err, text, retext)
		}
	})
}
