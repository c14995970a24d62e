package run

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/credential"
	"slapstar/starlib"
	"slapstar/starlib/format"
)

// importMaster is an embedded Master with some products.
func importMaster(t testing.TB) *Master {
	t.Helper()
	dir := t.TempDir()
	cfg := filepath.Join(dir, "slapos.cfg")
	text := "[slapos]\nmaster_url = embedded:master.sqlite\n[slapproxy]\nsoftware_product_list =\n  kvm " + kvmURL + "\n  erp5 https://lab.example/erp5/software.cfg\n"
	if err := os.WriteFile(cfg, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	m, err := Connection{File: cfg}.InMemory("", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

const kvmURL = "https://lab.example/kvm/software.cfg"

// newImport is an import that asks no host for schemas.
func newImport(m *Master) *Import {
	return &Import{Entry: "main.star", Planner: func(in starlib.Inputs) *Planner {
		p := NewPlanner(m, in)
		p.Schemas.Dir = os.DevNull
		p.Quiet = true
		return p
	}}
}

func BenchmarkImport(b *testing.B) {
	m := importMaster(b)
	ctx := context.Background()
	for n := range 10_000 {
		r := slap.InstanceRequest{Name: fmt.Sprintf("svc-%05d", n), SoftwareRelease: kvmURL, SoftwareType: "default", State: slap.Started}
		switch n % 3 {
		case 0:
			r.Parameters = slap.Parameters{"size": fmt.Sprint(n), "image": "https://lab.example/image", "password": fmt.Sprintf("%x", sha256.Sum256([]byte{byte(n), byte(n >> 8)}))[:24]}
		case 1:
			r.Parameters = slap.Parameters{"_": fmt.Sprintf(`{"db": {"n": %d, "list": [1, 2, 3], "user": "u%d"}, "on": true}`, n, n)}
		}
		if _, err := m.RequestInstance(ctx, r); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		done, err := newImport(m).Run(ctx, m)
		if err != nil || len(done.Config.Resources) != 10_000 {
			b.Fatal(err)
		}
	}
}

// A sampler makes what people and programs put into a Master.
type sampler struct{ *rand.Rand }

func (r sampler) pick(list ...string) string { return list[r.IntN(len(list))] }

func (r sampler) text() string {
	return r.pick("", " ", "a", "True", "None", "0", "-0", "1e5", "x\ny", "tab\there", "quote\"s and 'these'", `back\slash`, "ünïcode ☃ \u202e", "\u2028", "%s {x}", "# no comment",
		"(secret)", "a (secret 12ab) b", "https://[2001:db8::1]:8443/a?b=c#d", "{}", "[]", `{"a": 1}`, `{"a": "(secret)"}`, strings.Repeat("long ", 300), "\r\n", "\x7f", "</parameter>", "]]>", "\uFDD00\uFDD1", "123456789012345678901234567890")
}

func (r sampler) hidden() string {
	return fmt.Sprintf("S3cr-%08x", r.Uint32())
}

func (r sampler) value(depth int) any {
	n := 12
	if depth > 3 {
		n = 9
	}
	switch r.IntN(n) {
	case 0:
		return nil
	case 1:
		return r.IntN(2) == 0
	case 2:
		return json.Number(r.pick("0", "-0", "1", "-17", "1.0", "1.50", "1e5", "1E5", "1e+16", "0.1", "-2.5", "1e400", "12345678901234567890123", "0.30000000000000004"))
	case 3, 4, 5, 6, 7, 8:
		return r.text()
	case 9:
		list := []any{}
		for range r.IntN(4) {
			list = append(list, r.value(depth+1))
		}
		return list
	}
	object := map[string]any{}
	for range r.IntN(5) {
		key := r.pick("a", "b", "password", "api-key", "list", "ünï", "with \"quotes\"", "", "x.y", "token")
		object[key] = r.value(depth + 1)
		if credential.Key(key) && r.IntN(2) == 0 {
			object[key] = r.hidden()
		}
	}
	return object
}

func (r sampler) parameters(published []string) slap.Parameters {
	p := slap.Parameters{}
	switch r.IntN(5) {
	case 0:
		return p
	case 1, 2:
		data, _ := json.Marshal(map[string]any{"x": r.value(0), "y": r.value(0), "url": r.pick(append(published, "none")...)})
		p["_"] = string(data)
		if r.IntN(2) == 0 {
			p["_"] = strings.ReplaceAll(p["_"], ",", ", ")
		}
		return p
	}
	for range r.IntN(5) {
		p[r.pick("a", "b c", "ünï", "<k>", `"q"`, "(secret)", "_", "x.y", "size")] = r.text()
	}
	if r.IntN(3) == 0 {
		p[r.pick("password", "api-key", "private_key")] = r.hidden()
	}
	if len(published) > 0 && r.IntN(2) == 0 {
		p["backend"] = r.pick(published...)
	}
	return p
}

// TestImportProperty: whatever a Master has, what is written of it is laid out as fmt does
// it, holds no credential, declares all of it but for what is said, and its plan is empty.
func TestImportProperty(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := sampler{rand.New(rand.NewPCG(seed, 1))}
			m := importMaster(t)
			ctx := context.Background()
			var published []string
			for n := range 25 {
				i := slap.InstanceRequest{
					Name:            r.pick("svc", "svc-", "odd\nname", "a b", "ünï", "[x]*", "request", "1", `"q"`) + fmt.Sprint(r.IntN(15)),
					SoftwareRelease: r.pick(kvmURL, "https://lab.example/erp5/software.cfg", "https://lab.example/other/software.cfg?x=1"),
					SoftwareType:    r.pick("default", "default", "RootSoftwareInstance", "cluster", "odd \"type\""),
					State:           r.pick(slap.Started, slap.Started, slap.Stopped),
					Parameters:      r.parameters(published),
				}
				if _, err := m.RequestInstance(ctx, i); err != nil {
					t.Fatalf("%d: %+v: %v", n, i, err)
				}
				if state, err := engine.Observe(ctx, m.Reader()); err == nil {
					for _, value := range state.Instances[i.Name].ConnectionParameters {
						published = append(published, value)
					}
				}
				slices.Sort(published) // maps have no order
			}
			if err := m.Supply(ctx, slap.SoftwareInstallation{Computer: "COMP-1", SoftwareRelease: kvmURL, State: slap.Available}); err != nil {
				t.Fatal(err)
			}
			for _, split := range []Split{nil, Splits()["by-product"], Splits()["by-node"]} {
				i := newImport(m)
				i.Split = split
				i.Options.Omit = seed%3 == 2
				done, err := i.Run(ctx, m)
				if err != nil {
					t.Fatal(err)
				}
				checkImported(t, done)
			}
		})
	}
}

func checkImported(t *testing.T, done *Imported) {
	t.Helper()
	if done.Plan.Pending() {
		t.Errorf("the plan is not empty")
	}
	for name, text := range done.Files {
		if again, err := format.Source(name, []byte(text)); err != nil || string(again) != text {
			t.Errorf("%s is not laid out: %v", name, err)
		}
		if at := strings.Index(text, "S3cr-"); at >= 0 {
			t.Errorf("%s holds a credential: %s", name, text[max(0, at-200):at+20])
		}
	}
	written := map[string]bool{}
	for _, i := range done.Config.Instances() {
		written[i.Name] = true
	}
	for _, left := range done.Left {
		for name := range done.State.Instances {
			if left.What == fmt.Sprintf("instance %q", name) {
				written[name] = true
			}
		}
	}
	for name := range maps.Keys(done.State.Instances) {
		if !written[name] {
			t.Errorf("instance %q is neither written nor said", name)
		}
	}
	names := map[string]bool{}
	for _, s := range done.Secrets {
		if names[s.Name] {
			t.Errorf("two secrets are called %s", s.Name)
		}
		names[s.Name] = true
	}
}
