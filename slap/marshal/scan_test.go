package marshal

import (
	"strings"
	"testing"
)

// Every recorded document is of the form that is scanned, but for those that
// share a container; the two ways to decode agree on it.
func TestScanRecordings(t *testing.T) {
	scanned := 0
	for _, text := range recorded(t) {
		if agree(t, text) {
			scanned++
		} else if !strings.Contains(text, "<reference") {
			t.Errorf("not scanned: %s", text)
		}
	}
	if scanned < 100 {
		t.Errorf("%d documents were scanned, want most", scanned)
	}
}

// agree reports whether a document was scanned, and then compares.
func agree(t *testing.T, text string) bool {
	t.Helper()
	got, ok := scan(text)
	if !ok {
		return false
	}
	want, err := decode([]byte(text))
	if err != nil {
		t.Fatalf("scanned, and wrong: %v\n%s", err, text)
	}
	// Compared as text: what is not a number is not equal to itself.
	one, errOne := Encode(got)
	other, errOther := Encode(want)
	if string(one) != string(other) || (errOne == nil) != (errOther == nil) {
		t.Fatalf("scanned %#v, decoded %#v\n%s", got, want, text)
	}
	return true
}

// What is scanned is decoded to the same value.
func FuzzScan(f *testing.F) {
	for _, text := range recorded(f) {
		f.Add(text)
	}
	for _, text := range []string{
		`<marshal><string>a]]&gt;b&#13;&amp;lt;</string></marshal>`, `<marshal><string>a]]>b</string></marshal>`,
		`<marshal><int> 5 </int></marshal>`, `<marshal><bool>2</bool></marshal>`, `<marshal><float>nan</float></marshal>`,
		`<marshal> <tuple> <none/> <list id="i2"/> </tuple> </marshal> `, `<marshal><list><string/></list></marshal>`,
		`<marshal><dictionary id="i2"><string>a</string><int>1</int><string>a</string><int>2</int></dictionary></marshal>`,
		`<marshal><string>&#x41;&quot;&#55296;</string></marshal>`, `<marshal><int >5</int></marshal>`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { agree(t, text) })
}

// BenchmarkScan decodes a dictionary as a request has it, in the two ways.
func BenchmarkScan(b *testing.B) {
	document, err := Encode(map[string]string{"name": "vm1", "ram": "4096", "disk": "20", "url": "https://[2001:db8::1]:8443/?a=1&b=2"})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("scan", func(b *testing.B) {
		for b.Loop() {
			if _, ok := scan(string(document)); !ok {
				b.Fatal("not scanned")
			}
		}
	})
	b.Run("encoding-xml", func(b *testing.B) {
		for b.Loop() {
			if _, err := decode(document); err != nil {
				b.Fatal(err)
			}
		}
	})
}
