package lang

import (
	"context"
	"strings"
	"testing"

	"go.starlark.net/starlark"

	"slapstar/engine"
)

// published is what an instance has published, as files get it.
func published(e *Evaluation, key, value string) starlark.Value {
	return e.Value(engine.PublishedText(engine.Published{Instance: "db", Key: key, Value: value}))
}

// traceOf evaluates a file in which v is a value of a Master, and returns what x is made
// of, with {db.url} for the value and {function of it}.
func traceOf(t *testing.T, source, value string) (text, origin string) {
	t.Helper()
	e, err := New(context.Background(), Source{File: "m.star", Sources: &Sources{Text: map[string]string{"m.star": source, "other.star": "w = v\n"}, Read: func(string) ([]byte, error) { return nil, errNoFile }}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	e.Predeclared()["v"] = published(e, "url", value)
	e.Predeclared()["w"] = published(e, "port", "8022")
	globals, more, err := e.Entry()
	if err != nil || more != nil {
		t.Fatalf("%s: %v %v", source, err, more)
	}
	s, ok := globals["x"].(starlark.String)
	if !ok {
		return globals["x"].String(), ""
	}
	return string(s), parts(e.StringText(s))
}

func parts(t engine.Text) string {
	var b strings.Builder
	for _, p := range t {
		switch {
		case p.From != nil:
			b.WriteString("{" + p.From.Instance + "." + p.From.Name() + "}")
		case p.Quoted != nil:
			b.WriteString(`"` + parts(p.Quoted) + `"`)
		case p.Derived != nil:
			b.WriteString("{" + p.Derived.String() + " of " + parts(p.Derived.Of) + "}")
		default:
			b.WriteString(p.Literal)
		}
	}
	return b.String()
}

// A known value keeps its origin through all that a value to come flows through, and
// through what hands it on.
func TestOriginKept(t *testing.T) {
	const host = "https://me.example:8443/a"
	for _, test := range []struct{ source, want string }{
		{`x = v`, "{db.url}"},
		{`x = "a" + v + "b"`, "a{db.url}b"},
		{`x = v + w`, "{db.url}{db.port}"},
		{`x = v + ""`, "{db.url}"},
		{`x = "%s:%s" % (v, w)`, "{db.url}:{db.port}"},
		{`x = "%(a)s" % {"a": v}`, "{db.url}"},
		{`x = "{}/{}".format(v, 1)`, "{db.url}/1"},
		{`x = "{b}".format(b = v)`, "{db.url}"},
		{"f = '<{}>'.format\nx = f(v)", "<{db.url}>"},
		{`x = str(v)`, "{db.url}"},
		{`x = str([v])`, `[{repr() of {db.url}}]`},
		{`x = repr(v)`, `{repr() of {db.url}}`},
		{`x = "%r" % v`, `{repr() of {db.url}}`},
		{`x = "%30s" % v`, `{texts.rjust("30", " ") of {db.url}}`},
		{`x = ",".join(["a", v])`, `a,{db.url}`},
		{`x = v.join(["a", "b"])`, "a" + host + "b"}, // a value to come cannot separate
		{`x = json.encode({"a": [v, 1], "b": "x"})`, `{"a":["{db.url}",1],"b":"x"}`},
		{`x = json.dumps([struct(a = v, b = (v, w))])`, `[{"a":"{db.url}","b":["{db.url}","{db.port}"]}]`},
		{`x = json.encode(json.decode(json.encode([v])))`, `["` + host + `"]`}, // a document that the file has made
		{`x = v.upper()`, `{.upper() of {db.url}}`},
		{`x = v.lower()`, `{.lower() of {db.url}}`}, // it is the same text
		{`x = v.strip("/")`, `{.strip("/") of {db.url}}`},
		{`x = v.replace("https", "http")`, `{.replace("https", "http", "-1") of {db.url}}`},
		{`x = v.removeprefix("https://")`, `{.removeprefix("https://") of {db.url}}`},
		{"f = v.removesuffix\nx = f('/a')", `{.removesuffix("/a") of {db.url}}`},
		{`x = getattr(v, "upper")()`, `{.upper() of {db.url}}`},
		{`x = v.split("://")[1].split("/")[0]`, `{.split("0", "/", "-1") of {.split("1", "://", "-1") of {db.url}}}`},
		{`x = [p for p in v.rsplit(":", 1)][1]`, `{.rsplit("1", ":", "1") of {db.url}}`},
		{`x = v.partition("://")[2]`, `{.partition("2", "://") of {db.url}}`},
		{`x = v.splitlines()[0]`, `{.splitlines("0") of {db.url}}`},
		{`x = v[0]`, `{[n]("0") of {db.url}}`},
		{`x = v[-1]`, `{[n]("-1") of {db.url}}`},
		{`x = v[8:]`, `{[:]("8", "", "1") of {db.url}}`},
		{`x = v[:]`, `{[:]("", "", "1") of {db.url}}`},
		{`x = urls.host(v)`, `{urls.host() of {db.url}}`},
		{`x = urls.quote(v)`, `{urls.quote() of {db.url}}`},
		{`x = base64.encode(v, url = True)`, `{base64.encode("url") of {db.url}}`},
		{`x = hashlib.sha256(v)`, `{hashlib.sha256() of {db.url}}`},
		{`x = re.sub("https", "http", v)`, `{re.sub("https", "http", "0") of {db.url}}`},
		{`x = texts.indent(v)`, `{texts.indent("    ") of {db.url}}`},
		{`x = texts.zfill(text = w, width = 6)`, `{texts.zfill("6", "0") of {db.port}}`},
		// What hands it on.
		{"load('other.star', 'w')\nx = w", "{db.url}"},
		{"def f(a = v): return a\nx = f()", "{db.url}"},
		{"d = {v: 1}\nx = d.keys()[0]", "{db.url}"},
		{"d = {'a': {'b': [v]}}\nx = d['a']['b'][0]", "{db.url}"},
		{`x = sorted([v, "z"])[0]`, "{db.url}"},
		{`x = [e for e in {"k": v}.values()][-1]`, "{db.url}"},
		{`x = max([v, "a"])`, "{db.url}"},
		{`x = v or "other"`, "{db.url}"},
		{`x = (lambda **k: k)(a = v)["a"]`, "{db.url}"},
		{"x = 'a'\nx += v", "a{db.url}"},
		{"x = '%s'\nx %= v", "{db.url}"},
		{"d = {'a': v}\nd['b'] = d['a']\nx = d['b']", "{db.url}"},
		{"a, b = v, w\na, b = b, a\nx = a", "{db.port}"},
		{"x = v if v.startswith('https') else ''", "{db.url}"},
		{"l = []\nl.append([l[:], v])\nx = json.encode(l)", `[[[],"{db.url}"]]`},
	} {
		text, got := traceOf(t, test.source, host)
		if got != test.want {
			t.Errorf("%s: got %s, want %s", test.source, got, test.want)
		}
		if plain, _ := engine.Literal(text).Known(); plain != text {
			t.Errorf("%s: got %q", test.source, text)
		}
	}
}

// What no value to come flows through loses the origin, and so does what is merely equal.
func TestOriginLost(t *testing.T) {
	for _, source := range []string{
		`x = "admin"`, `x = "ad" + "min"`, `x = "administrators"`, `x = "administrators"[:5]`, `x = ["a", "admin"][1]`,
		`x = v.capitalize()`, `x = "".join(v.elems())`, `x = v * 2`, `x = "x" + "admin" if v == "admin" else ""`, "d = {'admin': 1}\nd[v] = 2\nx = d.keys()[0]",
		`x = json.decode('["admin"]')[0]`, `x = str(len(v))`, `x = "admin" if v == "admin" else v`, `x = min(["admin", v])`,
	} {
		if text, got := traceOf(t, source, "admin"); strings.Contains(got, "db.") {
			t.Errorf("%s: %s: got %s", source, text, got)
		}
	}
}

// A value that is nested deeper than can be written is an error, with origins as without.
func TestOriginsTooDeep(t *testing.T) {
	e, err := New(context.Background(), Source{File: "m.star", Sources: &Sources{Text: map[string]string{"m.star": "x = [v]\nfor _ in range(1000000):\n    x = [x, v]\ny = str(x)"}, Read: func(string) ([]byte, error) { return nil, errNoFile }}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	e.Predeclared()["v"] = published(e, "url", "https://x/")
	if _, _, err := e.Entry(); err == nil || !strings.Contains(err.Error(), "nested more than 1000 deep") {
		t.Errorf("got %v", err)
	}
}

// One byte is enough to carry an origin, and no other text of that byte has it.
func TestOriginOfShortTexts(t *testing.T) {
	for _, test := range []struct{ source, value, want string }{
		{`x = v`, "a", "{db.url}"},
		{`x = "a"`, "a", "a"},
		{`x = "abc"[0]`, "a", "a"},
		{`x = v + "a"`, "a", "{db.url}a"},
		{`x = "a" + v[0]`, "a", `a{[n]("0") of {db.url}}`},
		{`x = [c for c in "abc".elems()][0]`, "a", "a"},
		{`x = v`, "", ""},
		{`x = "a" + v`, "", "a"},
		{`x = v[1:]`, "a", ""},
	} {
		if _, got := traceOf(t, test.source, test.value); got != test.want {
			t.Errorf("%s of %q: got %s, want %s", test.source, test.value, got, test.want)
		}
	}
}

// All that flows gives the same text with an origin as without, and keeps it unless it is a
// number.
func TestFlowsAsTraced(t *testing.T) {
	for _, value := range []string{"8022", "-7", " 3 ", "a:b:c", "é", "a\nb\n", "https://me.example:8443/a/b?c", "aGVsbG8=", `q"uo\te`, "\x7f\u2028"} {
		for _, expression := range flowing {
			plain, errPlain := later(t, expression, value, true)
			e, err := New(context.Background(), Source{File: "m.star", Sources: &Sources{Text: map[string]string{"m.star": "x = " + expression}, Read: func(string) ([]byte, error) { return nil, errNoFile }}}, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			e.Predeclared()["v"] = published(e, "url", value)
			globals, _, err := e.Entry()
			e.Close()
			if (err == nil) != (errPlain == nil) {
				t.Errorf("%s of %q: got %v, without an origin %v", expression, value, err, errPlain)
			}
			s, isText := globals["x"].(starlark.String)
			if !isText || err != nil {
				continue
			}
			number := strings.Contains(expression, "int(") || strings.Contains(expression, "float(") || strings.Contains(expression, "urls.port(")
			if string(s) != plain || !e.StringText(s).HasSources() && s != "" && !number {
				t.Errorf("%s of %q: got %q made of %s, want %q", expression, value, string(s), parts(e.StringText(s)), plain)
			}
		}
	}
}
