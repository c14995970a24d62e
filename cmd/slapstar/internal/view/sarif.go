package view

import (
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"slapstar/engine/document"
	"slapstar/internal/mask"
)

// The parts of SARIF 2.1.0 that a [Report] has.
// Source: docs.oasis-open.org/sarif/sarif/v2.1.0.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    string       `json:"id"`
		Short sarifMessage `json:"shortDescription"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifMessage      `json:"message"`
		Locations    []sarifLocation   `json:"locations,omitempty"`
		Related      []sarifLocation   `json:"relatedLocations,omitempty"` // the calls that led there
		Stacks       []sarifStack      `json:"stacks,omitempty"`           // all of them, the declaring call first
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		ID       *int           `json:"id,omitempty"`
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Message  *sarifMessage  `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		Line   int `json:"startLine"`
		Column int `json:"startColumn,omitempty"`
	}
	sarifStack struct {
		Frames []sarifFrame `json:"frames"`
	}
	sarifFrame struct {
		Location sarifLocation `json:"location"`
	}
)

var sarifLevels = map[level]string{failure: "error", warned: "warning", mentioned: "note"}

// SARIF writes the findings as a log in SARIF 2.1.0: a result a finding, which stands on
// the declaring call. The calls that led there are related locations, and the message
// links to them. Columns count characters, as columnKind says.
func (r Report) SARIF(w io.Writer) error {
	hidden, seen := mask.Of(w), fingerprints{}
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "slapstar", Version: r.Version}
	index := map[Rule]int{}
	for i, known := range rules {
		index[known.rule] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{string(known.rule), sarifMessage{known.says}})
	}
	for _, f := range r.Findings {
		places := f.places()
		result := sarifResult{RuleID: string(f.rule()), RuleIndex: index[f.rule()], Level: sarifLevels[f.level()],
			Fingerprints: map[string]string{"slapstar/v1": seen.of(f, r.path(f.File), places[0].Function, hidden)}}
		text := linkless.Replace(r.message(f, 0, places[:1], hidden))
		if f.File != "" {
			result.Locations = []sarifLocation{r.location(places[0])}
		}
		for i, at := range places[1:] {
			id := i + 1
			location := r.location(at)
			location.ID, location.Message = &id, &sarifMessage{"called from here"}
			result.Related = append(result.Related, location)
			text += "\ncalled from [" + linkless.Replace(hidden.Text(r.position(at))) + "](" + strconv.Itoa(id) + ")"
		}
		if len(places) > 1 {
			stack := sarifStack{}
			for _, at := range places {
				location := r.location(at)
				if at.Function != "" {
					location.Message = &sarifMessage{linkless.Replace("in " + clean(at.Function, hidden))}
				}
				stack.Frames = append(stack.Frames, sarifFrame{location})
			}
			result.Stacks = []sarifStack{stack}
		}
		result.Message.Text = text
		run.Results = append(run.Results, result)
	}
	own := func(member string, _ int, text string) int {
		return ownWords(text, slices.Contains([]string{"$schema", "version", "name", "id", "ruleId", "level", "columnKind", "text", "uriBaseId", "slapstar/v1"}, member))
	}
	return writeJSON(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}}, "  ", own)
}

// linkless keeps brackets and backslashes from being links, which messages of SARIF can
// have (section 3.11.6).
var linkless = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`)

func (r Report) location(at document.Frame) sarifLocation {
	path := strings.TrimPrefix(r.path(at.File), "./")
	physical := &sarifPhysical{Artifact: sarifArtifact{URI: (&url.URL{Path: path}).String(), Base: "%SRCROOT%"}}
	if strings.HasPrefix(path, "/") { // outside of the repository
		physical.Artifact = sarifArtifact{URI: (&url.URL{Scheme: "file", Path: path}).String()}
	}
	if at.Line > 0 {
		physical.Region = &sarifRegion{at.Line, at.Column}
	}
	return sarifLocation{Physical: physical}
}
