package starlib

import (
	"context"
	"errors"
	"fmt"
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
		"endless loop":              {"def f():\n    for _ in range(1000000000):\n        pass\nf()", "stopped after 100 million steps"},
		"nested loops":              {"x = [1 for a in range(100000) for b in range(100000)]", "stopped"},
		"recursion":                 {"def f():\n    f()\nf()", "function f called recursively"},
		"recursion by turns":        {"def g(f):\n    f(f)\ng(g)", "called recursively"},
		"text repeated":             {"x = 'a' * 1000000000", "*: the text would be longer than 64 MiB"},
		"list repeated":             {"x = [0] * 1000000000", "*: there would be more than 2 million elements"},
		"tuple repeated":            {"x = (0,) * 1000000000", "*: there would be more than 2 million elements"},
		"repeated by a huge int":    {"x = 'a' * (1 << 100)", "*: the text would be longer"},
		"repeated from the left":    {"x = 1000000000 * 'a'", "*: the text would be longer"},
		"repeat assigned":           {"x = 'a'\nx *= 1000000000", "*: the text would be longer"},
		"repeat in an element":      {"x = ['a']\nx[0] *= 1000000000", "*: the text would be longer"},
		"text doubled":              {doubling("'a' * 1000", "x = x + x"), "+: the text would be longer than 64 MiB"},
		"text doubled in place":     {doubling("'a' * 1000", "x += x"), "+=: the text would be longer than 64 MiB"},
		"list doubled":              {doubling("[1]", "x = x + x"), "+: there would be more than 2 million elements"},
		"list doubled in place":     {doubling("[1]", "x += x"), "+=: there would be more than 2 million elements"},
		"list extended":             {doubling("[1]", "x.extend(x)"), ".extend: there would be more than 2 million elements"},
		"number squared":            {doubling("3", "x = x * x"), "*: the number would have more than 5000 digits"},
		"list of a range":           {"x = list(range(10000000000))", "list: there would be more than 2 million elements"},
		"tuple of a range":          {"x = tuple(range(10000000000))", "tuple: there would be more"},
		"set of a range":            {"x = set(range(10000000000))", "set: there would be more"},
		"sorted range":              {"x = sorted(range(10000000000))", "sorted: there would be more"},
		"reversed range":            {"x = reversed(range(10000000000))", "reversed: there would be more"},
		"enumerated range":          {"x = enumerate(range(10000000000))", "enumerate: there would be more"},
		"zipped ranges":             {"x = zip(range(10000000000), range(10000000000))", "zip: there would be more"},
		"maximum of a range":        {"x = max(range(10000000000))", "max: there would be more"},
		"all of a range":            {"x = all(range(1, 10000000000))", "all: there would be more"},
		"arguments of a range":      {"def f(*args):\n    pass\nf(*range(10000000000))", "the arguments after *: there would be more"},
		"list extended by range":    {"x = []\nx.extend(range(10000000000))", ".extend: there would be more"},
		"list plus range in place":  {"x = []\nx += range(10000000000)", "+=: there would be more"},
		"joined":                    {"x = ('a' * 1000000).join(['b'] * 1000000)", ".join: the text would be longer"},
		"replaced":                  {"x = ('a' * 1000000).replace('a', 'b' * 1000000)", ".replace: the text would be longer"},
		"formatted":                 {"x = ('{0}' * 100000).format('b' * 1000000)", ".format: the text would be longer"},
		"formatted by name":         {"x = ('%(a)s' * 100000) % {'a': 'b' * 1000000}", "%: the text would be longer"},
		"list in itself, written":   {"x = [1]\nfor _ in range(100):\n    x = [x, x]\ny = str(x)", "str: there would be more than 2 million elements"},
		"list in itself, as JSON":   {"x = [1]\nfor _ in range(100):\n    x = [x, x]\ny = json.encode(x)", "json.encode: there would be more than 2 million elements"},
		"list in itself, shown":     {"x = [1]\nfor _ in range(100):\n    x = [x, x]\nprint(x)", "print: there would be more than 2 million elements"},
		"list in itself, kept":      {"x = [1]\nfor _ in range(100):\n    x = [x, x]", "the value of x: there would be more than 2 million elements"},
		"deep list":                 {"x = []\nfor _ in range(1000000):\n    x = [x]", "the value of x: values are nested more than 1000 deep"},
		"deep list, written":        {"x = []\nfor _ in range(1000000):\n    x = [x]\ny = str(x)", "str: values are nested more than 1000 deep"},
		"deep list, compared":       {"x = []\ny = []\nfor _ in range(1000000):\n    x, y = [x], [y]\nz = x == y\nx, y = 0, 0", "==: values are nested more than 1000 deep"},
		"deep list, as parameter":   {"x = []\nfor _ in range(1000000):\n    x = [x]\nrequest(product.kvm, 'a', {'x': x}, serialisation = 'json-in-xml')", "json.encode: values are nested more than 1000 deep"},
		"deep JSON":                 {"x = json.decode('[' * 1000000)", "json.decode: values are nested more than 1000 deep"},
		"deep JSON, indented":       {"x = json.indent('[' * 1000000)", "nested more than 1000 deep"},
		"encoded and indented":      {doubledTuple + "y = json.encode_indent(x)\nx = 0", "json.encode: there would be more than 2 million elements"},
		"long indentation, encoded": {"x = json.encode_indent([1], indent = 'a' * 60000000)", "json.encode_indent: \"indent\" has 60000000 characters"},
		"default of a document":     {"x = json.decode('[1', default = 2)\nif x != 2:\n    fail(x)", ""},
		"long pattern":              {"owns('x' * 9000)", "got a pattern of 9000 bytes, want at most 1000"},
		"many names not owned":      {"owns('y')\nfor i in range(60000):\n    request(product.kvm, 'n%d' % i)", "and 59980 more mistakes, of which this is the first"},
		"many names not declared":   {"for i in range(20000):\n    request(product.kvm, 'name-of-instance-%d' % i, depends_on = ['name-of-an-instance-%d' % i])", "and 19980 more mistakes, of which this is the first"},
		"long indentation":          {"x = json.indent('[1,2]', indent = ' ' * 1000000)", "json.indent: \"indent\" has 1000000 characters"},
		"deep expression":           {"x = " + strings.Repeat("(", 20000) + "1" + strings.Repeat(")", 20000), "excessive nesting"},
		"long expression":           {"x = 1" + strings.Repeat(" + 1", 20000), "this is nested more than"},
		"deep blocks":               {deepBlocks(2000), "excessive nesting"},
		"chain of elif":             {"if False:\n    pass\n" + strings.Repeat("elif False:\n    pass\n", 1_500_000), "this is nested more than 10000 deep"},

		"tuple in itself, hashed":    {doubledTuple + "y = {x: 1}", "a key: there would be more than 2 million elements"},
		"tuple in itself, as key":    {doubledTuple + "y = {}\ny[x] = 1", "a key: there would be more"},
		"tuple in itself, looked up": {doubledTuple + "y = {}[x]", "a key: there would be more"},
		"tuple in itself, got":       {doubledTuple + "y = {}.get(x)", "a key: there would be more"},
		"tuple in itself, get later": {doubledTuple + "f = {}.get\ny = f(x)", ".get: there would be more"},
		"tuple in itself, in a set":  {doubledTuple + "y = set([x])", "set: there would be more"},
		"tuple in itself, added":     {doubledTuple + "y = set()\ny.add(x)", "a key: there would be more"},
		"tuple in itself, united":    {doubledTuple + "y = set().union([x])", ".union: there would be more"},
		"tuple in itself, pairs":     {doubledTuple + "y = dict([(x, 1)])", "dict: there would be more"},
		"tuple in itself, in":        {doubledTuple + "y = x in {}", "in: there would be more"},
		"tuple in itself, compared":  {doubledTuple + "y = x == (x, 1)", "==: there would be more"},
		"tuple in itself, ordered":   {doubledTuple + "y = x < (x, x)", "<: there would be more"},
		"tuple in itself, sorted":    {doubledTuple + "y = sorted([x, x])", "sorted: there would be more"},
		"tuple in itself, maximum":   {doubledTuple + "y = max(x, x)", "max: there would be more"},
		"tuple in itself, searched":  {doubledTuple + "y = [x].index((x, 1))", ".index: there would be more"},
		"tuple in itself, taken out": {doubledTuple + "y = [x].remove((x, 1))", ".remove: there would be more"},
		"tuple in itself, written":   {doubledTuple + "y = str(x)", "str: there would be more"},
		"tuple in itself, repr":      {doubledTuple + "y = repr(x)", "repr: there would be more"},
		"tuple in itself, shown":     {doubledTuple + "print(x)", "print: there would be more"},
		"tuple in itself, failed":    {doubledTuple + "fail(x)", "fail: there would be more"},
		"tuple in itself, percent":   {doubledTuple + "y = '%s' % x", "%: there would be more"},
		"tuple in itself, percent 2": {doubledTuple + "y = '%s' % (x,)", "%: there would be more"},
		"tuple in itself, percent 3": {doubledTuple + "y = '%(a)s' % {'a': x}", "%: there would be more"},
		"tuple in itself, format":    {doubledTuple + "y = '{}'.format(x)", ".format: there would be more"},
		"tuple in itself, format 2":  {doubledTuple + "f = '{a}'.format\ny = f(a = x)", ".format: there would be more"},
		"tuple in itself, as JSON":   {doubledTuple + "y = json.encode(x)", "json.encode: there would be more"},
		"tuple in itself, kept":      {doubledTuple, "the value of x: there would be more"},
		"tuple in itself, default":   {doubledTuple + "def f(a = x):\n    pass\nx = 0", "the value of f: there would be more"},
		"tuple in itself, closure":   {doubledTuple + "def g(a):\n    def h():\n        return a\n    return h\nf = g(x)\nx = 0", "the value of f: there would be more"},
		"tuple in itself, method":    {doubledTuple + "f = [x].append\nx = 0", "the value of f: there would be more"},
		"tuple in itself, struct":    {doubledTuple + "y = {struct(a = x): 1}", "a key: there would be more"},
		"tuple in itself, parameter": {doubledTuple + "request(product.kvm, 'a', {'x': x}, serialisation = 'json-in-xml')", "there would be more than 2 million"},
		"tuple in itself, plain":     {doubledTuple + "request(product.kvm, 'a', {'x': x})", ""},
		"tuple in itself, output":    {doubledTuple + "request(product.kvm, 'a', depends_on = x)", "depends_on"},
		"wide comparison":            {"x, y = [0], [0]\nfor _ in range(9):\n    x, y = [x] * 1000, [y] * 1000\nz = x == y", "==: there would be more"},
		"function in itself":         {"def g():\n    def f():\n        return f\n    return f\nf = g()", "the value of f: function f holds itself"},
		"functions in each other":    {"def g():\n    def a():\n        return b\n    def b():\n        return a\n    return [a, b]\nf = g()", "holds itself"},

		"replace as a value":      {"f = ('a' * 1000000).replace\nx = f('a', 'b' * 1000000)", ".replace: the text would be longer than 64 MiB"},
		"replace by getattr":      {"f = getattr('a' * 1000000, 'replace')\nx = f('a', 'b' * 1000000)", ".replace: the text would be longer"},
		"replace by a key":        {"x = sorted(['a'], key = getattr('a' * 1000000, 'replace'))", "replace: got 1 arguments"},
		"join as a value":         {"f = ('a' * 1000000).join\nx = f(['b'] * 1000000)", ".join: the text would be longer"},
		"format as a value":       {"f = ('{0}' * 100000).format\nx = f('b' * 1000000)", ".format: the text would be longer"},
		"extend as a value":       {"x = [1]\nf = x.extend\nf(range(10000000000))", ".extend: there would be more"},
		"union as a value":        {"f = set().union\nx = f(range(10000000000))", ".union: there would be more"},
		"union":                   {"x = set().union(range(10000000000))", ".union: there would be more"},
		"unions together":         {"x = set().union(*[range(i * 1000000, i * 1000000 + 1000000) for i in range(4)])", ".union: there would be more"},
		"intersection":            {"x = set([1]).intersection(range(10000000000))", ".intersection: there would be more"},
		"difference":              {"x = set([1]).difference(range(10000000000))", ".difference: there would be more"},
		"symmetric difference":    {"x = set([1]).symmetric_difference(range(10000000000))", ".symmetric_difference: there would be more"},
		"subset":                  {"x = set([1]).issubset(range(10000000000))", ".issubset: there would be more"},
		"superset":                {"x = set([1]).issuperset(range(10000000000))", ".issuperset: there would be more"},
		"set updated":             {"x = set([1])\nx.update(range(10000000000))", ".update: there would be more"},
		"sorted by name":          {"x = sorted(iterable = range(10000000000))", "sorted: there would be more"},
		"int by name":             {"x = int(x = '9' * 5000000)", "int: the number would have more than 5000 digits"},
		"JSON by name":            {"x = json.decode(x = '[' * 1000000)", "json.decode: values are nested more than 1000 deep"},
		"zip of many":             {"x = zip(*[range(1000000)] * 1000)", "zip: there would be more"},
		"separator":               {"print(sep = 'a' * 100000, *range(100000))", "print: the text would be longer"},
		"separator of fail":       {"fail(sep = 'a' * 100000, *range(100000))", "fail: the text would be longer"},
		"split":                   {"x = (',' * 60000000).split(',')", ".split: there would be more"},
		"rsplit as a value":       {"f = (',' * 60000000).rsplit\nx = f(',')", ".rsplit: there would be more"},
		"split into words":        {"x = ('a ' * 30000000).split()", ".split: there would be more"},
		"lines":                   {"x = ('\\n' * 60000000).splitlines()", ".splitlines: there would be more"},
		"letters":                 {"x = list(('a' * 60000000).elems())", "list: there would be more"},
		"codepoints":              {"x = list(('a' * 60000000).codepoints())", ".codepoints: there would be more"},
		"stripped":                {"x = ('é' * 3000000).strip('é' * 3000000)", ".strip: got"},
		"digits":                  {"x = int('9' * 5000000)", "int: the number would have more than 5000 digits"},
		"digits of a float":       {"x = float('9' * 5000000)", "float: the number would have more than 5000 digits"},
		"digits in the source":    {"x = " + strings.Repeat("9", 5_000_000), "main.star:1:5: the number has more than 5000 digits"},
		"hexadecimal":             {"x = 0x" + strings.Repeat("f", 5_000_000), "main.star:1:5: the number has more than 5000 digits"},
		"digits in text":          {"x = '" + strings.Repeat("9", 5_000_000) + "' # " + strings.Repeat("9", 5_000_000), ""},
		"digits in JSON":          {"x = json.decode('9' * 5000000)", "json.decode: the number would have more than 5000 digits"},
		"shifted":                 {"x = 1\nfor _ in range(100000000):\n    x = x << 511", "<<: the number would have more than 5000 digits"},
		"shifted in place":        {"x = 1\nfor _ in range(100000000):\n    x <<= 511", "<<: the number would have more than 5000 digits"},
		"number doubled":          {"x = 1\nfor _ in range(100000000):\n    x = x + x", "+: the number would have more than 5000 digits"},
		"number doubled, +=":      {"x = 1\nfor _ in range(100000000):\n    x += x", "+=: the number would have more than 5000 digits"},
		"JSON of many":            {"x = json.decode('[' + '0,' * 30000000 + '0]')", "json.decode: there would be more"},
		"JSON far in":             {"x = json.indent('[' * 900 + '0,' * 1000000 + '0' + ']' * 900)", "json.indent: the text would be longer"},
		"long prefix":             {"x = json.indent('[1,2]', prefix = ' ' * 1000000)", "\"prefix\" has 1000000 characters"},
		"long names":              {strings.Repeat("a", 1_000_000) + " = 1\nx = " + strings.Repeat("b", 1_000_000), "the name is longer than 1000 bytes"},
		"long attribute":          {"x = struct(a = 1)." + strings.Repeat("b", 1_000_000), "the name is longer than 1000 bytes"},
		"long attribute, by name": {"x = getattr(struct(a = 1), 'b' * 1000000)", "the name is longer than 1000 bytes"},
		"long field":              {"x = struct(**{'b' * 1000000: 1})", "the name is longer than 1000 bytes"},
		"long dependency":         {"[request(product.kvm, 'a%d' % i, depends_on = ['b' * 150]) for i in range(300)]", "no file declares an instance"},
		"long message":            {"x = {}['a' * 60000000]", "key \"aaaa"},
		"long key of sla":         {"request(product.kvm, 'a', filter_kw = {'b' * 1000000: '1'})", ""},
		"colliding keys":          {"x = dict([(i << 32, 1) for i in range(2000)])", ""},
		"much printed":            {"for _ in range(100000):\n    print('a' * 1000)", "print wrote more than 1 MiB"},
		"memory in a dictionary":  {"d = {}\nfor i in range(10000000):\n    d[i] = 'a' * 1000 + str(i)", "stopped"},
		"memory in lists":         {"d = []\nfor i in range(3000):\n    d.append([i] * 1000000)", "stopped: the values take more than 256 MiB of memory"},
		"long name":               {"x = request(product.kvm, 'a' * 1000000)", "got 1000000 characters, want at most 200"},
		"many mistakes":           {"for i in range(100000):\n    request(product.kvm, '')", "got an empty string"},
		"cycle in a list":         {"x = [1]\nx.append(x)\ny = json.encode(x)", "nested more than 1000 deep"},
		"cycle in a dictionary":   {"x = {}\nx['a'] = x", "nested more than 1000 deep"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "main.star")
			if err := os.WriteFile(file, []byte(test.source), 0o600); err != nil {
				t.Fatal(err)
			}
			begin := time.Now()
			in := testInputs(file)
			in.Memory = 256 << 20
			_, err := Exec(context.Background(), in)
			took := time.Since(begin).Round(time.Millisecond)
			t.Log(took)
			if took > time.Minute {
				t.Errorf("it took %s", took)
			}
			var ours *lang.Error
			isOurs := errors.As(err, &ours)
			if isOurs && len(ours.Problems[0].Message) > 11_000 {
				t.Errorf("the message has %d bytes", len(ours.Problems[0].Message))
			}
			if test.want == "" {
				return // whatever comes of it, the program is still there
			}
			if !isOurs || !strings.Contains(err.Error(), test.want) {
				text := "nil"
				if err != nil {
					text = err.Error()
				}
				t.Errorf("got error %.300s, want one of this package that contains %q", text, test.want)
			}
		})
	}
}

