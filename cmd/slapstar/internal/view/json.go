package view

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"

	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/internal/mask"
)

// PlanJSON writes a plan as one JSON document, see [document.Plan].
func PlanJSON(w io.Writer, p *engine.Plan) error {
	return writeJSON(w, document.New(p), "  ", isOwn)
}

// JSON writes a value for programs.
func JSON(w io.Writer, v any) error { return writeJSON(w, v, "  ", nil) }

// isOwn reports whether the text of a member of a plan or an event is a word of
// slapstar, and not one of files or a Master.
func isOwn(member string) bool {
	return slices.Contains([]string{"action", "cause", "digest", "event", "kind", "time"}, member)
}

// writeJSON writes a value, of which the secrets are hidden text by text. Two # are
// written in another way, which means the same: some CI systems take ##vso[…] anywhere
// in a line for a command.
func writeJSON(w io.Writer, v any, indent string, own func(member string) bool) error {
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
