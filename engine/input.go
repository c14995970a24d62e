package engine

// An Input is what the files say of an input that they ask for.
type Input struct {
	Name     string
	Secret   bool     // it is one of secret(), and has none of the following
	Type     string   // as Starlark calls it, such as int; empty: any text
	Default  *string  // as JSON; nil: there is none, and a value is needed
	Values   []string // as JSON: it has to be one of these; nil: any
	Help     string   // what it is for; may be empty
	Given    bool     // it has a value
	Position Position // where the files ask for it first
}
