package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/internal/mask"
)

// Outputs are what files make for other tools. Their JSON is described by
// output.schema.json.
type Outputs struct {
	FormatVersion int               `json:"format_version"`
	Outputs       map[string]Output `json:"outputs"`
	More          *document.More    `json:"more,omitempty"` // the files may have more, behind a value that is not known yet
}

// An Output is an [engine.FileOutput].
type Output struct {
	Value    json.RawMessage `json:"value,omitempty"` // absent: it is not shown, or not known
	Secret   bool            `json:"secret"`          // it is not shown without being asked for
	Known    bool            `json:"known"`           // all that it is made of has been published
	Waits    []OutputWait    `json:"waits,omitempty"`
	Secrets  []string        `json:"secrets,omitempty"` // names of secrets that are not given, and without which the value cannot be shown
	Position string          `json:"position"`          // where the files make it: file:line:column
}

// An OutputWait is a value to come.
type OutputWait struct {
	Instance string      `json:"instance"`
	Kind     engine.Kind `json:"kind,omitempty"` // see [engine.Reference]
	Key      string      `json:"key,omitempty"`
	Path     engine.Path `json:"path,omitempty"`
}

// outputVersion is raised when a program that reads the JSON has to change.
const outputVersion = 1

// NewOutputs returns what files make for other tools. What is secret, or holds what hidden
// hides, has its value only if reveal is set.
func NewOutputs(list []*engine.FileOutput, more *engine.Boundary, hidden *mask.Filter, reveal bool) Outputs {
	o := Outputs{FormatVersion: outputVersion, Outputs: map[string]Output{}, More: document.New(&engine.Plan{More: more}).More}
	for _, made := range list {
		o.Outputs[made.Name] = newOutput(made, hidden, reveal)
	}
	return o
}

func newOutput(made *engine.FileOutput, hidden *mask.Filter, reveal bool) Output {
	value, known := made.Known()
	o := Output{Secret: made.Hidden() || known && holdsSecret(hidden, value), Position: made.Origin.Position().String()}
	for _, r := range made.Missing() {
		o.Waits = append(o.Waits, OutputWait{r.Instance, r.Kind, r.Key, r.Path})
	}
	o.Known = len(o.Waits) == 0
	if o.Secret && !reveal {
		return o
	}
	if o.Secrets = made.Withheld(); known {
		o.Value = json.RawMessage(value)
	}
	return o
}

// holdsSecret reports whether JSON has a text that is a secret of the run, or holds one.
func holdsSecret(hidden *mask.Filter, value string) bool {
	return !bytes.Equal(hidden.JSON([]byte(value), nil), []byte(value)) || hidden.Holds(value)
}

// Names are the names of the outputs, in order.
func (o Outputs) Names() []string { return slices.Sorted(maps.Keys(o.Outputs)) }

// Only are the outputs without all but one.
func (o Outputs) Only(name string) Outputs {
	o.Outputs, o.More = map[string]Output{name: o.Outputs[name]}, nil
	return o
}

// WriteJSON writes them as one JSON document.
func (o Outputs) WriteJSON(w io.Writer) error {
	return writeJSON(w, o, "  ", outputOwn)
}

// outputOwn is the [mask.Own] of outputs.
func outputOwn(member string, item int, text string) int { return ownWords(text, member == "kind") }

// WriteText writes a line for each output, or more where the value has members.
func (o Outputs) WriteText(out, notes io.Writer) error {
	if len(o.Outputs) == 0 {
		_, err := fmt.Fprintln(notes, "slapstar: the files have no outputs")
		return err
	}
	var b strings.Builder
	for _, name := range o.Names() {
		fmt.Fprintf(&b, "%s = %s\n", name, o.Outputs[name].shown(mask.Of(out)))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// shown is the value for people.
func (o Output) shown(hidden *mask.Filter) string {
	switch {
	case o.Value != nil:
		var b bytes.Buffer
		if err := json.Indent(&b, o.plainJSON(), "", "  "); err == nil {
			return term.Clean(b.String())
		}
	case len(o.Waits) > 0:
		return "(not known yet: " + o.Missing(hidden) + ")"
	case len(o.Secrets) > 0:
		return "(not known: without " + engine.Quoted(o.Secrets) + ")"
	}
	return engine.Masked
}

// plainJSON is the value without escapes that are for pages.
func (o Output) plainJSON() []byte {
	d := json.NewDecoder(bytes.NewReader(o.Value))
	d.UseNumber()
	var v any
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if d.Decode(&v) != nil || e.Encode(v) != nil {
		return o.Value
	}
	return bytes.TrimSpace(b.Bytes())
}

// Missing says which values of which instances it waits for.
func (o Output) Missing(hidden *mask.Filter) string {
	var needs []engine.Need
	for _, w := range o.Waits {
		needs = append(needs, engine.Need{Reference: engine.Reference{Instance: w.Instance, Kind: w.Kind, Key: w.Key, Path: w.Path}})
	}
	return Missing(needs, hidden)
}

// Plain is the value as a script takes it: text as it is, all else as JSON.
func (o Output) Plain() string {
	var text string
	if bytes.HasPrefix(o.Value, []byte(`"`)) && json.Unmarshal(o.Value, &text) == nil {
		return text
	}
	return string(o.plainJSON())
}
