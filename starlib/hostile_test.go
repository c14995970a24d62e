package starlib

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slapstar/starlib/lang"
)

// A hostile file ends with a clear error: what it would take for ever, for all
// memory, or for the stack of the program is refused by name.
func TestHostileFiles(t *testing.T) {
	doubling := func(start, step string) string {
		return "x = " + start + "\nfor _ in range(100):\n    " + step + "\n"
	}
	for name, test := range map[string]struct{ source, want string }{
		"endless loop":             {"def f():\n    for _ in range(1000000000):\n        pass\nf()", "stopped after 100 million steps"},
		"nested loops":             {"x = [1 for a in range(100000) for b in range(100000)]", "stopped"},
		"recursion":                {"def f():\n    f()\nf()", "function f called recursively"},
		"recursion by turns":       {"def g(f):\n    f(f)\ng(g)", "called recursively"},
		"text repeated":            {"x = 'a' * 1000000000", "*: the text would be longer than 64 MiB"},
		"list repeated":            {"x = [0] * 1000000000", "*: there would be more than 2 million elements"},
		"tuple repeated":           {"x = (0,) * 1000000000", "*: there would be more than 2 million elements"},
		"repeated by a huge int":   {"x = 'a' * (1 << 100)", "*: the text would be longer"},
		"repeated from the left":   {"x = 1000000000 * 'a'", "*: the text would be longer"},
		"repeat assigned":          {"x = 'a'\nx *= 1000000000", "*: the text would be longer"},
		"repeat in an element":     {"x = ['a']\nx[0] *= 1000000000", "*: the text would be longer"},
		"text doubled":             {doubling("'a' * 1000", "x = x + x"), "+: the text would be longer than 64 MiB"},
		"text doubled in place":    {doubling("'a' * 1000", "x += x"), "+=: the text would be longer than 64 MiB"},
		"list doubled":             {doubling("[1]", "x = x + x"), "+: there would be more than 2 million elements"},
		"list doubled in place":    {doubling("[1]", "x += x"), "+=: there would be more than 2 million elements"},
		"list extended":            {doubling("[1]", "x.extend(x)"), ".extend: there would be more than 2 million elements"},
		"number squared":           {doubling("3", "x = x * x"), "*: the number would have more than 1048576 bits"},
		"list of a range":          {"x = list(range(10000000000))", "list: there would be more than 2 million elements"},
		"tuple of a range":         {"x = tuple(range(10000000000))", "tuple: there would be more"},
		"set of a range":           {"x = set(range(10000000000))", "set: there would be more"},
		"sorted range":             {"x = sorted(range(10000000000))", "sorted: there would be more"},
		"reversed range":           {"x = reversed(range(10000000000))", "reversed: there would be more"},
		"enumerated range":         {"x = enumerate(range(10000000000))", "enumerate: there would be more"},
		"zipped ranges":            {"x = zip(range(10000000000), range(10000000000))", "zip: there would be more"},
		"maximum of a range":       {"x = max(range(10000000000))", "max: there would be more"},
		"all of a range":           {"x = all(range(1, 10000000000))", "all: there would be more"},
		"arguments of a range":     {"def f(*args):\n    pass\nf(*range(10000000000))", "the arguments after *: there would be more"},
		"list extended by range":   {"x = []\nx.extend(range(10000000000))", ".extend: there would be more"},
		"list plus range in place": {"x = []\nx += range(10000000000)", "+=: there would be more"},
		"joined":                   {"x = ('a' * 1000000).join(['b'] * 1000000)", ".join: the text would be longer"},
		"replaced":                 {"x = ('a' * 1000000).replace('a', 'b' * 1000000)", ".replace: the text would be longer"},
		"formatted":                {"x = ('{0}' * 100000).format('b' * 1000000)", ".format: the text would be longer"},
		"formatted by name":        {"x = ('%(a)s' * 100000) % {'a': 'b' * 1000000}", "%: the text would be longer"},
		"list in itself, written":  {"x = [1]\nfor _ in range(100):\n    x = [x, x]\ny = str(x)", "str: there would be more than 2 million elements"},
		"list in itself, as JSON":  {"x = [1]\nfor _ in range(100):\n    x = [x, x]\ny = json.encode(x)", "json.encode: there would be more than 2 million elements"},
		"list in itself, shown":    {"x = [1]\nfor _ in range(100):\n    x = [x, x]\nprint(x)", "print: there would be more than 2 million elements"},
		"list in itself, kept":     {"x = [1]\nfor _ in range(100):\n    x = [x, x]", "the value of x: there would be more than 2 million elements"},
		"deep list":                {"x = []\nfor _ in range(1000000):\n    x = [x]", "the value of x: values are nested more than 1000 deep"},
		"deep list, written":       {"x = []\nfor _ in range(1000000):\n    x = [x]\ny = str(x)", "str: values are nested more than 1000 deep"},
		"deep list, compared":      {"x = []\ny = []\nfor _ in range(1000000):\n    x, y = [x], [y]\nz = x == y\nx, y = 0, 0", "comparison exceeded maximum recursion depth"},
		"deep list, as parameter":  {"x = []\nfor _ in range(1000000):\n    x = [x]\nrequest(product.kvm, 'a', {'x': x}, serialisation = 'json-in-xml')", "json.encode: values are nested more than 1000 deep"},
		"deep JSON":                {"x = json.decode('[' * 1000000)", "json.decode: values are nested more than 1000 deep"},
		"deep JSON, indented":      {"x = json.indent('[' * 1000000)", "nested more than 1000 deep"},
		"long indentation":         {"x = json.indent('[1,2]', indent = ' ' * 1000000)", "json.indent: \"indent\" has 1000000 characters"},
		"deep expression":          {"x = " + strings.Repeat("(", 20000) + "1" + strings.Repeat(")", 20000), "excessive nesting"},
		"long expression":          {"x = 1" + strings.Repeat(" + 1", 20000), "this is nested more than"},
		"deep blocks":              {deepBlocks(2000), ""},
		"much printed":             {"for _ in range(100000):\n    print('a' * 1000)", "print wrote more than 1 MiB"},
		"memory in a dictionary":   {"d = {}\nfor i in range(10000000):\n    d[i] = 'a' * 1000 + str(i)", "stopped"},
		"memory in lists":          {"d = []\nfor i in range(3000):\n    d.append([i] * 1000000)", "stopped: the values take more than 1 GiB of memory"},
		"long name":                {"x = request(product.kvm, 'a' * 1000000)", "got 1000000 characters, want at most 200"},
		"many mistakes":            {"for i in range(100000):\n    request(product.kvm, '')", "got an empty string"},
		"cycle in a list":          {"x = [1]\nx.append(x)\ny = json.encode(x)", "nested more than 1000 deep"},
		"cycle in a dictionary":    {"x = {}\nx['a'] = x", "nested more than 1000 deep"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "main.star")
			if err := os.WriteFile(file, []byte(test.source), 0o600); err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			_, err := Exec(context.Background(), testInputs(file))
			t.Logf("%s", time.Since(begin).Round(time.Millisecond))
			var ours *lang.Error
			if test.want == "" {
				return // whatever comes of it, the program is still there
			}
			if !errors.As(err, &ours) || !strings.Contains(err.Error(), test.want) {
				text := "nil"
				if err != nil {
					text = err.Error()
				}
				t.Errorf("got error %.300s, want one of this package that contains %q", text, test.want)
			}
		})
	}
}

func deepBlocks(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "if True:\n")
	}
	b.WriteString(strings.Repeat(" ", n) + "pass\n")
	return b.String()
}
