package config

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// values reads a text, as a map of [section] key to the value with what it refers to.
func values(text string) (map[string]string, error) {
	file, err := read("slapos.cfg", []byte(text))
	if err != nil {
		return nil, err
	}
	r := newReader("slapos.cfg", file)
	got := map[string]string{}
	for _, section := range file.SectionStrings() {
		for _, key := range file.Section(section).KeyStrings() {
			raw, line, _ := r.raw(section, key)
			got["["+section+"] "+key] = r.interpolate(line, section, raw, 1)
		}
	}
	if r.wrong != nil {
		return nil, r.wrong
	}
	return got, nil
}

// What the parser of SlapOS, Python's configparser, makes of a text. The expected values
// are from Python 3.11; the conformance tests compare with it at random.
func TestTextAsPythonReadsIt(t *testing.T) {
	type m = map[string]string
	long := strings.Repeat("x", 100)
	for _, test := range []struct {
		name, text string
		want       m
	}{
		{"a blank line in a value", "[s]\na = 1\n\n  2\n   \n\n  3\n\n\nb = 4\n", m{"[s] a": "1\n\n2\n\n\n3", "[s] b": "4"}},
		{"a comment in a value", "[s]\na = 1\n# c\n  2\n  ; d\n  3 ; e\n", m{"[s] a": "1\n2\n3 ; e"}},
		{"a value that begins below its key", "[s]\na =\n  1\n  2\n", m{"[s] a": "\n1\n2"}},
		{"indented keys", "[s]\n  a = 1\n  b = 2\n    c = 3\n d = 4\n", m{"[s] a": "1", "[s] b": "2\nc = 3", "[s] d": "4"}},
		{"an indented section is one", "  [s]\n    a = 1\n", m{"[s] a": "1"}},
		{"an indented section below a key is not", "[s]\na = 1\n [b]\n", m{"[s] a": "1\n[b]"}},
		{"indentation is counted in characters", "[s]\n\u00a0a = 1\n \tb\n\u2003c = 2\n", m{"[s] a": "1\nb", "[s] c": "2"}},
		{"delimiters", "[s]\na=1\nb : 2\nc:=3\nd = : 4\ne f\t=\t5\n", m{"[s] a": "1", "[s] b": "2", "[s] c": "=3", "[s] d": ": 4", "[s] e f": "5"}},
		{"no comment in a line", "[s]\na = 1 # b ; c\n", m{"[s] a": "1 # b ; c"}},
		{"keys have no case, and sections do", "[s]\nKey = 1\n[S]\nKEY = 2\na = %(kEy)s\n", m{"[s] key": "1", "[S] key": "2", "[S] a": "2"}},
		{"CR LF", "[s]\r\na = 1\r\n  2\r\nb =\r\n", m{"[s] a": "1\n2", "[s] b": ""}},
		{"CR", "[s]\ra = 1\r  2\r", m{"[s] a": "1\n2"}},
		{"no end of line", "[s]\na = 1\n  2", m{"[s] a": "1\n2"}},
		{"DEFAULT twice", "[DEFAULT]\na = 1\n[s]\nb = %(a)s%(c)s\n[DEFAULT]\nc = 2\n[default]\na = 3\n", m{"[DEFAULT] a": "1", "[DEFAULT] c": "2", "[s] b": "12", "[default] a": "3"}},
		{"interpolation", "[s]\na = %(B)s-%%(b)s\nb = 1\n  2\n", m{"[s] a": "1\n2-%(b)s", "[s] b": "1\n2"}},
		{"text after a section", "[a.b] c = d\n[a]]\nk = 1\n[ a ]\nk = 2\n", m{"[a]] k": "1", "[ a ] k": "2"}},
		{"no quotes and backslashes", "[s]\na = `1\nb = \"\"\"2\nc = '3'\nd = \"4\"\ne = 5\\\nf = `6`\n", m{"[s] a": "`1", "[s] b": `"""2`, "[s] c": "'3'", "[s] d": `"4"`, "[s] e": `5\`, "[s] f": "`6`"}},
		{"white space of Python", "[s]\n\x1ca\x1f=\x1d1\u00a0\n\u2028\n", m{"[s] a": "1"}},
		{"characters that end no line", "[s]\na = 1\v2\f3\u20284\u00855\n", m{"[s] a": "1\v2\f3\u20284\u00855"}},
		{"a value of many lines", "[s]\na =" + strings.Repeat("\n "+long, 200) + "\nb = 1\n", m{"[s] a": strings.Repeat("\n"+long, 200), "[s] b": "1"}},
		{"İ is two characters in lower case", "[s]\nhostİd = 1\n", m{"[s] hosti\u0307d": "1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := values(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%q (-want +got):\n%s", test.text, diff)
			}
		})
	}
}

// Where Python does not read a text, or package ini cannot.
func TestTextRefuses(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"a key twice", "[s]\na = 1\n\nA : 2\n", "4: got a key that line 2 has already, want it once"},
		{"a key of DEFAULT twice", "[DEFAULT]\na = 1\n[DEFAULT]\na = 2\n", "4: got a key that line 2 has already, want it once"},
		{"a section twice", "[s]\n[t]\n[s]\n", "3: got a section that line 1 has already, want it once"},
		{"a key before the first section", "\n# c\na = 1\n[s]\n", "3: got text before the first section, want [SECTION]"},
		{"a byte order mark", "\ufeff[s]\n", "1: got a byte order mark, want UTF-8 without one"},
		{"Latin 1", "[s]\na = \xe9\n", "2: got bytes that are not UTF-8, want UTF-8"},
		{"Latin 1 in a comment", "[s]\r\n\r# \xe9\n", "3: got bytes that are not UTF-8, want UTF-8"},
		{"NUL", "[s]\na = 1\x002\n", "2: got a NUL character, want text"},
		{"no value", "[s]\na\n", "2: got a line without = or :, want KEY = VALUE or [SECTION]"},
		{"no key", "[s]\n= 1\n", "2: got a value without a key, want KEY = VALUE"},
		{"an unclosed section", "[s]\n[t\n", "2: got a line without = or :"},
		{"an unclosed section with a delimiter", "[s]\n[http://t\n", "2: got a key that is - or begins with [, \" or `, want a name, or [SECTION]"},
		{"a quoted key", "[s]\n\"a\" = 1\n", "2: got a key that is - or begins with [, \" or `"},
		{"a dash", "[s]\n- = 1\n", "2: got a key that is -"},
		{"a missing key", "[s]\na = 1\nb = %(nope)s\n", "3: [s]: got a value with %(…)s of a key that is not set, want a key of this section or of [DEFAULT], or %% for a %"},
		{"a single %", "[s]\na = 50%\n", "2: [s]: got a value with a single %, want %(KEY)s, or %% for a %"},
		{"another letter", "[s]\na = %(a)d\n", "2: [s]: got a value with a single %"},
		{"no name", "[s]\na = %()s\n", "2: [s]: got a value with a single %"},
		{"too many keys", "[s]\n" + numbered(maxPlaces), "10001: got more than 10000 keys and sections, want fewer"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := values(test.text)
			if err == nil || !strings.HasPrefix(err.Error(), "slapos.cfg:"+test.want) {
				t.Errorf("got %v, %v, want %s", got, err, test.want)
			}
		})
	}
}

func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d = 1\n", i)
	}
	return b.String()
}

