package view

import (
	"encoding/json"
	"io"

	"slapstar/engine"
)

// PlanJSON writes a plan as one JSON document, see [engine.Document].
func PlanJSON(w io.Writer, p *engine.Plan) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(p.Document())
}
