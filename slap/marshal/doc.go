// Package marshal reads and writes the XML form in which the legacy SLAP
// interface carries Python values.
//
// The package knows nothing of HTTP, of instances or of files.
//
// A document is <marshal>VALUE</marshal>. Values map to Go as follows:
//
//	none        nil
//	bool        bool
//	int, long   int64, or *big.Int when it does not fit
//	float       float64
//	complex     complex128
//	string      string
//	tuple       Tuple
//	list        []any
//	set         Set, in the order of the document
//	dictionary  map[string]any, or map[any]any when a key is no string
//	object      *Object
//
// Strings are escaped twice on the wire, once by the marshaller and once by
// the XML serialisation. The written form is that of the stock library, byte
// for byte: ASCII only, dictionary keys sorted, containers numbered.
package marshal

import "fmt"

// Limits on a document. They bound memory, not use: the largest document a
// Master sends (all partitions of a node) stays far below.
const (
	maxDepth    = 64        // nested values
	maxElements = 2_000_000 // values, those repeated by reference counted each time
	maxSize     = 256 << 20 // bytes
)

// module is the only Python module whose classes may appear in a document.
const module = "slapos.slap.slap"

// A Tuple is a Python tuple: unlike a list, it has no number.
type Tuple []any

// A Set is a Python set.
type Set []any

// An Object is an instance of one of the SLAP classes.
type Object struct {
	Class string         // Computer, ComputerPartition, SoftwareRelease or SoftwareInstance
	Args  Tuple          // what the peer calls the constructor with; the number matters
	State map[string]any // attributes set afterwards
}

func knownClass(name string) bool {
	switch name {
	case "Computer", "ComputerPartition", "SoftwareRelease", "SoftwareInstance":
		return true
	}
	return false
}

// A SyntaxError reports a document that is not what this package reads.
type SyntaxError struct {
	Offset  int64 // bytes from the start of the document
	Message string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("marshal: byte %d: %s", e.Offset, e.Message)
}
