package project

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"slapstar/starlib/lang"
)

var expectation = regexp.MustCompile("### *([\"`].*[\"`])$")

// TestFiles evaluates the chunks of testdata, which fail on the lines that say so.
func TestFiles(t *testing.T) {
	f, err := os.Open("testdata/project.star")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	line, source, want := 0, "", map[int]string{}
	check := func() {
		t.Helper()
		_, err := Exec(t.Context(), lang.Source{File: "chunk.star", Sources: &lang.Sources{Text: map[string]string{}, Read: func(name string) ([]byte, error) {
			if name == "chunk.star" {
				return []byte(source), nil
			}
			if strings.HasPrefix(name, "..") {
				return nil, errors.New("it is outside of the folder")
			}
			return nil, os.ErrNotExist
		}}}, "v0.3.1")
		var problems []lang.Problem
		if found, ok := errors.AsType[*lang.Error](err); ok {
			problems = found.Problems
		} else if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			text := p.Message
			if p.Hint != "" {
				text += " hint: " + p.Hint
			}
			if matched, err := regexp.MatchString(want[p.Position.Line], text); err != nil || !matched || want[p.Position.Line] == "" {
				t.Errorf("line %d: got %q, want %q", p.Position.Line, text, want[p.Position.Line])
			}
			delete(want, p.Position.Line)
		}
		for line, text := range want {
			t.Errorf("line %d: got no error, want %q", line, text)
		}
	}
	for s := bufio.NewScanner(f); s.Scan(); {
		line++
		if s.Text() == "---" {
			check()
			source, want = strings.Repeat("\n", line), map[int]string{}
			continue
		}
		source += s.Text() + "\n"
		if m := expectation.FindStringSubmatch(s.Text()); m != nil {
			if want[line], err = strconv.Unquote(m[1]); err != nil {
				t.Fatal(err)
			}
		}
	}
	check()
}

func TestExec(t *testing.T) {
	p, err := Exec(t.Context(), lang.Source{File: File, Sources: &lang.Sources{Text: map[string]string{}, Read: func(string) ([]byte, error) {
		return []byte(`environment("prod", "//envs/prod/main.star", cfg = "envs/prod/../slapos.cfg", vars = {"size": 3, "on": True, "zones": ["a"]}, secrets = "file:secrets/prod/*", policy = ["//policy.star"], locked = True)` +
			"\n" + `environment("mine", "main.star", cfg = "/etc/slapos.cfg")`), nil
	}}}, "v0.3.1")
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal([]Environment{p.Environments[0].withoutOrigin(), p.Environments[1].withoutOrigin()})
	if err != nil {
		t.Fatal(err)
	}
	const want = `[{"Name":"prod","Entry":"envs/prod/main.star","Cfg":"envs/slapos.cfg","Vars":{"on":true,"size":3,"zones":["a"]},"Secrets":"file:secrets/prod/*","Policy":["policy.star"],"Locked":true,"Origin":{"Stack":null}},` +
		`{"Name":"mine","Entry":"main.star","Cfg":"/etc/slapos.cfg","Vars":null,"Secrets":"","Policy":null,"Locked":false,"Origin":{"Stack":null}}]`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if names := strings.Join(p.Names(), " "); names != "prod mine" || p.Find("stage") != nil {
		t.Errorf("got the names %q", names)
	}
	moved := p.Environments[0]
	moved.Origin = p.Environments[1].Origin
	if !moved.Same(p.Environments[0]) || moved.Same(p.Environments[1]) {
		t.Error("declarations are compared by where they stand")
	}
}

func TestVersions(t *testing.T) {
	for _, test := range []struct {
		version, constraint string
		want                bool
	}{
		{"v0.3.0", ">= 0.3", true},
		{"v0.2.9", ">= 0.3", false},
		{"v0.10.0", ">= 0.3", true},
		{"v0.3.0-rc1", ">= 0.3", false},
		{"v0.3.0-rc.2", ">= 0.3.0-rc.1", true},
		{"v0.3.0-rc.10", "> 0.3.0-rc.9", true},
		{"v1.0.0", "= 1", true},
		{"v1.0.1", "1.0.0", false},
		{"v1.2.3", ">= 1, < 1.2", false},
		{"(devel)", ">= 99", true},
		{"unknown", ">= 99", true},
		{"v0.0.0-20260904073137-eaa4d125b423", ">= 99", true},
		{"v0.3.2-0.20260904073137-eaa4d125b423", ">= 99", true},
		{"v0.3.0+dirty", ">= 99", true},
	} {
		_, err := Exec(t.Context(), lang.Source{File: File, Sources: &lang.Sources{Text: map[string]string{}, Read: func(string) ([]byte, error) {
			return []byte("required_version(" + strconv.Quote(test.constraint) + ")"), nil
		}}}, test.version)
		if got := err == nil; got != test.want {
			t.Errorf("%s with %s: got %v", test.constraint, test.version, err)
		}
	}
}
