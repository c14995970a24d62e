package view

import (
	"encoding/json"
	"io"

	"slapstar/engine"
	"slapstar/engine/document"
)

// PlanJSON writes a plan as one JSON document, see [document.Plan].
func PlanJSON(w io.Writer, p *engine.Plan) error { return JSON(w, document.New(p)) }

// JSON writes a value for programs.
func JSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
