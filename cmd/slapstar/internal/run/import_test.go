package run

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"slapstar/slap"
	"slapstar/starlib"
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
	m, err := Connection{File: cfg}.Open("", false)
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
