package starlib

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slapstar/engine"
)

// boundaries says where a Config ends, and what was left out.
func boundaries(c *engine.Config) string {
	var list []string
	for _, b := range c.More.All() {
		list = append(list, fmt.Sprintf("%s of %s at %d", b.Reference.Name(), b.Reference.Instance, b.Origin.Position().Line))
	}
	if c.More != nil {
		for _, l := range c.More.Left {
			s := fmt.Sprintf("%d", l.Position.Line)
			if l.Name != "" {
				s += " uses " + l.Name
			}
			if l.Rest {
				s += " and all"
			}
			list = append(list, s)
		}
	}
	return strings.Join(list, "; ")
}

// Each chunk of testdata/rest.txt is a file, which begins with db, after the line
//
//	=== names that are declared | boundaries and what is left out
func TestRest(t *testing.T) {
	data, err := os.ReadFile("testdata/rest.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, chunk := range strings.Split(string(data), "\n=== ")[1:] {
		head, source, _ := strings.Cut(chunk, "\n")
		in, lookup := stagedInputs(t, source, nil)
		for name, text := range restFiles {
			if err := os.WriteFile(filepath.Join(filepath.Dir(in.File), name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		config, err := Exec(context.Background(), in)
		if err != nil {
			t.Errorf("%s\n%v", source, err)
			continue
		}
		if got := strings.Join(names(config), " ") + " | " + boundaries(config); got != head {
			t.Errorf("%s\ngot  %s\nwant %s", source, got, head)
		}
		if err := config.Extends(config, lookup); err != nil {
			t.Error(err)
		}
	}
}

// What the rest prints is printed once, and not before the rest counts; it has no steps of
// its own.
func TestRestPrintsAndLimits(t *testing.T) {
	const head = "db = request('r', 'db')\nprint('before')\nif db.getConnectionParameter('url'): pass\nprint('behind')\n"
	for _, test := range []struct{ tail, printed, wrong string }{
		{"request('r', 'web')", "before behind", ""},
		{"fail('x')", "before", ""},
		{"x = [] and bool(db.getConnectionParameter('url'))\nbool(db.getConnectionParameter('url'))", "before", ""},
		{"for i in range(200000000): pass", "before", "stopped"},
	} {
		in, _ := stagedInputs(t, head+test.tail, nil)
		var printed []string
		in.Print = func(_ engine.Position, s string) { printed = append(printed, s) }
		_, err := Exec(context.Background(), in)
		if got := strings.Join(printed, " "); got != test.printed || (err == nil) != (test.wrong == "") || err != nil && !strings.Contains(err.Error(), test.wrong) {
			t.Errorf("%s: printed %q, %v", test.tail, got, err)
		}
	}
}

// restFiles are what the files of testdata/rest.txt load.
var restFiles = map[string]string{
	"guard.star":  "def guard(v):\n    if not v: fail('no')\n",
	"staged.star": "h = request('r', 'ldb')\nX = h.getConnectionParameter('u') == '1'\n",
	"lib.star": `
SITES = {"a": 1}
def count(list): return len(list)
def add(list, x): list.append(x)
def collector():
    found = []
    def add(x):
        found.append(x)
        return found
    return add
`,
}

// restFile writes a file whose statements mutate, alias and shadow, and depend on what
// instances publish.
func restFile(r *rand.Rand) string {
	var b strings.Builder
	b.WriteString("l0 = []; l1 = [1]; d0 = {}; v0 = 0; v1 = 1\nk = 0\nh0 = request('r', 'h0'); h1 = h0\ndef f0(): return len(l0)\ndef f1(x): return x\n")
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	value := func() string {
		return pick("v0", "v1", "len(l0)", "len(l1)", "len(d0)", "f0()", "f1(v0)", "k", "1", "len([x for x in l1])")
	}
	unknown := func() string { return pick("h0", "h1") + ".getConnectionParameter(" + pick("'a'", "'b'") + ")" }
	effect := func() string {
		return pick("l0.append("+value()+")", "l1.append("+value()+")", "d0.update({"+value()+": 1})", "f1("+value()+")", "f1(l0).append(1)")
	}
	n := 0
	requested := func() string {
		n++
		return fmt.Sprintf("request('r', 'i%d-%%s' %% %s, {'p': '%%s' %% %s, 'u': %s})", n, value(), value(), unknown())
	}
	for range 4 + r.IntN(14) {
		switch r.IntN(13) {
		case 0, 1, 2:
			fmt.Fprintf(&b, "%s\n", requested())
		case 3:
			fmt.Fprintf(&b, "%s = %s\n", pick("h0", "h1"), requested())
		case 4, 5:
			fmt.Fprintf(&b, "if %s == %s:\n    %s\n    %s\nelse:\n    %s = %s\n", unknown(), pick("'0'", "'1'"), effect(), requested(), pick("v0", "v1", "k"), value())
		case 6:
			fmt.Fprintf(&b, "%s\n", effect())
		case 7:
			fmt.Fprintf(&b, "%s = %s\n", pick("v0", "v1"), value())
		case 8:
			fmt.Fprintf(&b, "%s = %s\n", pick("l0", "l1"), pick("l0", "l1", "[]", "l0 + l1", "list(l0)"))
		case 9:
			fmt.Fprintf(&b, "def %s: %s; return %s\n", pick("f0()", "f1(x)"), pick("l0.append(1)", "pass", "request('r', 'f')"), pick("len(l0)", "v0", "v1", "len(l1)"))
		case 10:
			fmt.Fprintf(&b, "for k in range(%s %% 3): %s\n", value(), effect())
		case 11:
			fmt.Fprintf(&b, "%s %s= %s\n", pick("v0", "v1", "k"), pick("+", "-"), value())
		case 12:
			fmt.Fprintf(&b, "f1 = lambda x, keep = %s: %s\n", pick("l0", "l1", "d0"), pick("len(keep)", "v0", "keep"))
		}
	}
	return b.String()
}

// What an evaluation declares behind a boundary comes out the same once all is known,
// whatever the statements between do, and each stage extends the one before.
func TestRestIsSound(t *testing.T) {
	beyond, whole := 0, 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		source := restFile(r)
		flip := r.IntN(2)
		there := map[string]bool{}
		in, _ := stagedInputs(t, source, nil)
		in.Lookup = func(ref engine.Reference) (string, bool) {
			return fmt.Sprint((len(ref.Instance) + len(ref.Key) + flip) % 2), there[ref.Instance]
		}
		var before *engine.Config
		for range 20 {
			config, err := Exec(context.Background(), in)
			if err != nil { // in all that is known by now, or in what follows
				break
			}
			if before != nil {
				if err := config.Extends(before, in.Lookup); err != nil {
					t.Fatalf("seed %d: %v\n%s\n%s", seed, err, source, boundaries(before))
				}
			}
			if before = config; config.More == nil {
				whole++
				break
			}
			beyond += config.More.Beyond
			there[config.More.Reference.Instance] = true
		}
	}
	if beyond < 50 || whole < 200 {
		t.Errorf("%d files were evaluated to the end, with %d declarations behind boundaries: too few to say anything", whole, beyond)
	}
}