// doubledTuple is a tuple whose elements are counted by nobody in time.
const doubledTuple = "x = (1,)\nfor _ in range(100):\n    x = (x, x)\n"

// What is loaded counts together, and each file once.
func TestHostileLoads(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		want  string
	}{
		"many files": {chain(70, ""), "more than 64 files are loaded"},
		"long files": {chain(10, "#"+strings.Repeat("a", 8<<20)+"\n"), "the files that are loaded are longer than 32 MiB together"},
		"one file":   {map[string]string{"main.star": strings.Repeat("load('a.star', 'x')\n", 100), "a.star": "x = '" + strings.Repeat("a", 8<<20) + "'"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			for name, text := range test.files {
				if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := Exec(context.Background(), testInputs(filepath.Join(folder, "main.star")))
			if (err != nil) != (test.want != "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %.300v, want %q", err, test.want)
			}
		})
	}
}

// The 80 links to one file of the issue are 80 files.
func TestHostileLinks(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "long.star"), []byte("x = 1\n#"+strings.Repeat("a", 31_000_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	var main strings.Builder
	for i := range 80 {
		fmt.Fprintf(&main, "load('long%d.star', x%d = 'x')\n", i, i)
		if err := os.Symlink("long.star", filepath.Join(folder, fmt.Sprintf("long%d.star", i))); err != nil {
			t.Skip(err)
		}
	}
	file := filepath.Join(folder, "main.star")
	if err := os.WriteFile(file, []byte(main.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Exec(context.Background(), testInputs(file)); err == nil || !strings.Contains(err.Error(), "longer than 32 MiB together") {
		t.Errorf("got error %.300v", err)
	}
}

// chain is n files, each of which loads the next, and begins with some text.
func chain(n int, text string) map[string]string {
	files := map[string]string{"main.star": text + "load('1.star', 'x')\n", fmt.Sprintf("%d.star", n): "x = 1"}
	for i := 1; i < n; i++ {
		files[fmt.Sprintf("%d.star", i)] = fmt.Sprintf("%sload('%d.star', y = 'x')\nx = y\n", text, i+1)
	}
	return files
}

func deepBlocks(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "if True:\n")
	}
	b.WriteString(strings.Repeat(" ", n) + "pass\n")
	return b.String()
}
