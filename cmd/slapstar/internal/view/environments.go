package view

import (
	"bytes"
	"encoding/json"
)

// An EnvironmentReport is what a command gave on several environments.
// docs/environments.schema.json describes it.
type EnvironmentReport struct {
	Environments []EnvironmentResult `json:"environments"` // in the order of the project file
	ExitCode     int                 `json:"exit_code"`    // the worst one
}

// An EnvironmentResult is what a command gave on one of them.
type EnvironmentResult struct {
	Environment string          `json:"environment"`
	Entry       string          `json:"entry"` // below the folder of the project file
	ExitCode    int             `json:"exit_code"`
	Error       string          `json:"error,omitempty"`  // why there is no result, or not all of it
	Result      json.RawMessage `json:"result,omitempty"` // what the command gives on one environment
}

// JSON returns the report. Results are taken as they are: what is hidden in them is.
func (r EnvironmentReport) JSON() (string, error) {
	for i, e := range r.Environments {
		if len(bytes.TrimSpace(e.Result)) == 0 {
			r.Environments[i].Result = nil
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(r)
	return b.String(), err
}
