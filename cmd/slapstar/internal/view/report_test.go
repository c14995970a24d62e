package view

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"slapstar/engine/document"
	"slapstar/internal/mask"
	"slapstar/slap/jsonschema"
)

// sampleFindings are one of each kind, with text that somebody chose who wants to steer
// a CI system.
func sampleFindings(foreign string) []Finding {
	helper := []document.Frame{{Function: "<toplevel>", File: "main.star", Line: 9, Column: 1}, {Function: foreign, File: "lib/" + foreign, Line: 2, Column: 12}}
	return []Finding{
		{Severity: Error, Message: foreign, Hint: foreign},
		{Severity: Error, Rule: WrongParameter, File: "lib/" + foreign, Line: 2, Column: 12, Address: "instance " + "a", Path: foreign, Message: foreign, Stack: helper},
		{Severity: Warning, Rule: UnknownParameter, File: "main.star", Line: 1, Column: 1, Message: foreign, Hint: foreign},
		{Severity: Warning, Rule: NotChecked, File: foreign, Line: 1, Message: foreign},
		{Severity: Error, Rule: NotChecked, File: "a b.star", Line: 1, Message: foreign},
		{Severity: Error, Rule: NotFormatted, File: "c:d.star", Line: 1, Message: foreign},
		{Severity: Warning, Rule: StaleSchema, File: "/elsewhere/x.star", Line: 1, Message: foreign},
	}
}

func reportOf(foreign string) Report {
	return Report{Findings: sampleFindings(foreign), Entry: "main.star", Version: "v1.0.0"}
}

const hostileText = "x\n::set-output name=a::b\r\n##vso[task.x]\r::add-mask::y%0A%,:]]>\x00\x1b[1m\ufffe\u202e<![CDATA[\xff[l](http://x)"

