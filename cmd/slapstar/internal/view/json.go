package view

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/internal/mask"
)

// PlanJSON writes a plan as one JSON document, see [document.Plan]. The context says who
// made it, when and of what.
func PlanJSON(w io.Writer, p *engine.Plan, made document.Context) error {
	return writeJSON(w, document.New(p).Made(made), "  ", planOwn)
}

// SavedJSON writes a plan that was saved as PlanJSON does.
func SavedJSON(w io.Writer, saved *document.Plan) error {
	shown, err := saved.Shown()
	if err != nil {
		return err
	}
	return writeJSON(w, shown, "  ", planOwn)
}

// GitLabReport writes the counts of a plan as GitLab shows them in a merge request: the
// report of kind terraform.
func GitLabReport(w io.Writer, p *engine.Plan) error {
	return writeJSON(w, map[string]int{"create": p.Count(engine.Create), "update": p.Count(engine.Update), "delete": p.Count(engine.Delete)}, "  ", nil)
}

// JSON writes a value for programs.
func JSON(w io.Writer, v any) error {
	if o, ok := v.(interface {
		own(member string, item int, text string) int
	}); ok {
		return writeJSON(w, v, "  ", o.own)
	}
	return writeJSON(w, v, "  ", nil)
}

// planOwn is the [mask.Own] of plans and events.
func planOwn(member string, item int, text string) int {
	switch member {
	case "address", "addresses", "depends_on", "done", "not_started", "needless", "moved": // of resources
		return kindLength(text)
	case "path": // an attribute, or its group
		return ownWords(text, item == 0)
	case "unreadable": // the same as one text
		group, _, _ := strings.Cut(text, ".")
		return len(group)
	}
	return ownWords(text, slices.Contains([]string{"action", "cause", "phase", "digest", "event", "kind", "time"}, member))
}

// ownWords returns the length of a text that is own, and 0 for another one.
func ownWords(text string, own bool) int {
	if own {
		return len(text)
	}
	return 0
}

// writeJSON writes a value, of which the secrets are hidden text by text. Two # are
// written in another way, which means the same: some CI systems take ##vso[…] anywhere
// in a line for a command.
func writeJSON(w io.Writer, v any, indent string, own mask.Own) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return err
	}
	data := mask.Of(w).JSON(b.Bytes(), own)
	_, err := mask.WriteOwn(w, string(bytes.ReplaceAll(data, []byte("##"), []byte(`#\u0023`))))
	return err
}
