package starlib

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"slapstar/engine"
	"slapstar/starlib/lang"
)

// sourcesOf evaluates a file that asks db, whose document is given, and returns what the
// parameters of app come from, and their values.
func sourcesOf(t *testing.T, source string) string {
	t.Helper()
	in := testInputs("")
	in.Vars = nil
	in.Source = lang.Source{File: "main.star", Sources: &lang.Sources{Text: map[string]string{"main.star": "db = request('https://lab.example/1', 'db')\n" + source}, Read: func(string) ([]byte, error) { return nil, os.ErrNotExist }}}
	in.Lookup = func(r engine.Reference) (string, bool) {
		switch r.Key {
		case "_":
			return `{"port": 8443, "on": true, "off": false, "none": null, "f": 2.5, "big": 123456789012345678901234567890, "list": [1, 2], "text": "t", "password": 12}`, true
		case "one":
			return "17", true
		case "url":
			return "https://db.example:8022/", true
		}
		return "", false
	}
	c, err := Exec(context.Background(), in)
	if err != nil || c.More != nil {
		t.Fatalf("%s: %v %v", source, err, c.More)
	}
	var list []string
	for _, i := range c.Instances() {
		for _, key := range []string{"a", "b", "_"} {
			text, there := i.Parameters[key]
			if !there {
				continue
			}
			var names []string
			for _, r := range text.Sources() {
				names = append(names, r.Name())
			}
			value, _ := text.Known()
			list = append(list, fmt.Sprintf("%s from %s", value, strings.Join(names, " ")))
		}
	}
	return strings.Join(list, "; ")
}

