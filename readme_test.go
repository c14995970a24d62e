package slapstar_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the picture of the packages in README.md")

// The picture of the packages in README.md stands between these lines.
const (
	pictureBegin = "<!-- The packages, written by: go test . -run TestPicture -update -->\n"
	pictureEnd   = "<!-- end of the packages -->\n"
)

// TestPicture compares the picture in README.md with the table of packages.
func TestPicture(t *testing.T) {
	readme := string(read(t, "README.md"))
	before, rest, begins := strings.Cut(readme, pictureBegin)
	got, after, ends := strings.Cut(rest, pictureEnd)
	if !begins || !ends {
		t.Fatalf("README.md has no picture between the lines\n%s%s", pictureBegin, pictureEnd)
	}
	want := picture(packages)
	if got == want {
		return
	}
	if *update {
		if err := os.WriteFile("README.md", []byte(before+pictureBegin+want+pictureEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Errorf("README.md does not show the table of imports_test.go; go test . -run TestPicture -update rewrites it (-README +table):\n%s", cmp.Diff(strings.Split(got, "\n"), strings.Split(want, "\n")))
}

// packageRow is a row of the table of packages in README.md.
var packageRow = regexp.MustCompile("(?m)^\\| (`[^|]*`) \\|")

// TestPackageTable compares the packages that README.md describes, each with its one
// job, with those that there are.
func TestPackageTable(t *testing.T) {
	_, section, ok := strings.Cut(string(read(t, "README.md")), "\n| package | its one job |\n")
	if !ok {
		t.Fatal("README.md has no table with the head: | package | its one job |")
	}
	section, _, _ = strings.Cut(section, "\n\n")
	described := map[string]int{}
	for _, row := range packageRow.FindAllStringSubmatch(section, -1) {
		for name := range strings.SplitSeq(row[1], ", ") {
			described[strings.Trim(name, "`")]++
		}
	}
	for path := range packages {
		if described[path] != 1 {
			t.Errorf("README.md has %d rows for package %s, want 1: write one in the table “package | its one job”", described[path], path)
		}
	}
	for name := range described {
		if _, ok := packages[name]; !ok {
			t.Errorf("README.md has a row for package %s, which imports_test.go does not have: take it out", name)
		}
	}
}

// picture draws the table: a line for each package with the packages that it imports,
// but for those that these lead to. A package is above those that it imports.
func picture(table map[string][]string) string {
	list := slices.Collect(maps.Keys(table))
	slices.SortFunc(list, func(a, b string) int {
		if above := height(table, b) - height(table, a); above != 0 {
			return above
		}
		return strings.Compare(a, b)
	})
	longest := 0
	for _, path := range list {
		if len(table[path]) > 0 {
			longest = max(longest, len(path))
		}
	}
	var b strings.Builder
	var leaves []string
	for _, path := range list {
		if len(table[path]) == 0 {
			leaves = append(leaves, path)
			continue
		}
		b.WriteString(wrapped(fmt.Sprintf("%-*s →", longest, path), direct(table, path)))
	}
	b.WriteString("\n" + wrapped("These import no other:", leaves))
	return "```\n" + b.String() + "```\n"
}

// wrapped writes a list after its head, in lines that are not too long.
func wrapped(head string, list []string) string {
	const width = 110
	indent := utf8.RuneCountInString(head)
	text, column := head, indent
	for i, item := range list {
		if i < len(list)-1 {
			item += ","
		}
		if column+1+len(item) > width {
			text += "\n" + strings.Repeat(" ", indent)
			column = indent
		}
		text += " " + item
		column += 1 + len(item)
	}
	return text + "\n"
}

// height is the number of arrows on the longest way down from a package.
func height(table map[string][]string, path string) int {
	h := 0
	for _, imported := range table[path] {
		h = max(h, 1+height(table, imported))
	}
	return h
}

// direct returns what a package imports and none of its other imports leads to.
func direct(table map[string][]string, path string) []string {
	list := slices.DeleteFunc(slices.Clone(table[path]), func(imported string) bool {
		return slices.ContainsFunc(table[path], func(other string) bool { return other != imported && leads(table, other, imported) })
	})
	slices.Sort(list)
	return list
}

// leads reports whether a package imports another, directly or not.
func leads(table map[string][]string, from, to string) bool {
	return slices.ContainsFunc(table[from], func(imported string) bool { return imported == to || leads(table, imported, to) })
}
