package conformance

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// releasesVariable names a checkout of SlapOS releases, such as one of SlapOS/slapos.
const releasesVariable = "SLAPSTAR_RELEASES"

// casesOfAType is how many parameters are made from each schema.
const casesOfAType = 500

// A releaseType is a software type of a release of the checkout.
type releaseType struct {
	release, id, kind, schema string
	shared, xml               bool
}

func (r releaseType) String() string { return r.release + " " + r.id }

// slapstar validate and the stock client say the same of parameters that are made from
// the schemas of real releases.
func TestSchemasOfReleases(t *testing.T) {
	checkout := os.Getenv(releasesVariable)
	if checkout == "" {
		t.Skipf("the schemas of releases are left out: %s names no checkout", releasesVariable)
	}
	s := newSite(t)
	root := filepath.Join(s.dir, "releases")
	types := copySchemas(t, checkout, root)
	sampler := &sampler{docs: map[string]any{}}
	requests, valid, python, unread, partly, differ, differing := 0, 0, 0, 0, 0, 0, map[string]bool{}
	for _, kind := range types {
		cases := sampler.parameters(filepath.Join(root, kind.schema), kind.xml, casesOfAType)
		theirs := s.stockVerdicts(filepath.Join(root, kind.schema), kind.xml, cases)
		ours := s.verdicts(root, kind, cases)
		requests += len(cases)
		if ours.unread != "" {
			unread++
			differing[kind.release] = true
			t.Logf("%v: slapstar does not read it: %s", kind, ours.unread)
			continue
		}
		shown := 0
		for i, v := range theirs {
			if v == "valid" {
				valid++
			}
			switch {
			case strings.HasPrefix(v, "error"):
				python++
			case v == "invalid" && !ours.wrong[i] && ours.partly:
				partly++
			case (v == "invalid") != ours.wrong[i]:
				differ++
				differing[kind.release] = true
				if shown++; shown <= 3 {
					text, _ := json.Marshal(cases[i])
					t.Errorf("%v: the stock client says %s, slapstar %q: %.500s", kind, v, ours.said[i], text)
				}
			}
		}
		if shown > 3 {
			t.Errorf("%v: and %d more", kind, shown-3)
		}
	}
	releases := map[string]bool{}
	for _, kind := range types {
		releases[kind.release] = true
	}
	t.Logf("%d releases, %d that agree; %d types, %d not read; %d requests, of which %d are valid: %d differ, %d depend on a part that is not checked, %d the stock client cannot judge",
		len(releases), len(releases)-len(differing), len(types), unread, requests, valid, differ, partly, python)
}

// copySchemas copies the schemas of a checkout, and returns the types of its releases.
func copySchemas(t *testing.T, checkout, root string) (types []releaseType) {
	err := filepath.WalkDir(checkout, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || filepath.Ext(path) != ".json" {
			return err
		}
		name, err := filepath.Rel(checkout, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Join(root, filepath.Dir(name)), 0o700); err != nil {
			return err
		}
		release, isRelease := strings.CutSuffix(filepath.ToSlash(name), ".cfg.json")
		if isRelease && strings.HasPrefix(filepath.Base(name), "software") {
			types = append(types, typesOf(release+".cfg", data)...)
		}
		return os.WriteFile(filepath.Join(root, name), data, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(types) == 0 {
		t.Fatalf("there is no release in %s", checkout)
	}
	return types
}

func typesOf(release string, data []byte) (types []releaseType) {
	var file struct {
		Serialisation string
		SoftwareType  map[string]struct {
			Serialisation, Request string
			SoftwareType           string `json:"software-type"`
			Shared                 bool
		} `json:"software-type"`
	}
	json.Unmarshal(data, &file)
	for id, e := range file.SoftwareType {
		types = append(types, releaseType{release, id, cmp.Or(e.SoftwareType, id), filepath.Join(filepath.Dir(release), e.Request), e.Shared, cmp.Or(e.Serialisation, file.Serialisation) == "xml"})
	}
	return types
}

// stockVerdicts returns what the validator of the stock client says of parameters.
func (s *site) stockVerdicts(schema string, xml bool, cases []map[string]any) []string {
	s.t.Helper()
	var in bytes.Buffer
	for _, value := range cases {
		line, err := json.Marshal(map[string]any{"schema": schema, "xml": xml, "value": value})
		if err != nil {
			s.t.Fatal(err)
		}
		in.Write(append(line, '\n'))
	}
	cmd := exec.Command(filepath.Join(s.peer, "bin", "python"), script(s.t, "schemas.py"))
	cmd.Stdin, cmd.Stderr = &in, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatal(err)
	}
	var verdicts []string
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		verdicts = append(verdicts, lines.Text())
	}
	if len(verdicts) != len(cases) {
		s.t.Fatalf("%s: got %d verdicts, want %d", schema, len(verdicts), len(cases))
	}
	return verdicts
}

// ourVerdicts are what slapstar validate says of parameters.
type ourVerdicts struct {
	wrong  map[int]bool
	said   map[int]string
	partly bool   // a part of the schema is not checked
	unread string // why nothing is
}

func (s *site) verdicts(root string, kind releaseType, cases []map[string]any) ourVerdicts {
	s.t.Helper()
	var file strings.Builder
	for i, value := range cases {
		fmt.Fprintf(&file, "request(%s, \"c%d\", %s, %s", starlark(kind.release), i, starlark(value), starlark(kind.kind))
		if kind.shared {
			file.WriteString(", shared = True")
		}
		if !kind.xml {
			file.WriteString(`, serialisation = "json-in-xml"`)
		}
		file.WriteString(")\n")
	}
	path := filepath.Join(root, "cases.star")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		s.t.Fatal(err)
	}
	cmd := exec.Command(s.slapstar, "--cfg", s.slapstarCfg(), "validate", "--format", "json", "--root", root, path)
	cmd.Stderr = os.Stderr
	out, _ := cmd.Output() // it fails where something is wrong
	var answer struct {
		Findings []struct{ Severity, Address, Path, Message string }
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		s.t.Fatalf("%v: %v\n%.1000s", kind, err, out)
	}
	v := ourVerdicts{wrong: map[int]bool{}, said: map[int]string{}}
	for _, f := range answer.Findings {
		i := -1
		fmt.Sscanf(f.Address, "instance c%d", &i)
		switch {
		case f.Severity == "error" && i < 0:
			s.t.Fatalf("%v: %s", kind, f.Message)
		case f.Severity == "error":
			v.wrong[i] = true
			v.said[i] += f.Path + ": " + f.Message + "\n"
		case strings.HasPrefix(f.Message, "the parameters were not checked: "):
			v.unread = f.Message
		case strings.HasPrefix(f.Message, "not checked: "):
			v.partly = true
		}
	}
	return v
}
