package view

import (
	"fmt"
	"io"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/internal/mask"
)

// GitHub writes the findings as workflow commands, of which GitHub Actions makes
// annotations: one command a line of the files that a finding stands on. Columns count
// characters.
//
// A command is one line, ::error file=main.star,line=2,col=1,title=…::message. What could
// end it, or one of its properties, is percent-encoded.
// Source: actions/runner src/Runner.Common/ActionCommand.cs, _escapeMappings.
func (r Report) GitHub(w io.Writer) error {
	hidden := mask.Of(w)
	var b strings.Builder
	for _, f := range r.Findings {
		places := f.places()
		for i, at := range places {
			properties := []string{"title=" + inProperty(f.title(hidden))}
			if at.File != "" {
				where := []string{"file=" + inProperty(plainHashes(hidden.Text(r.path(at.File))))}
				if at.Line > 0 {
					where = append(where, fmt.Sprintf("line=%d", at.Line))
				}
				if at.Column > 0 {
					where = append(where, fmt.Sprintf("col=%d", at.Column))
				}
				properties = append(where, properties...)
			}
			fmt.Fprintf(&b, "::%s %s::%s\n", githubWords[f.level()], strings.Join(properties, ","), inCommand(r.message(f, i, places, hidden)))
		}
	}
	_, err := mask.WriteOwn(w, b.String())
	return err
}

var githubWords = map[level]string{failure: "error", warned: "warning", mentioned: "notice"}

// titles say of a rule what its findings are.
var titles = map[Rule]string{
	NotEvaluated: "the files cannot be evaluated", WrongParameter: "parameter not allowed", UnknownParameter: "parameter not in the schema",
	NotChecked: "not checked", StaleSchema: "schema may have changed", NotFormatted: "not formatted",
}

// title is the heading of an annotation.
func (f Finding) title(hidden *mask.Filter) string {
	title := "slapstar: " + titles[f.rule()]
	if f.File == "" && f.rule() == NotEvaluated {
		title = "slapstar: failed"
	}
	if f.Address != "" {
		_, name := splitKind(string(f.Address))
		title += " (" + hidden.Text(term.Name(name)) + ")"
	}
	return title
}

// inCommand is a text as the message of a workflow command.
func inCommand(text string) string { return commandEscapes.Replace(text) }

// inProperty is a text as the value of a property of a workflow command.
func inProperty(text string) string { return propertyEscapes.Replace(text) }

var (
	commandEscapes  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// plainHashes is a path without what other CI systems take for a command anywhere in a
// line. No file has such a name but for that.
func plainHashes(path string) string { return strings.ReplaceAll(path, "##", `#\x23`) }
