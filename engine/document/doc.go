// Package document is a plan as JSON: what programs read, what is saved, and what is
// approved.
//
// The package knows neither how a plan is made nor how one is carried out.
//
// [New] makes the JSON of an [engine.Plan], without secrets and without what looks
// like a credential. [Digest] is the identity of a plan: two plans with the same
// digest make the same changes. [Seal] is New for a plan that is kept in a file:
// credentials are replaced by seals, so that [CheckSaved] can tell whether one has
// changed without anybody learning it.
package document
