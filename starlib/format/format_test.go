package format

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSource(t *testing.T) {
	for _, test := range []struct{ name, source, want string }{
		{"empty", "", ""},
		{"spaces", "x=1\ny = [ 1,2 ]\n", "x = 1\ny = [1, 2]\n"},
		{"no line feed at the end", "x = 1", "x = 1\n"},
		{"named arguments stay in order", `request(product.kvm,"vm",state="started",shared=False,filter_kw={"b":1,"a":2})`,
			"request(product.kvm, \"vm\", state = \"started\", shared = False, filter_kw = {\"b\": 1, \"a\": 2})\n"},
		{"lists stay in order", `x(srcs=["b","a"],deps=["//b:b","//a"])`, "x(srcs = [\"b\", \"a\"], deps = [\"//b:b\", \"//a\"])\n"},
		{"loads stay where they are", "x = 1\nload('b.star','z','a')\nload('a.star',c='d')\n",
			"x = 1\n\nload(\"b.star\", \"z\", \"a\")\nload(\"a.star\", c = \"d\")\n"},
		{"several lines", "request(product.kvm,\n  'vm')", "request(\n    product.kvm,\n    \"vm\",\n)\n"},
		{"numbers stay as they are", "x = 0O17 + 1E3 + 0XFF", "x = 0O17 + 1E3 + 0XFF\n"},
		{"docstring stays as it is", "def f():\n  '''One.\n\n   Two.\n  '''\n", "def f():\n    \"\"\"One.\n\n   Two.\n  \"\"\"\n"},
		{"single quotes", `x = 'it\'s' + 'say "no"' + 'a\\' + r'\d' + ''`, `x = "it's" + 'say "no"' + "a\\" + r"\d" + ""` + "\n"},
		{"not ASCII in single quotes", `x = 'café' + '''…\n'''`, `x = "café" + """…\n"""` + "\n"},
		{"tabs", "def f():\n\tif x:\n\t    y()\n\n\tz('''\n\ta''')\n", "def f():\n    if x:\n        y()\n\n    z(\"\"\"\n\ta\"\"\")\n"},
		{"other line ends", "\uFEFFx=1\r\ny='''a\r\nb'''\rz=3", "x = 1\ny = \"\"\"a\nb\"\"\"\nz = 3\n"},
		{"comments", "#a\nf( # b\n 1, # c\n # d\n) # e\n#f", "#a\nf(\n    # b\n    1,  # c\n    # d\n)  # e\n#f\n"},
		{"comments that stand close, and none", `f('#', r"\"#", '\'#', """"#'` + "\n#\"\"\")#a\n0#", `f("#", r"\"#", "'#", """"#'` + "\n#\"\"\")  #a\n0  #\n"},
		{"parentheses", "x = (1 + (2 * 3)) if ((a)) else (b,)", "x = (1 + (2 * 3)) if ((a)) else (b,)\n"},
		{"statements on one line", "x = 1; y = 2", "x = 1\ny = 2\n"},
		{"functions", "def f(a,*,b=1,**c): return lambda x,*y:x\ndef g(*a):\n  for x in a:\n    if x: continue\n    elif a: break\n    else: pass",
			"def f(a, *, b = 1, **c):\n    return lambda x, *y: x\n\ndef g(*a):\n    for x in a:\n        if x:\n            continue\n        elif a:\n            break\n        else:\n            pass\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Source("main.star", []byte(test.source))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			again, err := Source("main.star", got)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(got), string(again)); diff != "" {
				t.Errorf("formatted twice (-once +twice):\n%s", diff)
			}
		})
	}
}

// What is not formatted, with the position and the words of an evaluation where
// it would be refused there too.
func TestSourceRefuses(t *testing.T) {
	for _, test := range []struct{ name, source, want string }{
		{"syntax", "request(product.kvm, \"vm\"\nsupply(product.kvm, \"x\")", "main.star:2:7: got identifier, want ','"},
		{"indentation", "if x:\n    y()\n  z()\n", "main.star:3:3: unindent does not match any outer indentation level"},
		{"byte", "x = 1\ny = \xff", "main.star:2:5: byte 0xff is not UTF-8: save the file as UTF-8"},
		{"NUL", "x\x00", "main.star:1:2: there is a NUL byte: this is no text, or a damaged file"},
		{"while", "x = 1\nwhile x:\n  pass", "main.star:2:1: a while loop cannot be formatted"},
		{"bytes", "x = [b'a']", "main.star:1:6: a literal of bytes cannot be formatted"},
		{"nested", strings.Repeat("(", 2000), "main.star:1:78: excessive nesting"},
		{"chained", "x = 1" + strings.Repeat("+1", 1_000_000), "main.star:1:5: this is nested more than 10000 deep"},
		{"long", strings.Repeat("\n", 8<<20+1), "main.star:1:1: the file is longer than 8 MiB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Source("main.star", []byte(test.source))
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got %q and error %v, want one that starts with %q", got, err, test.want)
			}
			if e := new(Error); err != nil && !errors.As(err, &e) {
				t.Errorf("got a %T, want a %T", err, e)
			}
		})
	}
}

