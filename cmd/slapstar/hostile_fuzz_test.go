package main

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzHostile writes hostile files, of the grammar and of the right types, so that they
// come far, and has a command evaluate each. Whatever it is, it ends, and the runtime
// says nothing.
func FuzzHostile(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed, uint8(20))
	}
	f.Fuzz(func(t *testing.T, seed uint64, statements uint8) { runHostile(t, seed, int(statements)) })
}

func runHostile(t *testing.T, seed uint64, statements int) {
	t.Helper()
	g := &hostileWriter{r: rand.New(rand.NewPCG(seed, 0)), types: map[string]kind{}}
	source := g.file(statements)
	commands := [][]string{{"validate", "--no-schemas"}, {"plan"}, {"console", "--staged"}, {"fmt", "--check"}, {"test"}}
	command := commands[g.r.IntN(len(commands))]
	name := "main.star"
	if command[0] == "test" {
		name = "main_test.star"
	}
	dir := writeFolder(t, map[string]string{"slapos.cfg": testConfig, name: source})
	out, code := endsInTime(t, append(append([]string{}, command...), filepath.Join(dir, name))...)
	if code != exitDone && code != exitFailed || t.Failed() {
		t.Fatalf("seed %d, %q: exit code %d\n%.2000s\n%s", seed, command, code, out, source)
	}
	if stopped := strings.Contains(out, "--max-"); stopped {
		t.Logf("seed %d: %.200s", seed, out)
	}
}

// A kind is the type of a value in a hostile file.
type kind int

const (
	aNumber kind = iota
	aText
	aList
	aTuple
	aDict
	aSet
	kinds int = iota
)

// A hostileWriter writes a file. It knows the types of its variables.
type hostileWriter struct {
	b     strings.Builder
	r     *rand.Rand
	types map[string]kind
	depth int // of blocks
	calls int
}

func (g *hostileWriter) pick(list ...string) string { return list[g.r.IntN(len(list))] }

func (g *hostileWriter) line(format string, args ...any) {
	g.b.WriteString(strings.Repeat("    ", g.depth))
	fmt.Fprintf(&g.b, format+"\n", args...)
}

func (g *hostileWriter) file(statements int) string {
	for k := range kinds {
		name := fmt.Sprintf("v%d", k)
		g.line("%s = %s", name, g.literal(kind(k)))
		g.types[name] = kind(k)
	}
	for range statements {
		g.statement()
	}
	return g.b.String()
}

func (g *hostileWriter) variable(k kind) string {
	if g.r.IntN(12) == 0 {
		name := fmt.Sprintf("w%d", g.r.IntN(4))
		if had, ok := g.types[name]; ok && had == k {
			return name
		}
	}
	return fmt.Sprintf("v%d", k)
}

func (g *hostileWriter) statement() {
	k := kind(g.r.IntN(kinds))
	v := g.variable(k)
	switch n := g.r.IntN(20); {
	case n < 7:
		g.line("%s = %s", v, g.expr(k, 3))
	case n < 9 && k != aSet && k != aDict && k != aTuple:
		g.line("%s %s %s", v, g.pick("+=", "+="), g.expr(k, 2))
	case n < 10:
		g.line("v0 %s %s", g.pick("*=", "<<=", "+=", "//=", "%=", "-="), g.pick("2", "511", "v0", "1000000007"))
	case n < 13 && g.depth < 3:
		g.line("for i%d in %s:", g.depth, g.pick("range(100)", "range(1000000)", "range(10000000000)", "v2", "v3", "v5", "v4", "list(range(1000))"))
		g.block(g.statement)
	case n < 14 && g.depth < 3:
		g.line("if %s:", g.condition(2))
		g.block(g.statement)
		for range g.r.IntN(3) {
			g.line("elif %s:", g.condition(2))
			g.block(g.statement)
		}
	case n < 15 && g.depth < 2:
		g.calls++
		name := fmt.Sprintf("f%d", g.calls)
		g.line("def %s(a = %s):", name, g.expr(kind(g.r.IntN(kinds)), 2))
		g.depth++
		g.line("b = %s", g.expr(k, 2))
		if g.r.IntN(2) == 0 {
			g.line("def g():")
			g.depth++
			g.line("return %s", g.pick("a", "b", "g", "[a, b]"))
			g.depth--
			g.line("return g")
		} else {
			g.line("return b")
		}
		g.depth--
		g.line("w%d_%d = %s(%s)", g.r.IntN(4), g.calls, name, g.expr(kind(g.r.IntN(kinds)), 2))
	case n < 17:
		g.line("%s", g.effect())
	case n < 18:
		g.line("request(%s, %s, {%s: %s})", g.pick("product.kvm", g.expr(aText, 1)), g.pick("'vm-%d' % v0", "'vm'", g.expr(aText, 2)), g.pick("'a'", g.expr(aText, 1)), g.expr(kind(g.r.IntN(kinds)), 2))
	default:
		// Growth: the same again and again.
		g.line("for _ in range(%s):", g.pick("40", "100", "1000000"))
		g.block(func() {
			switch k {
			case aTuple:
				g.line("v3 = %s", g.pick("(v3, v3)", "v3 + v3", "(v3,)"))
			case aList:
				g.line("%s", g.pick("v2 = [v2, v2]", "v2 = v2 + v2", "v2.append(v2)", "v2 = [v2]", "v2 += v2", "v2.extend(v2)", "v2.insert(0, v2)"))
			case aDict:
				g.line("%s", g.pick("v4 = {1: v4, 2: v4}", "v4[len(v4)] = v4", "v4 = v4 | {len(v4): v4}", "v4.update([(len(v4) << 32, v4)])"))
			case aSet:
				g.line("%s", g.pick("v5.add(len(v5) << 32)", "v5 = v5.union([len(v5)])", "v5 = v5 | set([v3])"))
			default:
				g.line("%s", g.pick("v1 = v1 + v1", "v1 = '%s%s' % (v1, v1)", "v1 = v1.replace('', v1)", "v1 = repr(v1)", "v1 = json.encode(v1)", "v0 = v0 * v0", "v0 = v0 << 511", "v0 = v0 - (-v0)", "v1 = v1.join([v1, v1])", "v1 = '{0}{0}'.format(v1)"))
			}
		})
	}
}

