package document

import "slapstar/engine"

// An Origin is an [engine.Origin].
type Origin struct {
	File   string  `json:"file"`
	Line   int     `json:"line"`
	Column int     `json:"column"`
	Stack  []Frame `json:"stack,omitempty"` // outermost first, when there is more than one call
}

// A Frame is an [engine.Frame].
type Frame struct {
	Function string `json:"function"`
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
}

func newOrigin(o engine.Origin) *Origin {
	at := o.Position()
	d := &Origin{File: at.File, Line: at.Line, Column: at.Col}
	if len(o.Stack) < 2 {
		return d
	}
	for _, f := range o.Stack {
		d.Stack = append(d.Stack, Frame{f.Function, f.Position.File, f.Position.Line, f.Position.Col})
	}
	return d
}

// origin returns the place alone, as the engine has it; the zero value for nil.
func (o *Origin) origin() engine.Origin {
	if o == nil {
		return engine.Origin{}
	}
	return engine.Origin{Stack: []engine.Frame{{Position: engine.Position{File: o.File, Line: o.Line, Col: o.Column}}}}
}