// The comparison that guards a formatted file sees each kind of difference.
func TestCompare(t *testing.T) {
	for _, test := range []struct {
		name, a, b string
		same       bool
	}{
		{"layout", "f(x,[1])", "f(\n  (x),\n  [1,],\n)", true},
		{"spelling", `x = 'a' + "\n"`, "x = \"a\" + '''\n'''", true},
		{"name", "f(x)", "f(y)", false},
		{"text", "f('x')", "f('y')", false},
		{"number", "f(1)", "f(1.0)", false},
		{"number as text", "f(1)", "f('1')", false},
		{"order", "f(a=1,b=2)", "f(b=2,a=1)", false},
		{"operator", "a + b", "a - b", false},
		{"grouping", "a - (b - c)", "a - b - c", false},
		{"tuple", "f((a, b))", "f(a, b)", false},
		{"tuple of one", "x = (a)", "x = (a,)", false},
		{"comprehension", "[x for x in y]", "{x: x for x in y}", false},
		{"loaded file", "load('a', 'x')", "load('b', 'x')", false},
		{"loaded name", "load('a', x='y')", "load('a', x='x')", false},
		{"block", "if a:\n  b()\nc()", "if a:\n  b()\n  c()", false},
		{"more", "a()", "a()\nb()", false},
		{"less", "a()\nb()", "a()", false},
		{"comment", "a() # x", "a()", false},
		{"moved comment", "f( # x\n1)", "# x\nf(1)", true},
	} {
		a, err := read("a", []byte(test.a))
		if err != nil {
			t.Fatal(err)
		}
		b, err := read("b", []byte(test.b))
		if err != nil {
			t.Fatal(err)
		}
		if err := a.compare(b); (err == nil) != test.same {
			t.Errorf("%s: %q and %q: got error %v, want the same: %t", test.name, test.a, test.b, err, test.same)
		}
	}
}

// The examples are formatted.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "examples", "*", "*.star"))
	if err != nil || len(files) < 4 {
		t.Fatalf("got %d files, error %v", len(files), err)
	}
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Source(name, source)
		if err != nil {
			t.Error(err)
		} else if diff := cmp.Diff(string(source), string(got)); diff != "" {
			t.Errorf("%s is not formatted (-want +got):\n%s", name, diff)
		}
	}
}

// Whatever Starlark reads is either refused or comes out with the same meaning,
// and at rest. What is refused for another reason than a known one is a finding.
func FuzzSource(f *testing.F) {
	for _, pattern := range []string{"../../examples/*/*.star", "../testdata/*.star"} {
		files, _ := filepath.Glob(filepath.FromSlash(pattern))
		for _, name := range files {
			source, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(source)
		}
	}
	for _, s := range []string{
		"x = 'café' + '…'", "def f(a, *, b = 1, **c):\n\treturn lambda x, *y: x", "if a: pass\nelif b: pass # c\nelse: # d\n  x = {1: 2, # e\n}",
		"[x for x in y if z for a, b in c] ; {1: 2 for x in y}", "x = a if not -b else c[1:2:3][::](*d, **e).f", "x = \\\n  1\nx //= 2 << 3", "# a\n\n# b\n\nx() # c",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		once, err := Source("f", source)
		if err != nil {
			if strings.Contains(err.Error(), "internal error") || strings.Contains(err.Error(), "runtime error") {
				t.Errorf("%q: %v", source, err)
			}
			return
		}
		before, err := read("f", bytes.ReplaceAll(bytes.ReplaceAll(bytes.TrimPrefix(source, []byte("\uFEFF")), []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n")))
		if err != nil {
			t.Fatalf("%q was formatted, and is not understood: %v", source, err)
		}
		after, err := read("f", once)
		if err != nil {
			t.Fatalf("%q became %q: %v", source, once, err)
		}
		if err := before.compare(after); err != nil {
			t.Fatalf("%q became %q: %v", source, once, err)
		}
		twice, err := Source("f", once)
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("%q became %q and then %q, error %v", source, once, twice, err)
		}
	})
}

// An import is no statement of Starlark: an evaluation lets that of a module pass, and
// it stays where it is.
func TestImports(t *testing.T) {
	for source, want := range map[string]string{
		"import json\nx=1\n":                               "import json\nx = 1\n",
		"import  json ,re  # why\nimport_0_=1\n":           "import json, re  # why\nimport_0_ = 1\n",
		"def f():\n  import json\n  return json\n":         "def f():\n    import json\n    return json\n",
		"import json as j; x=1\n":                          "import json as j\nx = 1\n",
		"# a\nimport json\n\n\nfrom re import sub\nx=[ 1]": "# a\nimport json\n\nfrom re import sub\nx = [1]\n",
	} {
		got, err := Source("a.star", []byte(source))
		if err != nil || string(got) != want {
			t.Errorf("%q: got %q, %v, want %q", source, got, err, want)
			continue
		}
		again, err := Source("a.star", got)
		if err != nil || string(again) != want {
			t.Errorf("%q: again: got %q, %v", source, again, err)
		}
	}
	if _, err := Source("a.star", []byte("x = 1\nimport (json)\n")); err == nil {
		t.Error("what is no import passes")
	}
}
