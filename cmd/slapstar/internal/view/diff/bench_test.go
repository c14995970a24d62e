package diff

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"slapstar/engine"
)

// document is a JSON document of about 2 kB, as a service has it; n makes it differ.
func document(n int) string {
	type disk struct {
		Name string `json:"name"`
		Size int    `json:"size"`
		Path string `json:"path"`
	}
	var disks []disk
	for i := range 12 {
		disks = append(disks, disk{fmt.Sprintf("disk-%d", i), 20 + i, fmt.Sprintf("/srv/data/%d", i)})
	}
	disks[3].Size += n
	zopes := map[string]any{}
	for i := range 10 {
		zopes[fmt.Sprintf("family-%d", i)] = map[string]any{"instance-count": i, "thread-amount": 4 + n%2, "port-base": 2200 + i, "timerserver-interval": 5}
	}
	data, _ := json.Marshal(map[string]any{"disks": disks, "zope-partition-dict": zopes, "hosts": []string{"a.example", "b.example", "c.example"}, "config": "listen 80\nserver 0\n" + strings.Repeat("# line\n", 20)})
	return string(data)
}

// reportCPU reports the seconds of processor time that one run takes, collecting garbage
// included: on a machine that is shared the time on the clock says little.
func reportCPU(b *testing.B) func() {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano())
	}
	begin := used()
	return func() { b.ReportMetric((used()-begin).Seconds()/float64(b.N), "cpu-s/op") }
}

// 10 000 changed documents take a second at most.
const docs = 10_000

func BenchmarkDocuments(b *testing.B) {
	plan := make([]*engine.Change, docs) // which has all of them at once
	for i := range plan {
		before, after := document(2*i), document(2*i+1)
		plan[i] = &engine.Change{Action: engine.Update, Resource: &engine.Instance{}, Attributes: []engine.Attribute{parameter("_", &before, engine.Literal(after))}}
	}
	defer reportCPU(b)()
	for b.Loop() {
		for _, c := range plan {
			c.TakeApart(nil)
			Rows(c, Options{})
		}
	}
}

// worstDocuments are pairs of JSON documents of about 1 MB.
func worstDocuments() map[string][2]string {
	const size = 1 << 20
	r := rand.New(rand.NewPCG(5, 6))
	list := func(n int, item func(i int) any) []any {
		out := make([]any, n)
		for i := range out {
			out[i] = item(i)
		}
		return out
	}
	text := func(v any) string { data, _ := json.Marshal(v); return string(data) }
	shuffled := func(l []any) []any {
		out := append([]any{}, l...)
		r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
		return out
	}
	numbers := list(size/8, func(i int) any { return i })
	few := func() []any { return list(size/2, func(int) any { return r.IntN(4) }) }
	objects := list(size/40, func(i int) any { return map[string]any{"name": fmt.Sprint("n", i), "x": i, "y": "z"} })
	nameless := list(size/30, func(i int) any { return map[string]any{"x": i, "y": "z", "u": r.IntN(9)} })
	large := func(shift int) []any { // members are alike only in part
		return list(size/1000, func(i int) any {
			return map[string]any{"x": i + shift, "y": list(90, func(j int) any { return i/2 + j }), "z": list(90, func(j int) any { return i + j + shift })}
		})
	}
	keys := func(prefix string) map[string]any {
		m := map[string]any{}
		for i := range size / 24 {
			m[fmt.Sprintf("%s%d", prefix, i)] = fmt.Sprintf("value-%d", i)
		}
		return m
	}
	deep := func(end string) string { return strings.Repeat(`[`, 4000) + end + strings.Repeat(`]`, 4000) }
	wide := text(list(size/2, func(int) any { return r.IntN(3) }))
	return map[string][2]string{
		"shuffled numbers":  {text(numbers), text(shuffled(numbers))},
		"few values":        {text(few()), text(few())},
		"objects by name":   {text(objects), text(shuffled(objects))},
		"objects, no name":  {text(nameless), text(shuffled(nameless))},
		"large members":     {text(large(0)), text(large(400))},
		"renamed keys":      {text(keys("a")), text(keys("b"))},
		"deep, and wide":    {deep(wide), deep(wide[:len(wide)-2] + "9]")},
		"one text":          {text([]string{strings.Repeat("a", size)}), text([]string{strings.Repeat("a", size-1) + "b"})},
		"lines":             {text([]string{strings.Repeat("a\nb\n", size/4)}), text([]string{strings.Repeat("b\na\n", size/4)})},
		"documents in text": {text([]string{text(numbers)}), text([]string{text(shuffled(numbers))})},
	}
}

func BenchmarkWorstDocument(b *testing.B) {
	pairs := worstDocuments()
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		pair := pairs[name]
		b.Run(name, func(b *testing.B) {
			defer reportCPU(b)()
			for b.Loop() {
				c := &engine.Change{Action: engine.Update, Resource: &engine.Instance{}, Attributes: []engine.Attribute{parameter("_", &pair[0], engine.Literal(pair[1]))}}
				c.TakeApart(nil)
				Rows(c, Options{})
			}
		})
	}
}
