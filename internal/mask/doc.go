// Package mask hides the secrets of a run in all that it writes. One [Filter] learns
// them as they are given; everything else asks it: what compares values whether one
// holds a secret ([Filter.Holds]), what writes documents for the values in them
// ([Filter.JSON]), and each stream passes through a [Writer].
//
// Inside of other text a value is found from [Inside] bytes on, as it is and in the
// forms that programs give to text: quoted, as JSON, XML or HTML, percent-encoded, in
// base64 at any place. A shorter one would be found everywhere; it is hidden where it
// is the whole of a value.
//
// The package does not know where values come from, what a plan is, nor what is
// written: what is slapstar's own says so with [WriteOwn].
package mask
