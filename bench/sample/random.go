package sample

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Nodes are the compute nodes that random instances ask for.
var Nodes = []string{"local_computer", "COMP-1", "COMP-2"}

const releases = 4

// Random is a file that declares n instances of every kind, and the software that
// they need: every state, shared and not, with and without SLA, parameters of all
// types that there are. The same seed and n give the same instances in every round,
// with other parameters and states. Texts are up to longest bytes long.
func Random(seed uint64, n, round, longest int) string {
	g := &generator{
		kinds:   rand.New(rand.NewPCG(seed, 1)),
		values:  rand.New(rand.NewPCG(seed, uint64(2+round))),
		longest: longest,
	}
	for r := range releases {
		for _, node := range Nodes {
			fmt.Fprintf(&g.b, "supply(%q, %q)\n", release(r), node)
		}
	}
	for r := range releases { // what carries shared instances
		fmt.Fprintf(&g.b, "request(%q, \"host-%d\", software_type = \"carrier\", filter_kw = {\"computer_guid\": %q})\n", release(r), r, Nodes[0])
	}
	for i := range n {
		g.instance(i)
	}
	return g.b.String()
}

func release(r int) string { return fmt.Sprintf("https://lab.example/random-%d/software.cfg", r) }

type generator struct {
	b             strings.Builder
	kinds, values *rand.Rand // of what stays, and of what changes from round to round
	longest       int
}

func (g *generator) instance(i int) {
	name := fmt.Sprintf("random-%d %s", i, [...]string{"", "ß", "a.b", "_x", "日本", "(1)"}[g.kinds.IntN(6)])
	r, shared, node, typed := g.kinds.IntN(releases), g.kinds.IntN(8) == 0, g.kinds.IntN(3), g.kinds.IntN(3)
	fmt.Fprintf(&g.b, "request(%q, %q", release(r), name)
	if g.values.IntN(5) == 0 {
		fmt.Fprintf(&g.b, ", %s, serialisation = \"json-in-xml\"", g.dict(3))
	} else if g.values.IntN(10) > 0 {
		fmt.Fprintf(&g.b, ", %s", g.flat(i))
	}
	states := []string{"started", "started", "stopped", "destroyed", ""}
	if shared { // a slapproxy keeps no state of these
		states = []string{"started", "destroyed", ""}
	}
	if state := states[g.values.IntN(len(states))]; state != "" {
		fmt.Fprintf(&g.b, ", state = %q", state)
	}
	switch {
	case shared:
		fmt.Fprintf(&g.b, ", shared = True, software_type = \"carrier\", filter_kw = {\"computer_guid\": %q}", Nodes[0])
	case typed > 0:
		fmt.Fprintf(&g.b, ", software_type = \"type-%d\"", typed)
	}
	if !shared && node > 0 {
		fmt.Fprintf(&g.b, ", filter_kw = {\"computer_guid\": %q, \"retention_delay\": %d}", Nodes[node], node)
	}
	g.b.WriteString(")\n")
}

// flat are parameters that plain XML carries.
func (g *generator) flat(i int) string {
	var items []string
	for k := range g.values.IntN(6) {
		items = append(items, fmt.Sprintf("%q: %s", g.key(k), g.scalar()))
	}
	if i%200 == 7 {
		items = append(items, fmt.Sprintf("\"long\": %q", g.text(g.longest*3/5)))
	}
	return "{" + strings.Join(items, ", ") + "}"
}

func (g *generator) key(n int) string {
	return fmt.Sprintf("%s%d", [...]string{"key", "kéy ", "a.b-", "<&>\"'", "__", "\t"}[g.values.IntN(6)], n)
}

func (g *generator) scalar() string {
	switch g.values.IntN(9) {
	case 0:
		return fmt.Sprint(g.values.Int64() - g.values.Int64())
	case 1:
		return "1234567890123456789012345678901234567890"
	case 2:
		return [...]string{"True", "False", "None"}[g.values.IntN(3)]
	case 3:
		return [...]string{"0.5", "2.0", "1e16", "1e-05", "-0.0", "1e100", "0.30000000000000004"}[g.values.IntN(7)]
	case 4:
		return `""`
	case 5:
		return `'{"a": [1, 2.50, null, "x"], "b": {}}'`
	}
	return fmt.Sprintf("%q", g.text(g.values.IntN(60)))
}

// text is n characters, most of them such that something could go wrong.
func (g *generator) text(n int) string {
	const letters = "abc XYZ 019 \t\n\r<>&\"'\\%{}[]ß€日本😀\u00a0\u0085\u2028\u202e]]>"
	alphabet := []rune(letters)
	var b strings.Builder
	for range n {
		b.WriteRune(alphabet[g.values.IntN(len(alphabet))])
	}
	return b.String()
}

// dict is a nested value, such as only JSON carries.
func (g *generator) dict(depth int) string {
	var items []string
	for k := range g.values.IntN(4) {
		items = append(items, fmt.Sprintf("%q: %s", g.key(k), g.nested(depth-1)))
	}
	return "{" + strings.Join(items, ", ") + "}"
}

func (g *generator) nested(depth int) string {
	switch kind := g.values.IntN(4); {
	case depth > 0 && kind == 0:
		return g.dict(depth)
	case depth > 0 && kind == 1:
		return fmt.Sprintf("[%s, %s]", g.nested(depth-1), g.scalar())
	}
	return g.scalar()
}
