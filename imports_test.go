package slapstar_test

import (
	"errors"
	"go/build"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// packages is the architecture: each package with the packages of this module
// that it imports, and no others. README.md draws it.
var packages = map[string][]string{
	"internal/tree":              {},
	"internal/function":          {"slap/marshal"},
	"internal/datafile":          {},
	"slap/marshal":               {},
	"slap/jsonschema":            {},
	"slap/credential":            {},
	"internal/mask":              {},
	"slap":                       {"slap/marshal"},
	"slap/config":                {"internal/tree", "slap"},
	"slap/release":               {"internal/tree", "slap", "slap/jsonschema"},
	"internal/sequence":          {},
	"engine":                     {"internal/function", "internal/mask", "internal/sequence", "slap", "slap/credential"},
	"engine/document":            {"engine", "internal/function", "internal/mask", "slap"},
	"starlib":                    {"engine", "internal/mask", "slap", "slap/marshal", "starlib/lang"},
	"starlib/lang":               {"engine", "internal/datafile", "internal/function", "internal/tree", "slap/credential", "slap/marshal"},
	"starlib/console":            {"engine", "internal/mask", "slap", "slap/credential", "slap/marshal", "slap/release", "starlib", "starlib/lang"},
	"starlib/simulate":           {"engine", "slap", "starlib/lang"},
	"starlib/filetest":           {"engine", "starlib/lang"},
	"starlib/policy":             {"engine", "slap", "starlib/lang"},
	"starlib/format":             {},
	"starlib/project":            {"engine", "starlib/lang"},
	"proxy/internal/store":       {},
	"proxy":                      {"proxy/internal/store", "slap", "slap/marshal", "slap/jsonschema"},
	"cmd/slapstar/internal/view": {"internal/mask", "cmd/slapstar/internal/diagnosis", "cmd/slapstar/internal/term", "cmd/slapstar/internal/view/diff", "engine", "engine/document", "slap", "slap/credential"},
	"cmd/slapstar/internal/run":  {"internal/mask", "cmd/slapstar/internal/adopt", "cmd/slapstar/internal/diagnosis", "cmd/slapstar/internal/limit", "internal/tree", "engine", "engine/document", "proxy", "slap", "slap/config", "slap/release", "starlib", "starlib/format", "starlib/lang", "starlib/policy", "starlib/project"},
	"cmd/slapstar":               {"examples/ci", "internal/datafile", "internal/mask", "cmd/slapstar/internal/limit", "internal/tree", "cmd/slapstar/internal/adopt", "cmd/slapstar/internal/prompt", "cmd/slapstar/internal/run", "cmd/slapstar/internal/term", "cmd/slapstar/internal/view", "engine", "engine/document", "proxy", "slap", "slap/config", "slap/release", "starlib", "starlib/console", "starlib/filetest", "starlib/format", "starlib/lang", "starlib/policy", "starlib/project", "starlib/simulate"},
	"examples/ci":                {},
	"conformance":                {},
	"untrusted":                  {},
	"bench":                      {},
	"bench/bare":                 {"bench/sample", "slap"},
	"bench/request":              {"slap"},
	"bench/sample":               {"slap"},

	"cmd/slapstar/internal/adopt":     {"engine", "internal/mask", "slap", "slap/credential", "slap/marshal", "starlib/lang"},
	"cmd/slapstar/internal/diagnosis": {},
	"cmd/slapstar/internal/limit":     {"cmd/slapstar/internal/term", "starlib/lang"},
	"cmd/slapstar/internal/prompt":    {"cmd/slapstar/internal/term"},
	"cmd/slapstar/internal/term":      {"internal/mask"},
	"cmd/slapstar/internal/view/diff": {"cmd/slapstar/internal/term", "engine", "internal/mask", "internal/sequence", "slap", "slap/credential"},
}

// homes says in which package a third-party module may be imported, by the
// first elements of the import path.
var homes = map[string]string{
	"github.com/VictoriaMetrics/metrics":       "proxy",
	"github.com/agext/levenshtein":             "starlib/lang",
	"github.com/bazelbuild/buildtools":         "starlib/format",
	"github.com/cenkalti/backoff/v5":           "slap",
	"github.com/gofrs/flock":                   "proxy/internal/store",
	"github.com/reeflective/readline":          "cmd/slapstar/internal/prompt",
	"github.com/santhosh-tekuri/jsonschema/v6": "slap/jsonschema",
	"github.com/mattn/go-runewidth":            "cmd/slapstar/internal/term",
	"github.com/pelletier/go-toml/v2":          "internal/datafile",
	"go.yaml.in/yaml/v3":                       "internal/datafile",
	"github.com/sergi/go-diff":                 "cmd/slapstar/internal/view/diff",
	"github.com/urfave/cli/v2":                 "cmd/slapstar",
	"github.com/vbauerster/mpb/v8":             "cmd/slapstar/internal/view",
	"github.com/yosida95/uritemplate/v3":       "slap",
	"go.starlark.net":                          "starlib",
	"golang.org/x/net":                         "slap",
	"golang.org/x/sync/errgroup":               "engine",
	"golang.org/x/sync/semaphore":              "proxy",
	"golang.org/x/term":                        "cmd/slapstar/internal/term",
	"gopkg.in/ini.v1":                          "slap/config",
	"modernc.org/sqlite":                       "proxy/internal/store",
	"github.com/creack/pty":                    "",             // tests only
	"github.com/google/go-cmp":                 "",             // tests only
	"github.com/itchyny/gojq":                  "",             // tests only
	"github.com/yuin/goldmark":                 "",             // tests only
	"github.com/rogpeppe/go-internal":          "cmd/slapstar", // diff; the rest in tests only
}

// annexes share the home of other packages.
var annexes = map[string][]string{
	"starlib/format": {"starlib"},
	"starlib/lang":   {"starlib"},

	"starlib/console":  {"starlib"},
	"starlib/filetest": {"starlib"},
	"starlib/policy":   {"starlib"},
	"starlib/project":  {"starlib"},
	"starlib/simulate": {"starlib"},
	"bench/bare":       {"starlib", "engine"}, // it is measured against them
}

// strangers are packages of the standard library that a package must not know.
var strangers = map[string][]string{
	"slap/marshal":               {"net/http", "os"},
	"slap/jsonschema":            {"net/http", "os"},
	"slap/credential":            {"net/http", "os"},
	"internal/mask":              {"net/http", "os", "flag", "time"},
	"internal/function":          {"net", "net/http", "os", "flag", "time"},
	"internal/datafile":          {"net", "net/http", "os", "flag"},
	"slap":                       {"flag"},
	"internal/tree":              {"net/http", "flag", "os/exec"},
	"slap/config":                {"net/http", "flag"},
	"slap/release":               {"flag"},
	"engine":                     {"net/http", "os", "flag", "encoding/hex", "crypto/sha256"},
	"engine/document":            {"net/http", "os", "flag", "time"},
	"starlib":                    {"net/http", "time", "os/exec"},
	"starlib/lang":               {"net", "net/http", "time", "os/exec"},
	"starlib/console":            {"net/http", "time", "os/exec"},
	"starlib/project":            {"net/http", "time", "os", "os/exec"},
	"starlib/simulate":           {"net/http", "time", "os", "os/exec"},
	"starlib/filetest":           {"net/http", "time", "os", "os/exec"},
	"starlib/policy":             {"net", "net/http", "time", "os", "os/exec", "crypto/rand", "math/rand", "math/rand/v2"},
	"proxy/internal/store":       {"net/http", "flag"},
	"proxy":                      {"flag"},
	"cmd/slapstar/internal/run":  {"flag"},
	"cmd/slapstar/internal/view": {"net/http", "os", "flag"},

	"cmd/slapstar/internal/adopt":     {"net/http", "os", "flag", "time"},
	"cmd/slapstar/internal/diagnosis": {"net/http", "os", "flag"},
	"cmd/slapstar/internal/limit":     {"net/http", "flag", "os/exec"},
	"cmd/slapstar/internal/prompt":    {"net/http", "flag"},
	"cmd/slapstar/internal/term":      {"net/http", "flag", "time"},
	"cmd/slapstar/internal/view/diff": {"net/http", "os", "flag", "time"},
}

func TestImports(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(dir string, entry os.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if name := entry.Name(); dir != "." && (strings.HasPrefix(name, ".") || name == "testdata") {
			return filepath.SkipDir
		}
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); dir != "." && err == nil { // tools, a module beside this one
			return filepath.SkipDir
		}
		pkg, err := build.ImportDir(dir, 0)
		if _, empty := errors.AsType[*build.NoGoError](err); empty || dir == "." {
			return nil
		} else if err != nil {
			return err
		}
		path := filepath.ToSlash(dir)
		seen[path] = true
		allowed, ok := packages[path]
		if !ok {
			t.Errorf("package %s is not in the table", path)
		}
		for _, imported := range pkg.Imports {
			checkImport(t, path, imported, allowed)
		}
		for _, own := range allowed {
			if !slices.Contains(pkg.Imports, "slapstar/"+own) {
				t.Errorf("%s does not import %s, as the table says", path, own)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for path := range packages {
		if !seen[path] {
			t.Errorf("package %s of the table does not exist", path)
		}
	}
}

// TestExamples looks for an Example in each package that others may import.
func TestExamples(t *testing.T) {
	for path := range packages {
		first, _, _ := strings.Cut(path, "/")
		if strings.Contains(path, "internal") || slices.Contains([]string{"cmd", "conformance", "bench", "examples", "untrusted"}, first) {
			continue
		}
		if source, err := os.ReadFile(filepath.Join(path, "example_test.go")); err != nil || !strings.Contains(string(source), "\nfunc Example") {
			t.Errorf("package %s has no Example in example_test.go", path)
		}
	}
}

func checkImport(t *testing.T, path, imported string, allowed []string) {
	if own, ok := strings.CutPrefix(imported, "slapstar/"); ok {
		if !slices.Contains(allowed, own) {
			t.Errorf("%s imports %s", path, own)
		}
		return
	}
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") { // the standard library
		if slices.Contains(strangers[path], imported) {
			t.Errorf("%s imports %s", path, imported)
		}
		return
	}
	for module, home := range homes {
		if imported == module || strings.HasPrefix(imported, module+"/") {
			if home != path && !slices.Contains(annexes[path], home) {
				t.Errorf("%s imports %s, whose home is %s", path, imported, home)
			}
			return
		}
	}
	t.Errorf("%s imports %s, which has no home", path, imported)
}
