package starlib

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite docs/language.md")

// The reference page is that of the stub; -update rewrites it.
func TestReferencePage(t *testing.T) {
	var b strings.Builder
	b.WriteString("# The language of the files\n\nStarlark, and these names. This page is made of `starlib/stub.star`: `go test ./starlib -update` rewrites it.\n")
	for _, e := range Reference() {
		level := "##"
		if strings.Contains(e.Name, ".") {
			level = "###"
		}
		head := e.Name
		if e.Signature != "" {
			head = e.Signature
		}
		fmt.Fprintf(&b, "\n%s `%s`\n\n%s\n", level, head, page(e.Doc))
	}
	const file = "../docs/language.md"
	if *update {
		if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != b.String() {
		t.Errorf("%s is not that of the stub (%v): go test ./starlib -update", file, err)
	}
}

// page makes a list of the lines that document parameters.
func page(doc string) string {
	var b strings.Builder
	for _, line := range strings.Split(doc, "\n") {
		if name, rest, ok := strings.Cut(line, ": "); ok && !strings.Contains(name, " ") && name != "" {
			line = "- `" + name + "`: " + rest
		}
		b.WriteString(strings.TrimPrefix(line, "  ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}
