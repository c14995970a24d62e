package starlib

// Suggest returns a question for the likely slip of who typed a name, else
// nothing.
func Suggest(got string, names []string) string { return didYouMean(got, names) }