func (g *hostileWriter) block(write func()) {
	g.depth++
	write()
	for range g.r.IntN(2) {
		write()
	}
	g.depth--
}

// effect is a call for what it does.
func (g *hostileWriter) effect() string {
	value := g.expr(kind(g.r.IntN(kinds)), 2)
	return g.pick(
		"print("+value+")", "print(sep = v1, *v2)", "v2.append("+value+")", "v2.extend("+g.iterable()+")", "v2.insert(v0, "+value+")",
		"v4.update("+g.pick("v4", "[(v3, 1)]", "zip(v2, v2)")+")", "v4[v3] = "+value, "v4[v0] = "+value, "v5.add(v3)", "v5.update("+g.iterable()+")",
		"v4.setdefault(v3, v4)", "v4.pop(v0, None)", "v5.discard(v3)", "json.indent(json.encode("+value+"), indent = '    ')", "v2.clear()", "v5.clear()",
	)
}

func (g *hostileWriter) iterable() string {
	return g.pick("range(1000)", "range(10000000000)", "range(-v0, v0)", "v2", "v3", "v4", "v5", "v1.elems()", "v1.codepoints()", "v1.elem_ords()",
		"enumerate(range(1900000))", "zip(v2, v3)", "reversed(v2)", "[v2] * 1000", "v4.items()", "v4.values()", "v1.split()")
}

func (g *hostileWriter) condition(depth int) string {
	k := kind(g.r.IntN(kinds))
	switch g.r.IntN(6) {
	case 0:
		return g.expr(k, depth) + g.pick(" == ", " != ") + g.expr(k, depth)
	case 1:
		return g.expr(aTuple, depth) + g.pick(" in ", " not in ") + g.pick("v2", "v3", "v4", "v5", "[v3] * 1000")
	case 2:
		return "v3 " + g.pick("<", "<=", ">", ">=") + " " + g.expr(aTuple, depth)
	case 3:
		return "any(" + g.iterable() + ")"
	case 4:
		return "not " + g.expr(k, depth)
	}
	return g.expr(k, depth) + g.pick(" and ", " or ") + g.expr(k, depth)
}

func (g *hostileWriter) literal(k kind) string {
	switch k {
	case aNumber:
		return g.pick("0", "1", "7", "1000", "1000000", "(1 << 63)", "(1 << 500)")
	case aText:
		return g.pick("'a'", "'%s'", "'{}{0}'", "'a,b'", "'é' * 1000", "'ab ' * 1000000", "'\\n' * 100000", "'[' * 1000", "'9' * 4000", "''")
	case aList:
		return g.pick("[]", "[0]", "[0] * 1000", "list(range(100000))", "['a', 'b']", "[(1, 2)] * 100")
	case aTuple:
		return g.pick("()", "(1,)", "(1, 'a')", "(0,) * 1000", "((1,), (2,))")
	case aDict:
		return g.pick("{}", "{1: 2}", "{'a': 'b'}", "{(1, 2): [3]}", "dict([(i << 32, i) for i in range(1000)])")
	}
	return g.pick("set()", "set([1])", "set(range(1000))", "set([i << 32 for i in range(1000)])")
}

