package lang

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"go.starlark.net/starlark"

	"slapstar/engine"
)

// flowing are expressions of v, a text, that flow: what they give of a text that comes
// later is what they give of one that is known.
var flowing = []string{
	`v`, `"a" + v + "b"`, `str(v)`, `"%s!" % v`, `"{}!".format(v)`, `json.encode([v])`, `json.dumps({"a": v})`,
	`repr(v)`, `"%r" % v`, `str([v, 1])`, `"%s" % {"k": (v,)}`, `"{}".format([v])`, `"%-8s|%8s" % (v, v)`,
	`int(v)`, `"%d" % int(v)`, `"%05d" % int(v)`, `json.encode([int(v)])`, `float(v)`, `json.encode([float(v)])`, `str(float(v))`, `float(int(v))`,
	`v.strip()`, `v.lstrip()`, `v.rstrip()`, `v.strip("/a")`, `v.lower()`, `v.upper()`, `v.replace("a", "bc")`, `v.replace("", "-", 2)`,
	`v.removeprefix("a")`, `v.removesuffix("b")`, `v.split()[0]`, `v.split(":")[0]`, `v.split(":")[-1]`, `v.split(":", 1)[1]`, `v.split("://")[1].split("/")[0]`,
	`v.rsplit(":", 1)[0]`, `v.rsplit(":")[1]`, `v.rsplit()[0]`, `v.partition(":")[2]`, `v.rpartition(":")[0]`, `v.splitlines()[0]`, `v.splitlines()[-1]`,
	`v[0]`, `v[-1]`, `v[1:]`, `v[:-1]`, `v[-3:-1]`, `v[-3:2]`, `v[::2]`, `v[::-1]`, `v[4:1:-1]`, `v[-1:0:-2]`, `v[5:-3]`, `v[-100:100]`,
	`hashlib.md5(v)`, `hashlib.sha256(v)`, `hashlib.sha512(v)`, `base64.encode(v)`, `base64.encode(v, url = True)`, `base64.decode(v)`,
	`urls.host(v)`, `urls.port(v)`, `urls.scheme(v)`, `urls.path(v)`, `urls.quote(v)`, `urls.unquote(v)`, `json.encode(urls.port(v))`,
	`re.sub("[a-c]+(.)", "<\\1>", v)`, `texts.zfill(v, 6)`, `texts.zfill(int(v), 6)`, `texts.rjust(v, 6, ".")`, `texts.ljust(v, 6)`, `texts.indent(v)`, `texts.dedent(v)`,
}

