package view

import (
	"bytes"
	"encoding/json"
	"io"

	"slapstar/engine"
	"slapstar/engine/document"
)

// PlanJSON writes a plan as one JSON document, see [document.Plan].
func PlanJSON(w io.Writer, p *engine.Plan) error { return JSON(w, document.New(p)) }

// JSON writes a value for programs.
func JSON(w io.Writer, v any) error { return encode(w, v, "  ") }

// encode writes a value as JSON. Two # are written in another way, which means the
// same: some CI systems take ##vso[…] anywhere in a line for a command.
func encode(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(bytes.ReplaceAll(b.Bytes(), []byte("##"), []byte(`#\u0023`)))
	return err
}