func (g *hostileWriter) expr(k kind, depth int) string {
	if depth == 0 || g.r.IntN(4) == 0 {
		return g.variable(k)
	}
	if g.r.IntN(5) == 0 {
		return g.literal(k)
	}
	e := func(k kind) string { return g.expr(k, depth-1) }
	some := func() string { return g.expr(kind(g.r.IntN(kinds)), depth-1) }
	if g.r.IntN(10) == 0 {
		return "(" + e(k) + " if " + g.condition(depth-1) + " else " + e(k) + ")"
	}
	switch k {
	case aNumber:
		return g.pick("("+e(aNumber)+g.pick(" + ", " - ", " * ", " << ", " | ", " ^ ", " & ")+e(aNumber)+")", "len("+e(aText)+")", "len("+e(aDict)+")",
			"int('9' * 4000)", "abs("+e(aNumber)+")", "hash("+e(aText)+")", "max("+g.iterable()+")", e(aText)+".count("+e(aText)+")", "v2.index("+some()+")",
			"int("+e(aText)+")", "len(str("+some()+"))", "("+e(aNumber)+" // 3)", "("+e(aNumber)+" % 7)", "ord('a')", "int(math.pow(2, 1000))")
	case aText:
		return g.pick("("+e(aText)+" + "+e(aText)+")", "("+e(aText)+" * "+e(aNumber)+")", "str("+some()+")", "repr("+some()+")", "json.encode("+some()+")",
			"('%s' % ("+some()+",))", "("+e(aText)+" % "+some()+")", "'{}{}'.format("+some()+", "+some()+")", "'{a}'.format(a = "+some()+")",
			e(aText)+".join(["+e(aText)+"] * 1000)", e(aText)+".replace("+e(aText)+", "+e(aText)+")", e(aText)+g.pick(".upper()", ".title()", ".lower()", ".strip()", ".capitalize()"),
			"getattr("+e(aText)+", 'replace')('a', "+e(aText)+")", e(aText)+"[1:]", e(aText)+"[::-1]", e(aText)+".strip("+e(aText)+")", e(aText)+".removeprefix('a')",
			"(lambda f: f("+e(aText)+", "+e(aText)+"))("+e(aText)+".replace)", "json.indent(json.encode("+some()+"))", "'a'.join("+g.iterable()+")", "type("+some()+")", "chr(97)")
	case aList:
		return g.pick("("+e(aList)+" + "+e(aList)+")", "("+e(aList)+" * "+e(aNumber)+")", "["+some()+", "+some()+"]", "list("+g.iterable()+")", "sorted("+g.iterable()+")",
			"sorted(iterable = "+g.iterable()+")", "sorted("+e(aList)+", key = str)", "["+some()+" for a in "+g.iterable()+"]", "[b for a in range(1000) for b in "+g.iterable()+"]",
			e(aText)+".split("+g.pick("", "','", "'a'")+")", e(aText)+".splitlines()", "list("+e(aDict)+".items())", "reversed("+g.iterable()+")", "enumerate("+g.iterable()+")",
			"zip("+g.iterable()+", "+g.iterable()+")", "zip(*[v2] * 1000)", "dir("+some()+")", "json.decode(json.encode("+e(aList)+"))", "json.decode('['* 900 + ']' * 900)", e(aList)+"[::2]", "(lambda f: [f(1)])([].append)")
	case aTuple:
		return g.pick("("+some()+", "+some()+")", "("+e(aTuple)+" + "+e(aTuple)+")", "("+e(aTuple)+" * "+e(aNumber)+")", "tuple("+g.iterable()+")", "("+e(aTuple)+", "+e(aTuple)+")", e(aTuple)+"[1:]", "(struct(a = "+some()+"),)", "v1.partition(',')")
	case aDict:
		return g.pick("{"+e(aTuple)+": "+some()+"}", "{"+e(aNumber)+": "+some()+"}", "("+e(aDict)+" | "+e(aDict)+")", "dict(zip(range(1000), v2))", "{a: "+some()+" for a in "+g.iterable()+"}", "dict(a = "+some()+")", "json.decode(json.encode({'a': "+some()+"}))", "dict([("+e(aTuple)+", 1)])")
	}
	return g.pick("set("+g.iterable()+")", "("+e(aSet)+g.pick(" | ", " & ", " ^ ", " - ")+e(aSet)+")", e(aSet)+g.pick(".union(", ".intersection(", ".difference(", ".symmetric_difference(")+g.iterable()+")", "set(["+e(aTuple)+"])", "(lambda f: f("+g.iterable()+"))("+e(aSet)+".union)")
}
