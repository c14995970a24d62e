package slap

// A Serialisation says how the parameters of a release travel.
type Serialisation string

// The serialisations of the schema file of a release.
const (
	XML       Serialisation = "xml"         // each parameter its own text
	JSONInXML Serialisation = "json-in-xml" // one parameter "_" with the JSON of all
)
