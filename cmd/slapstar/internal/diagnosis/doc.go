// Package diagnosis holds what doctor finds out of a Master: facts as data ([Report]),
// and what they mean ([Judge]). It asks nobody.
//
// A Report is made to be sent to somebody. It holds no value of a parameter, no key and no
// token, and no name of an instance unless that was asked for: whoever fills it sees
// to that.
package diagnosis