// later evaluates an expression of v, known or to come, and returns what becomes of it
// once it is known; empty where it is an error.
func later(t *testing.T, expression, value string, known bool) (string, error) {
	t.Helper()
	e, err := New(context.Background(), Source{File: "m.star", Sources: &Sources{Text: map[string]string{"m.star": "x = " + expression}, Read: func(string) ([]byte, error) { return nil, errNoFile }}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	e.Predeclared()["v"] = starlark.String(value)
	if !known {
		e.Predeclared()["v"] = e.Value(engine.Refer(engine.Reference{Instance: "db", Key: "url"}))
	}
	globals, more, err := e.Entry()
	if err != nil || more != nil {
		return "", fmt.Errorf("%v %v", err, more)
	}
	if !known {
		v, isText := globals["x"].(*Text)
		if !isText {
			t.Fatalf("%s: got %v, want a value that is not known yet", expression, globals["x"])
		}
		if !strings.Contains(v.text.Display(), "(known after db") {
			t.Errorf("%s is shown as %s", expression, v.text.Display())
		}
		p, err := v.Parameter()
		if err != nil {
			t.Fatal(err)
		}
		p = p.Resolve(func(engine.Reference) (string, bool) { return value, true })
		s, isKnown := p.Known()
		if isKnown != (p.Fault() == nil) {
			t.Errorf("%s of %q: known is %v, and the fault %v", expression, value, isKnown, p.Fault())
		}
		return s, p.Fault()
	}
	switch x := globals["x"].(type) {
	case starlark.String:
		return string(x), nil
	case starlark.Float:
		return (&Text{form: aFloat, text: engine.Literal(x.String())}).plainly(), nil
	default:
		return x.String(), nil
	}
}

func (t *Text) plainly() string {
	p, _ := t.Parameter()
	s, _ := p.Known()
	return s
}

func checkFlow(t *testing.T, expression, value string) {
	t.Helper()
	want, errKnown := later(t, expression, value, true)
	got, errLater := later(t, expression, value, false)
	if got != want || (errKnown == nil) != (errLater == nil) {
		t.Errorf("%s of %q:\nlater: %q, %v\nknown: %q, %v", expression, value, got, errLater, want, errKnown)
	}
}

func TestFlowsAsKnown(t *testing.T) {
	for _, value := range []string{"", "8022", "-7", "007", " 3 ", "1e3", "3.0", "0.00001", "1e17", "abc", "a:b:c", "é", "a\nb\n", "  x\n    y", "https://me.example:8443/a/b?c", "https://[2001:db8::1]/", "aGVsbG8=", `q"uo\te`, "\x7f\u2028"} {
		for _, expression := range flowing {
			checkFlow(t, expression, value)
		}
	}
}

func FuzzFlow(f *testing.F) {
	for i := range flowing {
		f.Add(i, "a:b/ 12")
	}
	f.Fuzz(func(t *testing.T, n int, value string) {
		if !isText(value) {
			t.Skip("what is published is text")
		}
		checkFlow(t, flowing[uint(n)%uint(len(flowing))], value)
	})
}

func isText(s string) bool { return strings.ToValidUTF8(s, "") == s && !strings.Contains(s, "\x00") }

// flowingOutput are expressions of v, a value of a JSON document: what they give of one that
// comes later is what they give of one that is known, if that is no error.
var flowingOutput = []string{
	`json.encode(v)`, `json.encode({"a": [v, 1]})`, `str(v)`, `"<%s>" % v`, `"{}!".format(v)`, `"%s" % [v]`, `repr(v)`, `"%r" % v`, `str({"k": (v,)})`,
	`"a" + v`, `v + "b"`, `v.strip()`, `v.upper()`, `v.split(":")[0]`, `v.replace("a", "b")`, `v[1:]`, `hashlib.md5(v)`, `urls.quote(v)`,
	`json.encode(int(v))`, `"%d" % int(v)`, `"%05d" % int(v)`, `json.encode(float(v))`,
	`json.encode(v["a"])`, `json.encode(v["a"]["b"][0])`, `json.encode(v.get("a"))`, `"x" + v["a"]["b"][-1]`, `json.encode(v[0])`, `str(v[-1])`, `str([v[0]])`,
}

func TestOutputFlowsAsKnown(t *testing.T) {
	at := engine.Reference{Instance: "db", Path: engine.NewPath("v"), JSON: true}
	for _, value := range []string{`""`, `"a:b"`, `"3"`, `" 3 "`, "7", "-0", "1.50", "1e3", "1e17", "2.5e-7", "12345678901234567890123", "true", "false", "null", "[]", `[1, "x", [true, null]]`,
		`{"a": "q\"\u00e9"}`, `{"b": 1, "a": {"c": 1.0, "b": ["first", "la\u0001st"]}}`} {
		for _, expression := range flowingOutput {
			want, errKnown := evaluate(t, expression, func(e *Evaluation) starlark.Value {
				o, _, err := engine.Lookup(func(engine.Reference) (string, bool) { return `{"v": ` + value + `}`, true }).Find(at)
				if err != nil {
					t.Fatal(err)
				}
				v, err := e.DecodeOutput(o, at, false)
				if err != nil {
					t.Fatal(err)
				}
				return v
			})
			if errKnown != nil || strings.HasPrefix(value, `"`) && strings.Contains(expression, "[") && !strings.Contains(expression, "%") {
				continue // a subscript of text is a character, and of a value to come a step into the document
			}
			got, err := evaluate(t, expression, func(e *Evaluation) starlark.Value { return e.Later(at) })
			if err != nil {
				t.Errorf("%s of %s, to come: %v", expression, value, err)
				continue
			}
			text := got.Resolve(func(engine.Reference) (string, bool) { return `{"v": ` + value + `}`, true })
			was, _ := want.Known()
			if is, known := text.Known(); !known || is != was {
				t.Errorf("%s of %s:\nlater: %q, %v\nknown: %q", expression, value, is, text.Fault(), was)
			}
		}
	}
}

// evaluate returns the text that an expression of v is.
func evaluate(t *testing.T, expression string, v func(*Evaluation) starlark.Value) (engine.Text, error) {
	t.Helper()
	e, err := New(context.Background(), Source{File: "m.star", Sources: &Sources{Text: map[string]string{"m.star": "x = " + expression}, Read: func(string) ([]byte, error) { return nil, errNoFile }}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	e.Predeclared()["v"] = v(e)
	globals, more, err := e.Entry()
	if err != nil || more != nil {
		return nil, fmt.Errorf("%v %v", err, more)
	}
	text, isText := e.TextOf(globals["x"])
	if !isText {
		return nil, fmt.Errorf("got %v, want text", globals["x"])
	}
	return text, nil
}