// A number of the Master keeps its origin through what a value to come flows through, and
// loses it for itself alone where it is used in another way.
func TestNumbersKeepOrigins(t *testing.T) {
	app := func(a string) string { return "request('https://lab.example/1', 'app', {'a': " + a + "})" }
	two := func(before, a, b string) string {
		return before + "\nrequest('https://lab.example/1', 'app', {'a': " + a + ", 'b': " + b + "})"
	}
	document := func(v string) string {
		return "request('https://lab.example/1', 'app', {'x': " + v + "}, serialisation = 'json-in-xml')"
	}
	const port = "p = db.output('port')"
	for _, test := range []struct{ source, want string }{
		{app("db.output('port')"), "8443 from port"},
		{app("db.output('on')"), "True from on"},
		{app("db.output('off')"), "False from off"},
		{app("db.output('none')"), "None from "},
		{app("db.output('f')"), "2.5 from f"},
		{app("db.output('big')"), "123456789012345678901234567890 from big"},
		{app("db.output('list')[1]"), "2 from list[1]"},
		{app("int(db.getConnectionParameter('one'))"), "17 from one"},
		{app("float(db.getConnectionParameter('one'))"), "17.0 from one"},
		{app("urls.port(db.getConnectionParameter('url'))"), "8022 from url"},
		{app("'%s:%d' % (db.output('text'), db.output('port'))"), "t:8443 from text port"},
		{app("'%05d|%6.1f' % (db.output('port'), db.output('f'))"), "08443|   2.5 from port"},
		{app("'%x' % db.output('port')"), "20fb from "},
		{app("repr(db.output('on')) + str([db.output('port')])"), "True[8443] from on port"},
		{app("texts.zfill(db.output('port'), 6)"), "008443 from port"},
		{app("[v for v in db.output('list')][0]"), "1 from list[0]"},
		{app("(lambda p: p)(db.output('port'))"), "8443 from port"},
		{app("json.encode(json.decode(json.encode([db.output('port')])))"), "[8443] from "}, // a document that the file has made
		{app("8443"), "8443 from "},
		{app("8443 if db.output('port') == 8443 else 1"), "8443 from "},
		{app("db.output('port') or 80"), "8443 from port"},
		{app("db.output('off') or 80"), "80 from "},
		{document("db.output('port')"), `{"x":8443} from port`},
		{document("[db.output('on'), db.output('off'), db.output('f'), int(db.getConnectionParameter('one'))]"), `{"x":[true,false,2.5,17]} from on off f one`},
		{document("{'k': db.output('list')}"), `{"x":{"k":[1,2]}} from list[0] list[1]`},
		// Used in another way, it still is what it was elsewhere.
		{two(port, "p + 1", "p"), "8444 from ; 8443 from port"},
		{two(port, "1 + p - p * 2 // p % 3 << 1", "p"), "16884 from ; 8443 from port"},
		{two(port, "-p", "p"), "-8443 from ; 8443 from port"},
		{two(port, "max(p, 9000)", "p"), "9000 from ; 8443 from port"},
		{two(port, "'x' if p > 1024 and p != 1 and p in (8443, 2) and not p == 3 else ''", "p"), "x from ; 8443 from port"},
		{two(port, "{8443: 'x'}[p] + {8443: 'y'}.get(p)", "p"), "xy from ; 8443 from port"},
		{two(port, "len(range(p))", "p"), "8443 from ; 8443 from port"},
		{two(port, "abs(p) + math.floor(p) + hash(str(p)) * 0", "p"), "16886 from ; 8443 from port"},
		{two(port, "type(p) + str(bool(p))", "p"), "intTrue from ; 8443 from port"},
		{two(port, "'abc'[:p] + [1, 2][:p][0] * 'x'", "p"), "abcx from ; 8443 from port"},
		{two(port, "db.output('list', p - 8443)", "p"), "1 from list[0]; 8443 from port"},
		{two("n = 0\nfor v in db.output('list'):\n    n += v", "n", "db.output('port')"), "3 from ; 8443 from port"},
		{two(port+"\nrequest('https://lab.example/1', 'x', timeout = p)", "p", "'%d' % p"), "8443 from port; 8443 from port"},
		{two("f = db.output('f')\nl = sorted([f, 1])", "l[1]", "db.output('port')"), "2.5 from ; 8443 from port"},                                                                    // f alone is lost
		{two("l = [db.output('port')] == [8443]", "str(l)", "db.output('on')"), "True from ; True from on"},                                                                          // port alone is lost
		{two("s = {v: 1 for v in db.output('list')}", "list(s)[1]", "db.output('port')"), "2 from ; 8443 from port"},                                                                 // a key has none
		{two("s = set([db.output('port')])", "len(s)", "db.output('on')"), "1 from ; True from on"},                                                                                  // nor has an element of a set
		{two("i = int(db.getConnectionParameter('one'))\nl = [i] == [17]", "i", "db.output('port')"), "17 from ; 8443 from port"},                                                    // the result of int
		{two("l = ['a']\nl.insert(db.output('list', 0), 'b')", "l[1]", "db.output('port')"), "b from ; 8443 from "},                                                                  // nobody says which
		{two("a = [db.output('port')] == [1]\nb = [db.output('on')] == [1]\nc = [db.output('f')] == [1]", "1", "db.output('big')"), "1 from ; 123456789012345678901234567890 from "}, // after so many rounds
		{app("db.getConnectionParameter('one')"), "17 from one"},
	} {
		if got := sourcesOf(t, test.source); got != test.want {
			t.Errorf("%s:\ngot  %s\nwant %s", test.source, got, test.want)
		}
	}
}

// What the evaluation prints, and asks the Master for, it prints and asks for once.
func TestNumbersAreFollowedSilently(t *testing.T) {
	in := testInputs("")
	in.Vars = nil
	in.Source = lang.Source{File: "main.star", Sources: &lang.Sources{Text: map[string]string{"main.star": `
db = request(product.kvm, "db")
print(db.output("port"))
request(product.kvm, "app", {"port": db.output("port")})
`}, Read: func(string) ([]byte, error) { return nil, os.ErrNotExist }}}
	printed, asked := 0, 0
	in.Print = func(engine.Position, string) { printed++ }
	in.Product = func(context.Context, string) (string, error) {
		asked++
		return "https://lab.example/kvm/software.cfg", nil
	}
	in.Lookup = func(r engine.Reference) (string, bool) { return `{"port": 1}`, r.Key == "_" }
	c, err := Exec(context.Background(), in)
	if err != nil || printed != 1 || asked != 2 {
		t.Errorf("got %v, printed %d times, asked %d times", err, printed, asked)
	}
	if got := c.Instances()[1].Uses(); len(got) != 1 || got[0] != "db" {
		t.Errorf("app uses %v", got)
	}
}
