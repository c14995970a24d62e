package bench

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Variables of the environment.
const (
	oldVariable      = "SLAPSTAR_OLD"      // a program to compare with, such as that of an earlier revision
	releasesVariable = "SLAPSTAR_RELEASES" // a checkout of SlapOS releases
)

// kvm are requests, whose parameters differ: equal ones are judged once. wrong is appended
// to one of them.
func kvm(release, wrong string) string {
	return fmt.Sprintf(`for i in range(10000):
    request(%q, "vm-%%d" %% i, {"ram-size": 4096, "cpu-count": 2, "disk-size": 40 + i, "disk-type": %q, "use-nat": True}, serialisation = "json-in-xml")
`, release, "virtio"+wrong)
}

// types are a request of each software type of the releases below a folder, without
// parameters, and how many they are.
func types(b *testing.B, root string) (string, int) {
	files, _ := filepath.Glob(filepath.Join(root, "software", "*", "software*.cfg.json"))
	var text strings.Builder
	n := 0
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			b.Fatal(err)
		}
		var release struct {
			Types map[string]struct {
				Type   string `json:"software-type"`
				Shared bool
			} `json:"software-type"`
		}
		if err := json.Unmarshal(data, &release); err != nil {
			b.Fatal(err)
		}
		name, _ := filepath.Rel(root, strings.TrimSuffix(file, ".json"))
		for id, t := range release.Types {
			if t.Type == "" {
				t.Type = id
			}
			shared := "False"
			if t.Shared {
				shared = "True"
			}
			n++
			fmt.Fprintf(&text, "request(%q, \"i%d\", software_type = %q, shared = %s)\n", filepath.ToSlash(name), n, t.Type, shared)
		}
	}
	return text.String(), n
}

// turns lets programs take turns and returns the median of the time that each has used of
// the processors.
func turns(programs ...func() measure) []time.Duration {
	all := make([][]time.Duration, len(programs))
	for range rounds {
		for i, run := range programs {
			all[i] = append(all[i], run().processors)
		}
	}
	list := make([]time.Duration, len(programs))
	for i, used := range all {
		slices.Sort(used)
		list[i] = used[len(used)/2]
	}
	return list
}

// BenchmarkValidate compares validate with that of an older program: of all software types
// of a checkout, and of 10 000 requests.
func BenchmarkValidate(b *testing.B) {
	old, checkout := os.Getenv(oldVariable), os.Getenv(releasesVariable)
	if old == "" || checkout == "" {
		b.Skipf("left out: %s names no program, or %s no checkout", oldVariable, releasesVariable)
	}
	w := newWorkshop(b)
	if err := os.CopyFS(filepath.Join(w.dir, "software"), os.DirFS(filepath.Join(checkout, "software"))); err != nil {
		b.Fatal(err)
	}
	all, n := types(b, w.dir)
	b.Chdir(w.dir) // to which the older one takes paths of releases to be relative
	const release = "software/kvm/software.cfg"
	files := map[string]struct {
		path, says string
		code       int
	}{
		fmt.Sprintf("types-%d", n): {w.write("types.star", all), "", 1},
		"kvm":                      {w.write("kvm.star", kvm(release, "")), "Valid: 10000", 0},
		"kvm-wrong":                {w.write("wrong.star", kvm(release, "x")), "disk-type", 1},
	}
	for range b.N {
		for name, f := range files {
			m := turns(
				func() measure { return w.run(f.code, f.says, old, "validate", f.path) },
				func() measure { return w.run(f.code, f.says, w.slapstar, "validate", f.path) },
			)
			b.ReportMetric(m[1].Seconds(), "s-"+name)
			b.ReportMetric(float64(m[1])/float64(m[0]), name+"/old")
		}
	}
}

// BenchmarkSchemas compares a plan of 10 000 requests whose schema is in the cache with one
// that does without.
func BenchmarkSchemas(b *testing.B) {
	w := newWorkshop(b)
	host := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/software.cfg.json" {
			fmt.Fprint(answer, `{"serialisation": "json-in-xml", "software-type": {"default": {"request": "in.json"}}}`)
			return
		}
		fmt.Fprint(answer, `{"type": "object", "additionalProperties": false, "properties": {"ram-size": {"type": "integer", "multipleOf": 512},
			"cpu-count": {"type": "integer"}, "disk-size": {"type": "integer"}, "disk-type": {"enum": ["virtio", "ide"]}, "use-nat": {"type": "boolean"}}}`)
	}))
	b.Setenv("XDG_CACHE_HOME", w.dir)
	w.write("slapos.cfg", "[slapos]\nmaster_url = embedded:master.sqlite\n[slapstar]\nschema_hosts = "+strings.TrimPrefix(host.URL, "http://")+"\n")
	file := w.write("main.star", kvm(host.URL+"/software.cfg", ""))
	w.run(0, "10000 checked", w.slapstar, "validate", file) // fills the cache
	host.Close()
	for range b.N {
		m := turns(
			func() measure {
				return w.run(0, "10000 to create", w.slapstar, "plan", "--summary", "--no-schemas", file)
			},
			func() measure { return w.run(0, "10000 to create", w.slapstar, "plan", "--summary", file) },
		)
		b.ReportMetric(m[0].Seconds(), "s-without")
		b.ReportMetric(float64(m[1])/float64(m[0]), "schemas/without")
	}
}