func writtenBy(t *testing.T, write func(*mask.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	w := mask.New().Writer(&b)
	if err := write(w); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// githubCommand is a whole workflow command.
var githubCommand = regexp.MustCompile(`^::(error|warning|notice) (file=[^,:]*(,line=[0-9]+(,col=[0-9]+)?)?,)?title=[^,:]*::[^\r]*$`)

func checkGitHub(t *testing.T, foreign string) {
	t.Helper()
	text := writtenBy(t, func(w *mask.Writer) error { return reportOf(foreign).GitHub(w) })
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if want := 8; len(lines) != want {
		t.Errorf("there are %d lines, want %d:\n%s", len(lines), want, text)
	}
	for _, line := range lines {
		if !githubCommand.MatchString(line) || strings.Contains(line, "##vso[") {
			t.Errorf("this is no command: %q", line)
		}
	}
}

func TestReportGitHub(t *testing.T) { checkGitHub(t, hostileText) }

func checkCodeQuality(t *testing.T, foreign string) []codeIssue {
	t.Helper()
	text := writtenBy(t, func(w *mask.Writer) error { return reportOf(foreign).CodeQuality(w) })
	noCommands(t, text)
	var issues []codeIssue
	if err := json.Unmarshal([]byte(text), &issues); err != nil {
		t.Fatal(err)
	}
	prints := map[string]bool{}
	for _, i := range issues {
		if i.Description == "" && foreign != "" || i.Fingerprint == "" || i.Location.Lines.Begin < 1 || prints[i.Fingerprint] {
			t.Errorf("got %+v", i)
		}
		prints[i.Fingerprint] = true
	}
	return issues
}

func TestReportCodeQuality(t *testing.T) {
	var severities []string
	for _, i := range checkCodeQuality(t, hostileText) {
		severities = append(severities, i.Severity)
	}
	if want := []string{"critical", "major", "major", "minor", "info", "major", "minor", "minor"}; !slices.Equal(severities, want) {
		t.Errorf("got severities %q, want %q", severities, want)
	}
}

// noCommands looks for lines that a CI system would take for its own.
func noCommands(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.ContainsRune(strings.TrimSuffix(line, "\n"), '\r') || strings.Contains(line, "##vso[") {
			t.Errorf("there is a command in %q", line)
		}
	}
}

// A fingerprint does not change while lines move, and differs where a finding is another
// one.
func TestFingerprints(t *testing.T) {
	of := func(change func(*Finding)) string {
		f := sampleFindings("x")[1]
		f.Message = "it is declared at main.star:3:1 as well"
		change(&f)
		return fingerprints{}.of(f, f.File, f.Stack[1].Function, nil)
	}
	same := of(func(*Finding) {})
	if got := of(func(f *Finding) { f.Line, f.Column, f.Message = 40, 2, "it is declared at main.star:30:11 as well" }); got != same {
		t.Error("it is another one when lines move")
	}
	for i, change := range []func(*Finding){
		func(f *Finding) { f.Rule = NotChecked }, func(f *Finding) { f.File = "y" }, func(f *Finding) { f.Address = "instance b" },
		func(f *Finding) { f.Path = "other" }, func(f *Finding) { f.Message = "something else" },
	} {
		if of(change) == same {
			t.Errorf("change %d: it is the same", i)
		}
	}
}

// TestReportSARIF compares a log with the members that SARIF requires, and that code
// scanning reads.
func TestReportSARIF(t *testing.T) {
	schema, err := jsonschema.Compile("testdata/sarif.schema.json", os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, foreign := range []string{hostileText, "plain"} {
		text := writtenBy(t, func(w *mask.Writer) error { return reportOf(foreign).SARIF(w) })
		noCommands(t, text)
		validate(t, schema, "a log", []byte(text))
		for _, want := range []string{`"uri": "a%20b.star"`, `"uri": "./c:d.star"`, `"uri": "file:///elsewhere/x.star"`} {
			if !strings.Contains(text, want) {
				t.Errorf("there is no %s", want)
			}
		}
		if foreign == hostileText && !strings.Contains(text, `\\[l\\](http://x)`) {
			t.Error("a link of somebody else is one")
		}
	}
}

func checkJUnit(t *testing.T, foreign string) {
	t.Helper()
	tests := []Test{
		{File: "a_test.star", Name: "test_" + foreign, Problems: []Problem{{File: "a_test.star", Line: 3, Column: 1, Message: foreign, Hint: foreign}}, Elapsed: 1500 * time.Millisecond},
		{File: "a_test.star", Name: "test_b", Passed: true},
		{File: foreign, Problems: []Problem{{Message: foreign}}},
	}
	text := writtenBy(t, func(w *mask.Writer) error {
		return NewTestRun(tests, 2*time.Second).JUnit(w, func(file string) string { return "infra/" + file })
	})
	noCommands(t, text)
	var got struct {
		Tests, Failures, Errors int `xml:",attr"`
		Suites                  []struct {
			Cases []struct {
				Name string `xml:"name,attr"`
				File string `xml:"file,attr"`
				Line int    `xml:"line,attr"`
				Time string `xml:"time,attr"`
				Fail []struct {
					Message string `xml:"message,attr"`
				} `xml:"failure"`
				Error []struct{} `xml:"error"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(strings.NewReplacer(` tests=`, ` Tests=`, ` failures=`, ` Failures=`, ` errors=`, ` Errors=`).Replace(text)), &got); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if got.Tests != 3 || got.Failures != 1 || got.Errors != 1 || len(got.Suites) != 2 {
		t.Fatalf("got %+v", got)
	}
	first := got.Suites[0].Cases[0]
	if first.File != "infra/a_test.star" || first.Line != 3 || first.Time != "1.500" || len(first.Fail) != 1 || len(got.Suites[1].Cases[0].Error) != 1 {
		t.Errorf("got %+v", first)
	}
}

func TestJUnit(t *testing.T) { checkJUnit(t, hostileText) }

// A secret is hidden before it is escaped: afterwards it would not be found.
func TestReportHidesSecrets(t *testing.T) {
	const secret = "50%:hush,<&>hush"
	hidden := mask.New()
	hidden.Add(secret)
	for name, write := range map[string]func(*mask.Writer) error{
		"github":      func(w *mask.Writer) error { return reportOf("got " + secret).GitHub(w) },
		"codequality": func(w *mask.Writer) error { return reportOf("got " + secret).CodeQuality(w) },
		"sarif":       func(w *mask.Writer) error { return reportOf("got " + secret).SARIF(w) },
		"junit": func(w *mask.Writer) error {
			return NewTestRun([]Test{{File: secret, Name: secret, Problems: []Problem{{Message: "got " + secret, File: secret}}}}, 0).JUnit(w, func(f string) string { return f })
		},
	} {
		var b bytes.Buffer
		w := hidden.Writer(&b)
		if err := write(w); err != nil {
			t.Fatal(err)
		}
		w.Flush()
		if strings.Contains(b.String(), "hush") || !strings.Contains(b.String(), mask.Masked) {
			t.Errorf("%s: got\n%s", name, b.String())
		}
	}
}

// A long chain of calls has its both ends.
func TestPlacesAreFew(t *testing.T) {
	var stack []document.Frame
	for i := range 100 {
		stack = append(stack, document.Frame{Function: fmt.Sprint("f", i), File: "main.star", Line: i + 1})
	}
	places := Finding{File: "main.star", Line: 100, Stack: stack}.places()
	if len(places) != mostPlaces || places[0].Line != 100 || places[0].Function != "f99" || places[mostPlaces-1].Line != 1 {
		t.Errorf("got %+v", places)
	}
}

// FuzzReport looks for text that ends the command, the document or the line it stands in.
func FuzzReport(f *testing.F) {
	f.Add(hostileText)
	f.Add("")
	f.Add("%25")
	f.Fuzz(func(t *testing.T, foreign string) {
		if len(foreign) > 1000 || strings.HasPrefix(foreign, "/") {
			t.Skip()
		}
		checkGitHub(t, foreign)
		checkCodeQuality(t, foreign)
		checkJUnit(t, foreign)
	})
}
