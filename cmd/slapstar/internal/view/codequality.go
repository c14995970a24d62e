package view

import (
	"io"
	"strings"

	"slapstar/internal/mask"
)

// A codeIssue is a finding as GitLab takes it in a report of the kind codequality.
// Source: docs.gitlab.com/ci/testing/code_quality, "Code Quality report format".
type codeIssue struct {
	Type        string       `json:"type"` // "issue"
	CheckName   string       `json:"check_name"`
	Description string       `json:"description"`
	Categories  []string     `json:"categories"`
	Severity    string       `json:"severity"`    // "info", "minor", "major", "critical" or "blocker"
	Fingerprint string       `json:"fingerprint"` // by which GitLab sees that a finding is new
	Location    codeLocation `json:"location"`
}

type codeLocation struct {
	Path  string    `json:"path"` // from the root of the repository
	Lines codeLines `json:"lines"`
}

type codeLines struct {
	Begin int `json:"begin"`
}

// CodeQuality writes the findings for the merge request widget of GitLab: one entry for
// each line that a finding stands on. An entry has no column.
func (r Report) CodeQuality(w io.Writer) error {
	hidden := mask.Of(w)
	issues, seen := []codeIssue{}, fingerprints{}
	for _, f := range r.Findings {
		places := f.places()
		for i, at := range places {
			path := strings.TrimPrefix(r.path(at.File), "./")
			issues = append(issues, codeIssue{
				Type: "issue", CheckName: "slapstar/" + string(f.rule()), Categories: []string{"Bug Risk"}, Severity: f.codeSeverity(),
				Description: oneLine(r.message(f, i, places, hidden)),
				Fingerprint: seen.of(f, path, at.Function, hidden),
				Location:    codeLocation{path, codeLines{max(1, at.Line)}},
			})
		}
	}
	own := func(member string, _ int, text string) int {
		return ownWords(text, member == "type" || member == "check_name" || member == "categories" || member == "severity" || member == "fingerprint" || member == "description")
	}
	return writeJSON(w, issues, "  ", own)
}

func (f Finding) codeSeverity() string {
	switch {
	case f.level() == failure && f.rule() == NotEvaluated:
		return "critical"
	case f.rule() == NotFormatted, f.level() == warned:
		return "minor"
	case f.level() == failure:
		return "major"
	}
	return "info"
}
