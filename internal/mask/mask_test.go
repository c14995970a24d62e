package mask

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
)

func filter(secrets ...string) *Filter {
	f := New()
	for _, s := range secrets {
		f.Add(s)
	}
	return f
}

func TestText(t *testing.T) {
	f := filter("hunter2", "hunter2-long", "abc", "two words&more", "overlap", "lapping", "create", "")
	for text, want := range map[string]string{
		"":                          "",
		"hunter2":                   "(secret)",
		"xhunter2x":                 "x(secret)x",
		"hunter2-long":              "(secret)", // the longest
		"hunter2-lon":               "(secret)-lon",
		"hunter2hunter2":            "(secret)(secret)",
		"hunter":                    "hunter",
		"an abc here":               "an abc here", // too short to be looked for
		"q=two+words%26more&":       "q=(secret)&",
		"q=two%20words%26more":      "q=(secret)",
		"two words\\u0026more":      "(secret)",
		"two words&amp;more":        "(secret)",
		"overlapping":               "(secret)", // two that overlap
		"(secret)":                  "(secret)",
		"Plan: 2 to create, 1":      "Plan: 2 to (secret), 1", // not as slapstar's own
		"Basic " + b64("u:hunter2"): "Basic " + "dTp" + "(secret)",
	} {
		if got := f.Text(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	if got := f.Value("abc"); got != Masked {
		t.Errorf("a short value: got %q", got)
	}
	if !f.Holds("abc") || f.Holds("abcd") || !f.Holds("x-hunter2") || f.HoldsInside("abc") || f.Holds("") {
		t.Error("Holds")
	}
	var none *Filter
	none.Add("x")
	if none.Text("x") != "x" || none.Value("x") != "x" || none.Holds("x") || string(none.JSON([]byte(`"x"`), nil)) != `"x"` {
		t.Error("a nil Filter hides something")
	}
}

// The forms of other programs' percent encodings and JSON.
func TestForeignForms(t *testing.T) {
	for secret, texts := range map[string][]string{
		"pa/ss+w=rd1!": {
			"pa/ss%2Bw%3Drd1%21", "pa/ss%2bw%3drd1%21", // Python's quote
			"pa%2Fss%2Bw%3Drd1!", "pa%2fss%2bw%3drd1!", // encodeURIComponent
			`["pa\/ss+w=rd1!"]`, `"[\"pa\\/ss+w=rd1!\"]"`, // PHP, and in JSON of another program
		},
		"é b/c~d*ss!": {
			"%C3%A9%20b/c%7Ed%2Ass%21", "%c3%a9%20b/c%7ed%2ass%21", // quote of Python 2
			"%C3%A9+b/c~d%2Ass%21",   // quote_plus with safe="/"
			"%C3%A9+b%2Fc%7Ed*ss%21", // URLSearchParams
			"%C3%A9%20b/c~d*ss!",     // encodeURI
			`"\u00e9 b\/c~d*ss!"`,
		},
	} {
		f := filter(secret)
		for _, text := range texts {
			if got := f.Text("x " + text); strings.Contains(got, "ss") {
				t.Errorf("%s: got %s", text, got)
			}
		}
	}
}

func b64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// Whatever a program makes of a secret: nothing of it is left, wherever it stands.
func TestForms(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		secret := randomText(random, 6+random.IntN(20))
		f := filter(secret)
		before, after := strings.Repeat("é", random.IntN(4)), strings.Repeat("z", random.IntN(4))
		inJSON, _ := json.Marshal(map[string]string{"a": before + secret + after})
		twice, _ := json.Marshal(string(inJSON))
		for name, text := range map[string]string{
			"plain":      before + secret + after,
			"json":       string(inJSON),
			"json twice": string(twice),
			"go":         strconv.Quote(before + secret + after),
			"query":      url.QueryEscape(before + secret + after),
			"path":       url.PathEscape(before + secret + after),
			"user":       (&url.URL{Scheme: "http", User: url.UserPassword("me", secret), Host: "h"}).String(),
			"html":       html.EscapeString(before + secret + after),
			"base64":     base64.StdEncoding.EncodeToString([]byte(before + secret + after)),
			"base64 url": base64.URLEncoding.EncodeToString([]byte(before + secret + after)),
		} {
			if got := f.Text(text); !strings.Contains(got, Masked) {
				t.Errorf("%s of %q: got %q", name, secret, got)
			}
		}
	}
}

func randomText(random *rand.Rand, n int) string {
	const letters = "abcXYZ019 +/&=%\"\\'<>@:é\t"
	list := []rune(letters)
	s := "q"
	for len(s) < n-1 {
		s += string(list[random.IntN(len(list))])
	}
	return s + "q"
}

// A secret of several lines is hidden line by line as well.
func TestLines(t *testing.T) {
	key := "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END PRIVATE KEY-----\n"
	f := filter(key)
	if got := f.Text("+ AQEFAASCBKcwggSjAgEAAoIB"); got != "+ (secret)" {
		t.Errorf("got %q", got)
	}
	if got := f.Text("x" + strings.ReplaceAll(key, "\n", "\\n")); got != "x(secret)" {
		t.Errorf("got %q", got)
	}
}

// A stream hides a secret however it is cut into writes, and keeps nothing back at the
// end.
func TestWriter(t *testing.T) {
	f := filter("hunter2", "hunter2-long", "hun+ter")
	text := "a hunter2 b hunter2-lo, hunter2-long hunt hunte\nhun+ter hun%2Bter h"
	want := f.Text(text)
	for size := 1; size < len(text); size++ {
		var out bytes.Buffer
		w := f.Writer(&out)
		for rest := text; rest != ""; {
			n := min(size, len(rest))
			if written, err := w.Write([]byte(rest[:n])); err != nil || written != n {
				t.Fatal(written, err)
			}
			rest = rest[n:]
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("in pieces of %d: got %q, want %q", size, out.String(), want)
		}
	}
	// What is kept at the end may be a secret, and the beginning of another.
	var out bytes.Buffer
	w := f.Writer(&out)
	fmt.Fprint(w, "x hunter2")
	if err := w.Flush(); err != nil || out.String() != "x (secret)" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}

// The counts of a plan are never touched, whatever a secret is.
func TestOwn(t *testing.T) {
	var out bytes.Buffer
	w := filter("create", "2", "Plan: 2").Writer(&out)
	fmt.Fprint(w, "Pla")
	if _, err := WriteOwn(w, "Plan: 2 to create.\n"); err != nil {
		t.Fatal(err)
	}
	if want := "PlaPlan: 2 to create.\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

// JSON stays JSON, its numbers and names stay, and so do slapstar's own words.
func TestJSON(t *testing.T) {
	f := filter("create", "2", `quo"ted`, "digest", `": "x`)
	in := `{"action": "create", "count": 2, "create": ["create", "2", "22", "a create"], "deep": {"action": {"v": "create"}, "q": "a quo\"ted b", "n": null}, "digest": "digest", "path": ["create", 1, "create"], "count": 1, "address": "create 2"}`
	want := `{"action": "create", "count": 2, "create": ["(secret)", "(secret)", "22", "a (secret)"], "deep": {"action": {"v": "(secret)"}, "q": "a (secret) b", "n": null}, "digest": "digest", "path": ["create", 1, "(secret)"], "count": 1, "address": "create (secret)"}`
	if got := string(f.JSON([]byte(in), func(member string, item int, text string) int {
		switch {
		case member == "action", member == "digest", member == "path" && item == 0:
			return len(text)
		case member == "address":
			return len("create ")
		}
		return 0
	})); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestConcurrent(t *testing.T) {
	f := New()
	w := f.Writer(&bytes.Buffer{})
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			f.Add(fmt.Sprintf("secret-%d", i))
			fmt.Fprintf(w, "secret-%d", i)
			f.Holds("secret-1")
		})
	}
	group.Wait()
}

func FuzzWriter(f *testing.F) {
	f.Add("hunter2", "say hunter2", 3)
	f.Fuzz(func(t *testing.T, secret, text string, size int) {
		m := filter(secret)
		var out bytes.Buffer
		w := m.Writer(&out)
		for rest := text; rest != ""; {
			n := min(max(size, 1), len(rest))
			w.Write([]byte(rest[:n]))
			rest = rest[n:]
		}
		w.Flush()
		if len(secret) >= Inside && !strings.Contains(Masked+Masked, secret) && strings.Contains(out.String(), secret) && !strings.Contains(secret, Masked) {
			if got := m.Text(text); got != out.String() {
				t.Errorf("in pieces %q, at once %q", out.String(), got)
			}
		}
	})
}

func BenchmarkText(b *testing.B) {
	f := filter("hunter2-hunter2", "another-secret")
	text := strings.Repeat("  ~ instance shop-app   main.star:5  edited here\n", 1000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		f.Text(text)
	}
}
