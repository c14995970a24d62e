package view

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/internal/mask"
)

// JUnit writes the tests as XML in the form of JUnit, which GitLab and the readers for
// GitHub Actions take: a suite a file, a case a test. A file that cannot be evaluated is
// a case with an error. Path gives the path of a file from the root of its repository.
//
// What XML cannot hold is written by its number, as in text; lines end as &#10;, so that
// no line of the document begins with text from a file.
func (r TestRun) JUnit(w io.Writer, path func(file string) string) error {
	j := junit{hidden: mask.Of(w), path: path}
	fmt.Fprintf(&j.b, "%s<testsuites name=\"slapstar test\"%s>\n", xml.Header, counts(r.Tests, r.elapsed))
	for rest := r.Tests; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].File == rest[0].File && rest[n].Environment == rest[0].Environment {
			n++
		}
		j.suite(rest[:n])
		rest = rest[n:]
	}
	j.b.WriteString("</testsuites>\n")
	_, err := mask.WriteOwn(w, j.b.String())
	return err
}

// A junit writes suites.
type junit struct {
	b      strings.Builder
	hidden *mask.Filter
	path   func(string) string
}

// suite writes the tests of one file.
func (j *junit) suite(tests []Test) {
	file := "slapstar test"
	if tests[0].File != "" {
		file = inXML(j.hidden.Text(term.Escape(j.path(tests[0].File))))
	}
	suite := file
	if of := tests[0].Environment; of != "" {
		suite = inXML(j.hidden.Text(term.Escape(of))) + ": " + file
	}
	var elapsed time.Duration
	for _, t := range tests {
		elapsed += t.Elapsed
	}
	fmt.Fprintf(&j.b, "  <testsuite name=\"%s\" file=\"%s\"%s>\n", suite, file, counts(tests, elapsed))
	for _, t := range tests {
		name := file
		if t.Name != "" {
			name = inXML(j.hidden.Text(term.Escape(t.Name)))
		}
		fmt.Fprintf(&j.b, "    <testcase name=\"%s\" classname=\"%s\" file=\"%s\"%s time=\"%s\"", name, suite, file, t.line(), inSeconds(t.Elapsed))
		if t.Passed {
			j.b.WriteString("/>\n")
			continue
		}
		j.b.WriteString(">\n")
		j.failure(t)
		j.b.WriteString("    </testcase>\n")
	}
	j.b.WriteString("  </testsuite>\n")
}

// failure writes why a test failed: its last problem as the message, and all of them as
// text shows them.
func (j *junit) failure(t Test) {
	word, message := t.junitWord(), ""
	if n := len(t.Problems); n > 0 {
		message = clean(t.Problems[n-1].Message, j.hidden)
	}
	var text strings.Builder
	WriteProblems(maskedText{&text, j.hidden}, t.Problems)
	fmt.Fprintf(&j.b, "      <%s message=\"%s\" type=\"%s\">%s</%s>\n", word, inXML(message), word, inXML(strings.TrimSuffix(text.String(), "\n")), word)
}

// junitWord is what became of a test that did not pass.
func (t Test) junitWord() string {
	if t.Name == "" {
		return "error"
	}
	return "failure"
}

// line is where a test failed, in its own file.
func (t Test) line() string {
	for _, p := range t.Problems {
		at := p.Line
		if len(p.Stack) > 0 { // the test itself, whatever it calls
			at = p.Stack[0].Line
		}
		if at > 0 {
			return fmt.Sprintf(` line="%d"`, at)
		}
	}
	return ""
}

// counts are the attributes of a suite.
func counts(tests []Test, elapsed time.Duration) string {
	n := map[string]int{}
	for _, t := range tests {
		if !t.Passed {
			n[t.junitWord()]++
		}
	}
	return fmt.Sprintf(` tests="%d" failures="%d" errors="%d" skipped="0" time="%s"`, len(tests), n["failure"], n["error"], inSeconds(elapsed))
}

func inSeconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

// inXML is a text, of which nothing has to be hidden any more, in XML. Some CI systems
// take ##[…] anywhere in a line for a command.
func inXML(text string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(text)) // it never fails; new lines become &#xA;
	return strings.ReplaceAll(b.String(), "##", "#&#35;")
}

// A maskedText is a writer that has the mask of another one, and takes text that holds nothing secret.
type maskedText struct {
	io.Writer
	hidden *mask.Filter
}

var _ mask.Masking = maskedText{}

// WriteOwn implements [mask.Masking].
func (m maskedText) WriteOwn(text string) (int, error) { return io.WriteString(m.Writer, text) }

// Mask implements [mask.Masking].
func (m maskedText) Mask() *mask.Filter { return m.hidden }
