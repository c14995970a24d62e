package engine

import (
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
)

// What is read at once is what encoding/json reads.
func FuzzDecodeJSON(f *testing.F) {
	for _, seed := range []string{
		`{"a": [1, -0.5e+3, true, false, null, "x\u00e9\n", {}], "a": []}`, `[[[]]]`, ` "é" `, "\"\xff\"", `"\ud800"`, `01`, `-`, `1.`, `1e`, `{"a":1,}`, `[1 2]`, `{} x`, "\"\t\"", `tru`, ``, `{"a"}`, "[1]\x00",
		strings.Repeat("[", mostNested+1) + strings.Repeat("]", mostNested+1),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var want any
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		wantErr := d.Decode(&want)
		if _, err := d.Token(); wantErr == nil && !errors.Is(err, io.EOF) {
			wantErr = errors.New("more")
		}
		got, err := decodeJSON(text)
		if (err == nil) != (wantErr == nil) || err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %#v, %v, want %#v, %v", text, got, err, want, wantErr)
		}
		fast := jsonDecoder{text: text}
		if v, ok := fast.value(mostNested); ok && fast.next() == 0 && fast.at == len(text) && (wantErr != nil || !reflect.DeepEqual(v, want)) {
			t.Errorf("%q: at once %#v, want %#v, %v", text, v, want, wantErr)
		}
	})
}
