package marshal

import "testing"

// BenchmarkDecode decodes the answer to one request.
func BenchmarkDecode(b *testing.B) {
	var document string
	for _, text := range recorded(b) {
		if len(text) > len(document) && len(text) < 1500 {
			document = text
		}
	}
	b.SetBytes(int64(len(document)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode([]byte(document)); err != nil {
			b.Fatal(err)
		}
	}
}
