package starlib

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib/lang"
)

// testInputs is a Master that has an instance "running" with a published url,
// and knows two products.
func testInputs(file string) Inputs {
	return Inputs{
		Source: lang.Source{File: file},
		Lookup: func(r engine.Reference) (string, bool) {
			if value, ok := published[r.Key]; ok && r.Instance == "prod" {
				return value, true
			}
			if value, ok := documents[r.Instance][r.Key]; ok {
				return value, true
			}
			if r.Instance == "running" && r.Kind != "" {
				return map[engine.Kind]string{engine.GUID: "GUID", engine.ID: "slappart7"}[r.Kind], true
			}
			return "https://[2001:db8::1]/", r.Instance == "running" && r.Key == "url"
		},
		Product: func(_ context.Context, name string) (string, error) {
			switch name {
			case "kvm", "erp5":
				return "https://lab.example/" + name + "/software.cfg", nil
			case "broken":
				return "", errors.New("the Master cannot be reached")
			}
			return "", nil
		},
		Instance: func(name string) (slap.Instance, bool) {
			if name == "prod" {
				return slap.Instance{
					InstanceRequest:      slap.InstanceRequest{Name: name, State: slap.Started, Parameters: slap.Parameters{"admin-password": "asked", "size": "3"}},
					ConnectionParameters: published,
				}, true
			}
			if p := documents[name]; p != nil {
				return slap.Instance{InstanceRequest: slap.InstanceRequest{Name: name, State: slap.Started}, ConnectionParameters: p}, true
			}
			return slap.Instance{
				InstanceRequest: slap.InstanceRequest{Name: name, State: slap.Started}, GUID: "GUID", Partition: "slappart7", Status: slap.Status{Text: "#access fine"},
				ConnectionParameters: slap.Parameters{"url": "https://[2001:db8::1]/"},
			}, name == "running"
		},
		Serialisation: func(_ context.Context, t Travel) (slap.Serialisation, error) {
			switch t.Release {
			case "schema says":
				return slap.JSONInXML, nil
			case "broken schema":
				return "", errors.New("no such host")
			}
			return "", nil
		},
		Vars: map[string]lang.Var{"text": {Text: "t"}, "odd": {Text: "maybe"}, "n": {Text: "5"}, "on": {Text: "False"}, "l": {JSON: []byte(`[1, "x"]`)}},
		Secret: func(_ context.Context, name string) (string, error) {
			switch name {
			case "password":
				return "hush", nil
			case "other":
				return "whisper", nil
			case "empty":
				return "", nil
			case "withheld", "another":
				return "", ErrWithheld
			}
			return "", errors.New("it is not given")
		},
	}
}

// published is what the instance "prod" of testInputs has published.
var published = slap.Parameters{
	"password": "hush",
	"url":      "https://me:hush@[2001:db8::2]/",
	"host":     "[2001:db8::2]",
	"document": `{"user": "me", "login": {"password": "hush", "pin": [1, 2]}, "secrets": [7, "a", true, null], "url": "http://me:x@h/", "size": 3, "inner": "{\"token\": \"t\", \"n\": 1}"}`,
	"api-key":  `{"a": "b", "n": 1}`,
	"token":    "no document",
}

// documents are what instances of testInputs have published that publish JSON.
var documents = map[string]slap.Parameters{
	"json": {"_": `{"url": "https://x/", "router": {"ipv4": ["10.0.0.1", "10.0.0.2"]}, "port": 22, "f": 1.5, "on": true, "nothing": null, "a.b": "dot",
		"login": {"user": "joe", "password": "hush-hush"}}`, "plain": "text"},
	"broken": {"_": "{"},
}

// A chunk is a part of a test file: it is evaluated alone, and has to fail on
// the lines that carry an expectation.
type chunk struct {
	source string         // with empty lines in front, so that line numbers are those of the file
	want   map[int]string // line to regular expression
}

var expectation = regexp.MustCompile("### *([\"`].*[\"`])$")

