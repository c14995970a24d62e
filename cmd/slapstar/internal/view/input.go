package view

import (
	"encoding/json"
	"io"
	"strings"

	"slapstar/engine"
	"slapstar/internal/mask"
)

// An InputList is what plan --inputs and validate --inputs show. Its JSON is described by
// inputs.schema.json.
type InputList struct {
	FormatVersion int     `json:"format_version"`
	Inputs        []Input `json:"inputs"`
	More          bool    `json:"more"` // the evaluation ended before the end of the files
}

// An Input is an [engine.Input].
type Input struct {
	Name     string            `json:"name"`
	Secret   bool              `json:"secret"`
	Type     string            `json:"type,omitempty"`
	Required bool              `json:"required"`
	Given    bool              `json:"given"`
	Default  json.RawMessage   `json:"default,omitempty"`
	Values   []json.RawMessage `json:"values,omitempty"`
	Help     string            `json:"help,omitempty"`
	File     string            `json:"file"`
	Line     int               `json:"line"`
	Column   int               `json:"column"`
}

// NewInputList returns the inputs that a Config asked for.
func NewInputList(c *engine.Config, more bool) InputList {
	list := InputList{FormatVersion: 1, Inputs: []Input{}, More: more}
	for _, in := range c.Asked {
		i := Input{Name: in.Name, Secret: in.Secret, Type: in.Type, Required: in.Default == nil, Given: in.Given, Help: in.Help,
			File: in.Position.File, Line: in.Position.Line, Column: in.Position.Col}
		if in.Default != nil {
			i.Default = jsonOf(*in.Default)
		}
		for _, v := range in.Values {
			i.Values = append(i.Values, jsonOf(v))
		}
		list.Inputs = append(list.Inputs, i)
	}
	return list
}

// jsonOf is a JSON value, or a text as one.
func jsonOf(text string) json.RawMessage {
	if json.Valid([]byte(text)) {
		return json.RawMessage(text)
	}
	quoted, _ := json.Marshal(text) // a string can be marshalled
	return quoted
}

// own is the [mask.Own] of a list of inputs.
func (InputList) own(member string, _ int, text string) int {
	return ownWords(text, member == "type")
}

// WriteText writes a line an input.
func (l InputList) WriteText(out, notes io.Writer) error {
	rows := [][]string{{"INPUT", "TYPE", "DEFAULT", "VALUES", "HELP"}}
	for _, i := range l.Inputs {
		var values []string
		for _, v := range i.Values {
			values = append(values, string(v))
		}
		standard := string(i.Default)
		if i.Required {
			standard = "needed"
		}
		if i.Given {
			standard += " (given)"
		}
		kind := i.Type
		if i.Secret {
			kind = "secret"
		}
		rows = append(rows, []string{i.Name, kind, standard, strings.Join(values, ", "), i.Help})
	}
	if len(l.Inputs) == 0 {
		_, err := mask.WriteOwn(out, "The files ask for no inputs.\n")
		return err
	}
	if err := table(out, rows); err != nil {
		return err
	}
	if l.More {
		say(notes, "slapstar: ", "the files may ask for more: the rest depends on a value that is not known yet")
	}
	return nil
}