// Ten keys are as deep as Python goes.
func TestInterpolationDepth(t *testing.T) {
	chain := func(n int) string {
		text := "[s]\n"
		for i := range n {
			text += fmt.Sprintf("k%d = %%(k%d)s\n", i, i+1)
		}
		return text + fmt.Sprintf("k%d = %%%%\n", n)
	}
	if got, err := values(chain(9)); err != nil || got["[s] k0"] != "%" {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := values(chain(10)); err == nil || !strings.Contains(err.Error(), "slapos.cfg:2: [s]: got a value that refers to other keys more than 10 deep") {
		t.Errorf("got %v", err)
	}
}

// A value of several lines belongs to the keys that have them, and to no other.
func TestOneLine(t *testing.T) {
	text := "[slapos]\nmaster_url =\n  http://x/\n[slapproxy]\n\nport = 1\n# c\n  database_uri = x\n"
	_, err := Parse("slapos.cfg", []byte(text))
	want := "slapos.cfg:6: [slapproxy] port: got a value of 2 lines, want one: lines that are indented deeper than a key belong to its value"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	c, err := Parse("slapos.cfg", []byte(strings.ReplaceAll(text, "  database", "database")))
	if err != nil || c.MasterURL != "http://x/" || c.Proxy.Database != "x" || c.Proxy.Port != 1 {
		t.Errorf("got %+v, %v", c, err)
	}
}

// A section is read whole: a mistake in a key that slapstar does not use is one. In
// sections that it does not read, only slapproxy would find it.
func TestMistakesElsewhere(t *testing.T) {
	for _, test := range []struct{ text, client, proxy string }{
		{"[slapos]\nother = 50%\n", "slapos.cfg:2: [slapos]: got a value with a single %, want %(KEY)s, or %% for a %", ""},
		{"[slapos]\n[slapformat]\nghp_key = 50%\n", "", "slapos.cfg:3: got a value with a single %, want %(KEY)s, or %% for a %"},
		{"[DEFAULT]\na = %(b)s\n[slapos]\nb = 1\n[slapconsole]\n", "slapos.cfg:2: [slapconsole]: got a value with %(…)s of a key that is not set, want a key of this section or of [DEFAULT], or %% for a %", ""},
		{"[DEFAULT]\na = %(b)s\n[slapos]\nb = 1\n", "", ""},
	} {
		c, err := Parse("slapos.cfg", []byte(test.text))
		if message(err) != test.client {
			t.Errorf("%q: got %v, want %q", test.text, err, test.client)
		}
		if err == nil && message(c.CheckProxy()) != test.proxy {
			t.Errorf("%q: got %v, want %q", test.text, c.CheckProxy(), test.proxy)
		}
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// [DEFAULT] completes the sections that are there, and no others.
func TestDefaults(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"the own certificate of [slapos]", "[DEFAULT]\ncert_file = a\nkey_file = b\n[slapos]\ncert_file = c\nkey_file = d\n", "c d 127.0.0.1 "},
		{"[slapconsole] has that of [DEFAULT]", "[DEFAULT]\ncert_file = a\nkey_file = b\n[slapos]\ncert_file = c\nkey_file = d\n[slapconsole]\n", "a b 127.0.0.1 "},
		{"the first section of a slapproxy", "[DEFAULT]\nhost = h\n[slapos]\n[slapproxy]\nhost = i\ncomputer_id = n\n", "  h n"},
		{"an empty value is none", "[slapos]\nhost =\ncomputer_id = m\n[slapproxy]\nhost = i\ncomputer_id = n\n", "  i m"},
	} {
		c, err := Parse("slapos.cfg", []byte(test.text))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := strings.Join([]string{c.CertFile, c.KeyFile, c.Proxy.Host, c.ComputerID}, " "); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}

func TestExpandHome(t *testing.T) {
	t.Setenv("HOME", "/home/shop/")
	for path, want := range map[string]string{
		"~": "/home/shop", "~/x": "/home/shop/x", "~/a/../b": "/home/shop/a/../b", "x/~": "x/~", "~no such user/x": "~no such user/x", "": "",
	} {
		if got := ExpandHome(path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
	if got := ExpandHome("~root/x"); got == "~root/x" {
		t.Errorf("got %q, want the home folder of root", got)
	}
}

// What a small file can ask for takes little time, also where it makes nothing.
func TestReadingIsBounded(t *testing.T) {
	empty := "[slapos]\n"
	for c := 'a'; c < 'j'; c++ {
		empty += string(c) + " = " + strings.Repeat("%("+string(c+1)+")s", 100) + "\n"
	}
	empty += "j = %(k)s\nk =\n"
	for name, text := range map[string]string{
		"references to nothing": empty,
		"defaults of sections":  "[DEFAULT]\n" + strings.ReplaceAll(numbered(4000), "1\n", "%%\n") + "[slapos]\n[multimaster/http://a" + strings.Join(strings.Split(numbered(4000), " = 1\n"), "]\n[multimaster/http://a") + "]\n",
		"many keys":             "[slapos]\n" + strings.Repeat(" ", 500_000) + "\n" + numbered(maxPlaces-10),
		"a long value":          "[slapos]\nmaster_url = x\n" + strings.Repeat(" a\n\n", 200_000),
	} {
		_, err := Parse("slapos.cfg", []byte(text)) // which ends
		if name != "many keys" && err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}

// Reading never panics, and an error has the position and quotes no unknown text.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"[slapos]\nmaster_url = %(x)s\nx = a\n\n# c\n  b\n", "[DEFAULT]\r\nx:1\r\n[slapos]\r\n", "[slapos]\n`a` = \"\"\"b\n", "\ufeff[slapos]\n", "[multimaster/http://[::1]:1/]\nkey=a\ncert=b\n[slapos]\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := values(text)
		if err != nil {
			if wrong, ok := errors.AsType[*Error](err); !ok || wrong.Line == 0 || wrong.Line > 1+strings.Count(text, "\n")+strings.Count(text, "\r") {
				t.Fatalf("got %v, want a position", err)
			}
			return
		}
		if !utf8.ValidString(text) {
			t.Errorf("got %v of what is not UTF-8", got)
		}
		for at, value := range got {
			if trimmed := strings.TrimRightFunc(value, isSpace); trimmed != value && !strings.Contains(text, "%") {
				t.Errorf("%s: got %q, with white space at its end", at, value)
			}
		}
		Parse("slapos.cfg", []byte(text)) // does not panic
	})
}