// readChunks splits a file at lines of "---".
func readChunks(t *testing.T, path string) []chunk {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var chunks []chunk
	current := chunk{want: map[int]string{}}
	line := 0
	for s := bufio.NewScanner(f); s.Scan(); {
		line++
		if s.Text() == "---" {
			chunks = append(chunks, current)
			current = chunk{source: strings.Repeat("\n", line), want: map[int]string{}}
			continue
		}
		current.source += s.Text() + "\n"
		if m := expectation.FindStringSubmatch(s.Text()); m != nil {
			want, err := strconv.Unquote(m[1])
			if err != nil {
				t.Fatalf("%s:%d: %v", path, line, err)
			}
			current.want[line] = want
		}
	}
	return append(chunks, current)
}

func TestFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/*.star")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	for _, path := range files {
		t.Run(filepath.Base(path), func(t *testing.T) {
			for _, c := range readChunks(t, path) {
				checkChunk(t, path, c)
			}
		})
	}
}

func checkChunk(t *testing.T, path string, c chunk) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "chunk.star")
	if err := os.WriteFile(file, []byte(c.source), 0o600); err != nil {
		t.Fatal(err)
	}
	e, err := New(context.Background(), testInputs(file), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	e.Predeclared()["assert_eq"] = starlark.NewBuiltin("assert_eq", assertEqual)
	e.Predeclared()["parameter"] = starlark.NewBuiltin("parameter", declaredParameter)
	e.Predeclared()["declared_output"] = starlark.NewBuiltin("declared_output", declaredOutput)
	e.Predeclared()["supplies"] = starlark.NewBuiltin("supplies", declaredSupplies)
	err = e.exec()
	var problems []lang.Problem
	if err != nil {
		var ours *lang.Error
		if !errors.As(err, &ours) {
			t.Fatalf("%s: got error %v, want one of this package", path, err)
		}
		problems = ours.Problems
	}
	if more := e.config.More; more != nil {
		u := &lang.UnknownError{Use: more.Use, Reference: more.Reference, Secret: more.Secret}
		problems = append(problems, lang.Problem{Position: more.Origin.Position(), Message: "boundary: " + u.Error()})
	}
	for _, p := range problems {
		want, ok := c.want[p.Position.Line]
		text := p.Message
		if p.Hint != "" {
			text += " hint: " + p.Hint
		}
		if matched, err := regexp.MatchString(want, text); err != nil || !ok || !matched {
			t.Errorf("%s:%d:%d: got %q, want %q", path, p.Position.Line, p.Position.Col, text, want)
		}
		delete(c.want, p.Position.Line)
	}
	for line, want := range c.want {
		t.Errorf("%s:%d: got no error, want %q", path, line, want)
	}
}

func assertEqual(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	equal, err := starlark.Compare(syntax.EQL, args[0], args[1])
	if err == nil && !equal {
		err = fmt.Errorf("got %v, want %v", args[0], args[1])
	}
	return starlark.None, err
}

// declaredParameter returns how the engine holds a parameter of an instance:
// references in braces.
func declaredParameter(thread *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	name, _ := starlark.AsString(args[0])
	key, _ := starlark.AsString(args[1])
	for _, i := range current(thread).config.Instances() {
		if i.Name != name {
			continue
		}
		return starlark.String(bracketed(i.Parameters[key])), nil
	}
	return nil, fmt.Errorf("there is no instance %q", name)
}

// declaredSupplies lists the software installations that are declared.
func declaredSupplies(thread *starlark.Thread, _ *starlark.Builtin, _ starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
	var list []starlark.Value
	for _, s := range current(thread).config.Software() {
		list = append(list, starlark.String(s.SoftwareRelease+" on "+s.Computer+": "+s.State))
	}
	return starlark.NewList(list), nil
}

func bracketed(t engine.Text) string {
	var b strings.Builder
	for _, p := range t {
		switch {
		case p.Reference != nil:
			form := ""
			if p.Reference.JSON {
				form = "json "
			}
			fmt.Fprintf(&b, "{%s%s.%s}", form, p.Reference.Instance, p.Reference.Name())
		case p.Quoted != nil:
			b.WriteString(`"` + bracketed(p.Quoted) + `"`)
		case p.Derived != nil:
			fmt.Fprintf(&b, "%s(%s)", p.Derived.Name, strings.Join(append([]string{bracketed(p.Derived.Of)}, p.Derived.Args...), ","))
		case p.Secret != "":
			b.WriteString("<" + p.Secret + ">")
		case p.Credential != nil:
			fmt.Fprintf(&b, "[%v: %s]", p.Credential, p.Literal)
		default:
			b.WriteString(p.Literal)
		}
	}
	return b.String()
}

// writeFiles writes a folder of files and returns it.
func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func execFile(t *testing.T, dir, name string) (*engine.Config, error) {
	t.Helper()
	return Exec(context.Background(), testInputs(filepath.Join(dir, name)))
}

// What is declared remembers the whole way there, columns included.
func TestOrigin(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"main.star":      "load('lib/vm.star', 'vm')\nfor n in range(1):\n    handle = vm('a')\n",
		"lib/vm.star":    "load('inner.star', 'inner')\ndef vm(name):\n    return   inner(name)\n",
		"lib/inner.star": "def inner(name):\n    return request(product.kvm, name)\n",
	})
	config, err := execFile(t, dir, "main.star")
	if err != nil {
		t.Fatal(err)
	}
	instance := config.Instances()[0]
	var got []string
	for _, f := range instance.Origin.Stack {
		got = append(got, fmt.Sprintf("%v in %s", f.Position, f.Function))
	}
	want := []string{"main.star:3:14 in <toplevel>", "lib/vm.star:3:14 in vm", "lib/inner.star:2:12 in inner"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if instance.Product != "kvm" {
		t.Errorf("got product %q, want kvm", instance.Product)
	}
}

// Errors in loaded files show the innermost place and the whole stack, not the
// line of the load.
func TestErrorStack(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"main.star": "load('a.star', 'f')\n\ndef g():\n    f(state = 'runing')\n\ng()\n",
		"a.star":    "def f(state):\n    request(product.kvm, 'lamp', state = state)\n",
	})
	_, err := execFile(t, dir, "main.star")
	var ours *lang.Error
	if !errors.As(err, &ours) {
		t.Fatalf("got error %v", err)
	}
	p := ours.Problems[0]
	got := fmt.Sprintf("%v: %s\n", p.Position, p.Message)
	for _, f := range p.Stack {
		got += fmt.Sprintf("  %v: in %s\n", f.Position, f.Function)
	}
	got += p.Hint
	want := `a.star:2:5: request: for parameter state: got "runing", want "started", "stopped" or "destroyed"
  main.star:6:1: in <toplevel>
  main.star:4:5: in g
  a.star:2:5: in f
did you mean "started"?`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// An error while the loaded file runs is also that of the loaded file.
	dir = writeFiles(t, map[string]string{"main.star": "load('a.star', 'x')\n", "a.star": "\nx = 1 // 0\n"})
	if _, err = execFile(t, dir, "main.star"); err == nil || err.Error() != "a.star:2:7: floored division by zero" {
		t.Errorf("got error %v", err)
	}
}

func TestLoad(t *testing.T) {
	outside := writeFiles(t, map[string]string{"secret.star": "x = 1"})
	for _, test := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"from the root", map[string]string{"main.star": "load('a/b.star', 'x')", "a/b.star": "load('//c.star', 'x')\n", "c.star": "x = 1"}, "b.star:1:1: load: x not found|"},
		{"missing", map[string]string{"main.star": "\nload('nothing.star', 'x')"}, "main.star:2:1: cannot load nothing.star: there is no such file"},
		{"cycle", map[string]string{"main.star": "load('a.star', 'x')", "a.star": "\nload('main.star', 'x')"}, "a.star:2:1: cannot load main.star: load cycle: main.star is being loaded already"},
		{"longer cycle", map[string]string{"main.star": "load('a.star', 'x')", "a.star": "load('b.star', 'x')", "b.star": "load('a.star', 'x')"}, "b.star:1:1: cannot load a.star: load cycle: a.star is being loaded already, at main.star:1:1"},
		{"out of the root", map[string]string{"main.star": "load('../x.star', 'x')"}, "main.star:1:1: cannot load ../x.star: it is outside of the folder of the entry file"},
		{"absolute", map[string]string{"main.star": "load('/etc/passwd', 'x')"}, "want a path relative to this file"},
		{"symbolic link", map[string]string{"main.star": "load('link.star', 'x')"}, "it is outside of the folder"},
		{"syntax error", map[string]string{"main.star": "load('a.star', 'x')", "a.star": "x = = 1"}, "a.star:1:5: got '='"},
		{"private", map[string]string{"main.star": "load('a.star', '_x')", "a.star": "_x = 1"}, "main.star:1:17: load: names with leading underscores are not exported: _x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := writeFiles(t, test.files)
			if err := os.Symlink(filepath.Join(outside, "secret.star"), filepath.Join(dir, "link.star")); err != nil {
				t.Fatal(err)
			}
			_, err := execFile(t, dir, "main.star")
			if test.name == "from the root" {
				// A loaded name is not exported again, so x is missing in b.star.
				if err == nil || !strings.Contains(err.Error(), "name x not found in module a/b.star") {
					t.Errorf("got error %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one that contains %q", err, test.want)
			}
		})
	}
}

// A loaded file is evaluated once, and several mistakes of one file are
// reported together.
func TestSeveralMistakes(t *testing.T) {
	dir := writeFiles(t, map[string]string{"main.star": "x = requets(1)\ny = prodct.kvm\n"})
	_, err := execFile(t, dir, "main.star")
	var ours *lang.Error
	if !errors.As(err, &ours) || len(ours.Problems) != 2 {
		t.Fatalf("got error %v, want two problems", err)
	}
	for i, want := range []string{`did you mean "request"?`, `did you mean "product"?`} {
		if ours.Problems[i].Hint != want {
			t.Errorf("got hint %q, want %q", ours.Problems[i].Hint, want)
		}
	}
}

func TestEndlessLoop(t *testing.T) {
	dir := writeFiles(t, map[string]string{"main.star": "def f():\n    for a in range(1000000):\n        for b in range(1000000):\n            pass\nf()\n"})
	_, err := execFile(t, dir, "main.star")
	if err == nil || !strings.Contains(err.Error(), "stopped after 100 million steps") {
		t.Errorf("got error %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Exec(ctx, testInputs(filepath.Join(dir, "main.star"))); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

// print shows an unknown value as people read it, with the position.
func TestPrint(t *testing.T) {
	dir := writeFiles(t, map[string]string{"main.star": "db = request(product.kvm, 'db')\nprint('at', db.getConnectionParameter('url'), [db.getConnectionParameter('url')])\n"})
	in := testInputs(filepath.Join(dir, "main.star"))
	var got string
	in.Print = func(p engine.Position, message string) { got = fmt.Sprintf("%v %s", p, message) }
	if _, err := Exec(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	if want := "main.star:2:1 at (known after db) [(known after db)]"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A file that is no text is refused where it stops being one: starlark-go takes
// a NUL for the end of the file and bytes that are no UTF-8 for characters.
func TestNoText(t *testing.T) {
	for name, test := range map[string]struct{ source, want string }{
		"NUL":     {"request(product.kvm, 'a')\n\x00\nrequest(product.kvm, 'b')\n", "main.star:2:1: there is a NUL byte"},
		"Latin-1": {"x = 'ß'\nrequest(product.kvm, '\xe9')", "main.star:2:23: byte 0xe9 is not UTF-8"},
	} {
		dir := writeFiles(t, map[string]string{"main.star": test.source})
		if config, err := execFile(t, dir, "main.star"); err == nil || !strings.Contains(err.Error(), test.want) || len(config.Resources) > 0 {
			t.Errorf("%s: got error %v, want one that contains %q", name, err, test.want)
		}
	}
	dir := writeFiles(t, map[string]string{"main.star": "\uFEFFx = 1\r\n"})
	if _, err := execFile(t, dir, "main.star"); err != nil {
		t.Errorf("a byte order mark: got error %v", err)
	}
}

// An expression that would overflow the stack, which no program survives.
func TestDeepExpression(t *testing.T) {
	for name, source := range map[string]string{
		"a sum":    "x = " + strings.Repeat("1+", 1_000_000) + "1\n",
		"lists":    "x = " + strings.Repeat("[", 50_000) + strings.Repeat("]", 50_000) + "\n",
		"calls":    "x = " + strings.Repeat("f(", 50_000) + strings.Repeat(")", 50_000) + "\n",
		"negation": "x = " + strings.Repeat("not ", 50_000) + "1\n",
	} {
		dir := writeFiles(t, map[string]string{"main.star": source})
		if _, err := execFile(t, dir, "main.star"); err == nil || !strings.Contains(err.Error(), "nest") {
			t.Errorf("%s: got error %.200v", name, err)
		}
	}
}

// A symbolic link to an entry file stands for that file, with the folder it is in.
func TestLinkedEntryFile(t *testing.T) {
	dir := writeFiles(t, map[string]string{"shared/main.star": "load('x.star', 'x')", "here/x.star": "x = 1"})
	if err := os.Symlink("../shared/main.star", filepath.Join(dir, "here/main.star")); err != nil {
		t.Fatal(err)
	}
	if _, err := execFile(t, dir, "here/main.star"); err == nil || !strings.Contains(err.Error(), "is a link that leads out of the folder") || lang.HintOf(err) == "" {
		t.Errorf("got error %v, want one that refuses the link, with a hint", err)
	}
	in := testInputs(filepath.Join(dir, "here/main.star"))
	in.Root, in.Vars = dir, nil
	if _, err := Exec(context.Background(), in); err != nil {
		t.Errorf("with a root that holds both: got error %v", err)
	}
}

// Links do not lead to a folder outside of a base, and a relative name does not lead
// out of the working folder by one.
func TestLinkedFolder(t *testing.T) {
	dir := writeFiles(t, map[string]string{"elsewhere/main.star": "", "tests/x": ""})
	if err := os.Symlink("../elsewhere", filepath.Join(dir, "tests/sub")); err != nil {
		t.Fatal(err)
	}
	in := testInputs(filepath.Join(dir, "tests/sub/main.star"))
	in.Vars = nil
	if _, err := Exec(context.Background(), in); err != nil {
		t.Errorf("a folder that is named with its whole path: %v", err)
	}
	in.Base = filepath.Join(dir, "tests")
	if _, err := Exec(context.Background(), in); err == nil || !strings.Contains(err.Error(), "leads out of the folder") {
		t.Errorf("with a base: got error %v", err)
	}
	t.Chdir(filepath.Join(dir, "tests"))
	in.Base, in.File = "", "sub/main.star"
	if _, err := Exec(context.Background(), in); err == nil || !strings.Contains(err.Error(), "leads out of the folder") {
		t.Errorf("a relative name: got error %v", err)
	}
}

// Errors that are not of the files keep their type.
func TestEntryFile(t *testing.T) {
	dir := writeFiles(t, map[string]string{"sub/main.star": ""})
	if _, err := execFile(t, dir, "nothing.star"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: got error %v", err)
	}
	if _, err := execFile(t, dir, "sub"); err == nil || !strings.Contains(err.Error(), "is a folder") {
		t.Errorf("folder: got error %v", err)
	}
	in := testInputs(filepath.Join(dir, "sub/main.star"))
	in.Root = t.TempDir()
	if _, err := Exec(context.Background(), in); err == nil || !strings.Contains(err.Error(), "not below the root") {
		t.Errorf("outside of the root: got error %v", err)
	}
}

func FuzzExec(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.star")
	for _, path := range files {
		source, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for part := range strings.SplitSeq(string(source), "\n---\n") {
			f.Add(part)
		}
	}
	f.Fuzz(func(t *testing.T, source string) {
		path := filepath.Join(t.TempDir(), "main.star")
		if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
		e, err := New(context.Background(), testInputs(path), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		e.Limit(10_000)
		_ = e.exec() // must not panic
	})
}
