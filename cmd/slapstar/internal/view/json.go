package view

import (
	"encoding/json"
	"io"

	"slapstar/engine"
)

// PlanJSON writes a plan as one JSON document, see [engine.Document].
func PlanJSON(w io.Writer, p *engine.Plan) error { return JSON(w, p.Document()) }

// JSON writes a value for programs.
func JSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
