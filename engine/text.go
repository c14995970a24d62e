package engine

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"slapstar/internal/mask"
)

// A Part of a [Text] is one of six: literal text, a secret, a credential, a
// reference, a text in quotes, or a function of a text.
type Part struct {
	Literal    string      // known text; of Derived what the function gave, if it is known
	From       *Reference  // not nil: Literal is what the instance has published there
	Secret     string      // not empty: the name of the secret that Literal is
	Withheld   bool        // the secret is not there, and Literal is empty
	Credential *Credential // not nil: Literal looks like a credential, and comes from there
	Reference  *Reference  // a value to come
	Quoted     Text        // not nil: the JSON string of this text
	Derived    *Derivation // not nil: a function of something hidden, to come, or published
}

// A Text is a value that may hold references and secrets. A nil Text is an
// absent value; the empty string is a Text of one empty part.
type Text []Part

// Literal returns the Text of a known value.
func Literal(s string) Text { return Text{{Literal: s}} }

// Secret returns the Text of a value that is not to be shown.
func Secret(name, value string) Text { return Text{{Literal: value, Secret: name}} }

// Refer returns the Text of a value to come.
func Refer(r Reference) Text { return Text{{Reference: &r}} }

// Quote returns the text of a JSON string.
func Quote(t Text) Text {
	if value, known := t.Known(); known && !t.Hidden() && !t.HasSources() {
		return Literal(quoteJSON(value))
	}
	return Text{{Quoted: t}}
}

// rawDelete replaces the one escape of strconv.Quote that JSON does not have.
var rawDelete = strings.NewReplacer(`\\`, `\\`, `\x7f`, "\x7f")

// quoteJSON writes a string as json.encode of starlib does, byte for byte: a
// value that is filled in later has to come out as it would have.
func quoteJSON(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] >= 0x80 {
			data, _ := json.Marshal(s) // a string can be marshalled
			return string(data)
		}
	}
	return rawDelete.Replace(strconv.Quote(s))
}

// Known returns the value, secrets included, and whether nothing in it is
// missing.
func (t Text) Known() (string, bool) {
	if len(t) == 1 && t[0].Reference == nil && t[0].Quoted == nil && t[0].Derived == nil && !t[0].Withheld {
		return t[0].Literal, true
	}
	var b strings.Builder
	for _, p := range t {
		switch {
		case p.Reference != nil, p.Withheld, p.Derived != nil && !p.Derived.known():
			return "", false
		case p.Quoted != nil:
			value, known := p.Quoted.Known()
			if !known {
				return "", false
			}
			b.WriteString(quoteJSON(value))
		default:
			b.WriteString(p.Literal)
		}
	}
	return b.String(), true
}

// HasSecret reports whether the value holds a secret of the files.
func (t Text) HasSecret() bool {
	return slices.ContainsFunc(t, func(p Part) bool { return p.Secret != "" || p.Inner().HasSecret() })
}

// Display is the value as people may see it: (known after NAME) and (secret)
// stand for what they may not or cannot.
func (t Text) Display() string { return t.DisplayWith(mask.Key{}) }

// DisplayWith is Display with the fingerprints of a key.
func (t Text) DisplayWith(k mask.Key) string {
	var b strings.Builder
	for _, p := range t {
		switch {
		case p.Reference != nil:
			b.WriteString("(known after " + p.Reference.Instance + ")")
		case p.Quoted != nil:
			b.WriteString(`"` + p.Quoted.DisplayWith(k) + `"`)
		case p.Derived != nil && !p.open():
			b.WriteString(p.Derived.Display())
		case p.Withheld:
			b.WriteString(Masked)
		case p.hidden():
			b.WriteString(k.Hidden(p.Literal))
		default:
			b.WriteString(p.Literal)
		}
	}
	return b.String()
}

// Marked is the value with a mark, which mark makes, for each secret, credential,
// function of one, and value to come. A JSON document remains one if the marks stand for themselves in a JSON
// string.
func (t Text) Marked(mark func(Part) string) string {
	var b strings.Builder
	for _, p := range t {
		switch {
		case p.Quoted != nil:
			b.WriteString(quoteJSON(p.Quoted.Marked(mark)))
		case p.hidden() || p.Reference != nil || p.Derived != nil && !p.open():
			b.WriteString(mark(p))
		default:
			b.WriteString(p.Literal)
		}
	}
	return b.String()
}

// References returns what the value waits for, in order of appearance.
func (t Text) References() []Reference {
	var list []Reference
	for _, p := range t {
		if p.Reference != nil {
			list = append(list, *p.Reference)
		}
		list = append(list, p.Inner().References()...)
	}
	return list
}

// Join returns the texts one after the other.
func Join(texts ...Text) Text {
	n := 0
	for _, text := range texts {
		n += len(text)
	}
	t := make(Text, 0, n)
	for _, text := range texts {
		for _, part := range text {
			t = t.and(part, len(texts) > 1)
		}
	}
	if len(t) == 0 {
		return Literal("")
	}
	return t
}

// and adds a part; literal text goes on with that before it, and where it is empty and one
// of several it is left out.
func (t Text) and(p Part, several bool) Text {
	if !p.isLiteral() {
		return append(t, p)
	}
	if last := len(t) - 1; last >= 0 && t[last].isLiteral() {
		t[last].Literal += p.Literal
		return t
	}
	if p.Literal == "" && several {
		return t
	}
	return append(t, p)
}

// isLiteral reports whether a part is nothing but text.
func (p *Part) isLiteral() bool {
	return p.From == nil && p.Reference == nil && p.Quoted == nil && p.Derived == nil && p.Secret == "" && p.Credential == nil
}

// Resolve returns t with the references filled in that lookup knows. Where what is there
// cannot be what is wanted, the text has a Fault.
func (t Text) Resolve(lookup Lookup) Text {
	if t == nil {
		return nil
	}
	resolved := make([]Text, len(t))
	for i, p := range t {
		resolved[i] = Text{p}
		switch {
		case p.Quoted != nil:
			resolved[i] = Quote(p.Quoted.Resolve(lookup))
		case p.Derived != nil:
			resolved[i] = p.Derived.resolve(p.Derived.Of.Resolve(lookup))
		case p.Reference != nil:
			if known, ok := lookup.text(*p.Reference); ok {
				resolved[i] = known
			}
		}
	}
	return Join(resolved...)
}

// Equal reports whether two values are the same, wherever they were asked for, and
// whether or not what is known of them looks like a credential.
func (t Text) Equal(u Text) bool {
	return (t == nil) == (u == nil) && (sameParts(t, u) || sameParts(t.together(), u.together()))
}

// SameKind reports whether the values are credentials both, or neither. Where they are not,
// comparing them would tell one of them.
func (t Text) SameKind(u Text) bool { return t.HasCredential() == u.HasCredential() }

func sameParts(t, u Text) bool {
	return slices.EqualFunc(t, u, func(a, b Part) bool {
		if a.Reference == nil || b.Reference == nil {
			return a.Reference == b.Reference && a.Literal == b.Literal && a.Secret == b.Secret && a.Quoted.Equal(b.Quoted) && a.Derived.equal(b.Derived)
		}
		return a.Reference.Same(*b.Reference)
	})
}

// together is a value in which known text that is no secret is one part.
func (t Text) together() Text {
	var list []Text
	for _, p := range t {
		one := Text{p}
		if value, known := one.Known(); known && !one.HasSecret() {
			one = Literal(value)
		}
		list = append(list, one)
	}
	return Join(list...)
}
