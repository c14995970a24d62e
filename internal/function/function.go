package function

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"net/url"
	"strings"
)

// MaxText is the longest result, in bytes.
const MaxText = 64 << 20

// A Function is a function of one text.
type Function struct {
	Name string   // as a file writes it: int, .strip, urls.host; [n] and [:] are an index and a slice
	Args []string // the other arguments, see the table of kinds
}

// A kind is what is known of the functions of one name.
type kind struct {
	run   func(text string, args []string) (string, error)
	whole bool // it never fails, and what it gives tells nothing of a part of the text
}

// Known reports whether there is a function of that name.
func Known(name string) bool { return kinds[name].run != nil }

// Whole reports whether the function may be used of a secret: it never fails, and what it
// gives stands for all of the text, so that nothing can be told of a part by comparing.
func (f Function) Whole() bool { return kinds[f.Name].whole }

// Apply runs the function. Its error says what is wrong with the text, and shows it.
func (f Function) Apply(text string) (string, error) {
	k, ok := kinds[f.Name]
	if !ok {
		return "", fmt.Errorf("there is no function %q", f.Name)
	}
	result, err := k.run(text, f.Args)
	if err == nil && len(result) > MaxText {
		err = fmt.Errorf("the text would be longer than %d MiB", MaxText>>20)
	}
	return result, err
}

// String writes the function for people, as .split(":")[1].
func (f Function) String() string {
	quoted := make([]string, len(f.Args))
	for i, arg := range f.Args {
		quoted[i] = Quote(arg)
	}
	return f.Name + "(" + strings.Join(quoted, ", ") + ")"
}

// kinds are the functions. The arguments of each are in the comment of its file.
var kinds = map[string]kind{
	"int":   {run: integer},
	"float": {run: float},
	"str":   {run: written},
	"repr":  {run: total(represented), whole: true},

	".lower":        {run: total(func(text string, _ []string) string { return strings.ToLower(text) })},
	".upper":        {run: total(func(text string, _ []string) string { return strings.ToUpper(text) })},
	".strip":        {run: stripped(strings.TrimFunc)},
	".lstrip":       {run: stripped(strings.TrimLeftFunc)},
	".rstrip":       {run: stripped(strings.TrimRightFunc)},
	".removeprefix": {run: total(func(text string, args []string) string { return strings.TrimPrefix(text, args[0]) })},
	".removesuffix": {run: total(func(text string, args []string) string { return strings.TrimSuffix(text, args[0]) })},
	".replace":      {run: replaced},
	".split":        {run: piece(split)},
	".rsplit":       {run: piece(rsplit)},
	".splitlines":   {run: piece(splitlines)},
	".partition":    {run: piece(partition)},
	".rpartition":   {run: piece(rpartition)},
	"[n]":           {run: character},
	"[:]":           {run: slice},

	"base64.encode":    {run: total(encodeBase64), whole: true},
	"base64.decode":    {run: decodeBase64},
	"hashlib.md5":      {run: digest(md5.New), whole: true},
	"hashlib.sha256":   {run: digest(sha256.New), whole: true},
	"hashlib.sha512":   {run: digest(sha512.New), whole: true},
	"re.sub":           {run: substituted},
	"texts.dedent":     {run: total(func(text string, _ []string) string { return dedent(text) })},
	"texts.indent":     {run: total(func(text string, args []string) string { return indent(text, args[0]) })},
	"texts.ljust":      {run: padded(ljust)},
	"texts.rjust":      {run: padded(rjust)},
	"texts.zfill":      {run: padded(zfill)},
	"urls.host":        {run: urlPart(host)},
	"urls.path":        {run: urlPart(func(u *url.URL) (string, error) { return u.Path, nil })},
	"urls.port":        {run: urlPart(Port)},
	"urls.scheme":      {run: urlPart(func(u *url.URL) (string, error) { return u.Scheme, nil })},
	"urls.quote":       {run: total(func(text string, _ []string) string { return quoteURL(text) }), whole: true},
	"urls.unquote":     {run: func(text string, _ []string) (string, error) { return unquoteURL(text) }},
	"slapos.parameter": {run: parameterFloat},
	"slapos.text":      {run: parameterText},
}

// total is a function that never fails.
func total(run func(string, []string) string) func(string, []string) (string, error) {
	return func(text string, args []string) (string, error) { return run(text, args), nil }
}
