package engine

import (
	"encoding/json"
	"slices"

	"slapstar/internal/mask"
	"slapstar/slap/credential"
)

// A Leaf is a difference, or a value of a creation, that is not taken apart further: an
// attribute, or a value inside of the JSON document that a parameter is. Inside of a
// document the values are JSON, so that "3" and 3 differ.
type Leaf struct {
	Attribute
	At   []Step // from the root of the document; nil: the attribute itself
	From []Step // where it was, if that is another place: in the document, or the name of another attribute

	// Moved says that nothing but the place differs: an item is in another order, a key
	// has another name. Both values are the same, and nil for one that has parts.
	Moved bool
}

// Same reports whether a leaf is there for what may become of it, and not because it
// differs.
func (l Leaf) Same() bool {
	value, known := l.After.Known()
	return l.MayChange != "" && known && l.After != nil && l.Before != nil && value == *l.Before
}

// Text is the new value as a text: that in the quotes of a leaf of a document.
func (l Leaf) Text() Text {
	if l.At == nil {
		return l.After
	}
	if len(l.After) == 1 && l.After[0].Quoted != nil {
		return l.After[0].Quoted
	}
	if text, ok := l.unquoted(l.After); ok {
		return Literal(text)
	}
	return l.After
}

// IsText reports whether the values of a leaf of a document, as far as they are there, are
// texts, and returns the old one.
func (l Leaf) IsText() (before *string, ok bool) {
	if l.At == nil {
		return l.Before, true
	}
	if l.After != nil && (len(l.After) != 1 || l.After[0].Quoted == nil) {
		if _, ok := l.unquoted(l.After); !ok {
			return nil, false
		}
	}
	if l.Before == nil {
		return nil, l.After != nil
	}
	text, ok := l.unquoted(Literal(*l.Before))
	return &text, ok
}

// unquoted is the text that a JSON string stands for.
func (l Leaf) unquoted(t Text) (string, bool) {
	value, known := t.Known()
	if !known || len(value) < 2 || value[0] != '"' {
		return "", false
	}
	var text string
	err := json.Unmarshal([]byte(value), &text)
	return text, err == nil
}

// An opening is what decides how attributes are taken apart, and what of it is hidden.
type opening struct {
	secrets     *mask.Filter
	credentials valueIndex      // that were published
	moving      map[string]bool // the instances that are updated
	value       Text            // the attribute, which says where it comes from
	earlier     Text            // the attribute at the earlier revision
	own         string          // the name of the instance
}

// takeApart finds the leaves of what is pending, and of what is unchanged if it is listed. A secret and a credential hide the leaf
// that they are in, and no other; what may change stands on the leaf as well.
func (p *planning) takeApart(secrets *mask.Filter, credentials valueIndex) {
	pending := slices.DeleteFunc(slices.Clone(p.Changes), func(c *Change) bool { return !c.Pending() })
	concurrently(slices.Concat(pending, p.Unchanged), func(c *Change) {
		o := opening{secrets: secrets, credentials: credentials, moving: p.moving}
		i, ok := c.Resource.(*Instance)
		if ok {
			o.own = i.Name
		}
		c.takeApart(o, func(a Attribute) (value, earlier Text) {
			if !ok || a.Group != "parameters" {
				return nil, nil
			}
			if before := p.earlier[i.Name]; before != nil {
				earlier = before.Parameters[a.Name]
			}
			return i.Parameters[a.Name], earlier
		})
	})
	for _, c := range p.Unchanged {
		c.fillBefore()
	}
}

// TakeApart makes the leaves of a change of its attributes, as [NewPlan] does of each.
func (c *Change) TakeApart(secrets *mask.Filter) {
	c.takeApart(opening{secrets: secrets}, func(Attribute) (value, earlier Text) { return nil, nil })
}

func (c *Change) takeApart(o opening, texts func(Attribute) (value, earlier Text)) {
	c.Leaves = nil
	for _, a := range c.Attributes {
		o.value, o.earlier = texts(a)
		if list := o.leaves(a); c.Leaves == nil {
			c.Leaves = list
		} else {
			c.Leaves = append(c.Leaves, list...)
		}
	}
	c.joinRenamed()
}

// leaves are those of one attribute.
func (o opening) leaves(a Attribute) []Leaf {
	before, after, ok := a.documents()
	if !ok {
		return []Leaf{{Attribute: a}}
	}
	sources := o.sources()
	may := func(at []Step) string {
		if a.MayChange == "" {
			return ""
		}
		return o.moved(sources(at))
	}
	c := &comparison{after: after, named: credential.Key, hidden: func(v any) bool { return a.Hidden && o.earlier.HasSecret() || o.hides(after, v) },
		secret: func(s string) bool { return o.isSecret(after, s) },
		keeps:  a.MayChange != "",
		keep:   func(p pair) bool { return may(p.at.steps()) != "" }}
	if a.Before != nil && c.spread(*a.Before, before) {
		return []Leaf{{Attribute: a}}
	}
	wasSecret := secretPlaces(o.earlier)
	pairs, ok := c.compareTrees(before, after.Root)
	if !ok {
		return []Leaf{{Attribute: a}}
	}
	list := make([]Leaf, 0, len(pairs))
	for _, p := range pairs {
		l := o.leaf(a, p, after, wasSecret)
		if l.MayChange, l.Sources = "", nil; l.After != nil {
			l.MayChange, l.Sources = may(l.At), sources(l.At).published()
		}
		list = append(list, l)
	}
	return list
}

func (o opening) leaf(a Attribute, p pair, after *Tree, wasSecret func([]Step) bool) Leaf {
	l := Leaf{Attribute: a, At: p.at.steps(), Moved: p.moved}
	from := l.At
	if p.from != p.at {
		if from = p.from.steps(); !samePlace(l.At, from) {
			l.From = from
		}
	}
	l.Before, l.After = valueJSON(p.before), after.leafText(p.after)
	whole, _ := after.Known(p.after)
	named := namesCredential(l.At) || namesCredential(l.From)
	if l.After.Withheld() != "" && p.before != any(Absent{}) {
		l.NotCompared = l.After.CouldBe(*l.Before)
	}
	l.Hidden = holdsSecret(o.secrets, p.before) || after.Holds(p.before, false) || p.before != any(Absent{}) && wasSecret(from)
	l.Credential = l.After.HasCredential() || after.Holds(p.before, true) || looksCredential(p.before, named) || looksCredential(whole, named) ||
		secretsRead(o.secrets, l.After) || holdsSecret(o.secrets, whole) || o.published(p.before) || o.published(whole)
	return l
}

// namesCredential reports whether a key on the way to a value says that it is a credential.
func namesCredential(at []Step) bool {
	return slices.ContainsFunc(at, func(s Step) bool { return !s.Item && credential.Key(s.Key) })
}

// sources returns what stands at a place in the document, as far as it says where it comes
// from. Where the document itself was published that is the same at all places.
func (o opening) sources() func([]Step) Text {
	d := parseSources(o.value)
	if d == nil {
		return func([]Step) Text { return o.value }
	}
	return d.sourceAt
}

// moved is the first instance, updated too, that a value comes from.
func (o opening) moved(t Text) string {
	for _, r := range t.moving() {
		if r.Instance != o.own && o.moving[r.Instance] {
			return r.Instance
		}
	}
	return ""
}

// published reports whether a value holds what was published as a credential.
func (o opening) published(v any) bool {
	s, ok := v.(string)
	return ok && len(o.credentials.in(s)) > 0
}

// hides reports whether a value is not shown, for what it is itself.
func (o opening) hides(after *Tree, v any) bool {
	s, ok := v.(string)
	if !ok {
		return false
	}
	return o.isSecret(after, s) || o.published(s) || credential.Value(s)
}

// isSecret reports whether a text holds a secret, or what the Master has as a credential.
func (o opening) isSecret(after *Tree, s string) bool {
	return after.Text(s).Hidden() || holdsSecret(o.secrets, s) || after.Holds(s, true)
}

// secretPlaces tells where a document had secrets at an earlier revision. Below a list
// the place of an item may be another one.
func secretPlaces(earlier Text) func([]Step) bool {
	if !earlier.HasSecret() {
		return func([]Step) bool { return false }
	}
	d := ParseTree(earlier)
	if d == nil {
		return func([]Step) bool { return true }
	}
	return func(at []Step) bool {
		v := d.Root
		for _, s := range at {
			object, ok := v.(map[string]any)
			if !ok || s.Item || s.Open {
				break
			}
			if v, ok = object[s.Key]; !ok {
				return false
			}
		}
		return !eachText(v, func(s string) bool { return !d.Text(s).HasSecret() })
	}
}

// documents are both sides of a parameter as JSON documents, or the one that there is of
// the parameter _. It reports whether they are: one whose name says that all of it is a
// credential is not taken apart.
func (a Attribute) documents() (before any, after *Tree, ok bool) {
	if a.Group != "parameters" || a.After == nil || a.Before == nil && a.Name != "_" || credential.Key(a.Name) {
		return nil, nil, false
	}
	before = Absent{}
	if a.Before != nil {
		if before = decodeContainer(*a.Before); before == nil || countMarks(*a.Before, before) > 0 || !shallow(before, mostDepth) {
			return nil, nil, false
		}
	}
	after = ParseTree(a.After)
	return before, after, after != nil && shallow(after.Root, mostDepth)
}

// joinRenamed makes one leaf of two: a parameter that is gone and a new one with the same
// value, where no other has it. What is hidden is not compared with anything else.
func (c *Change) joinRenamed() {
	if c.Action != Update {
		return
	}
	gone, fresh := map[string][]int{}, map[string][]int{}
	for i, l := range c.Leaves {
		value, known := l.After.Known()
		switch {
		case l.At != nil || l.Group != "parameters" || l.Sensitive() || l.NotCompared || l.MayChange != "":
		case l.After == nil && l.Before != nil:
			gone[*l.Before] = append(gone[*l.Before], i)
		case l.Before == nil && known && len(value) >= leastRenamed-1:
			fresh[value] = append(fresh[value], i)
		}
	}
	if len(gone) == 0 || len(fresh) == 0 {
		return
	}
	drop := map[int]bool{}
	for value, at := range fresh {
		if old := gone[value]; len(at) == 1 && len(old) == 1 && !slices.Contains([]string{"true", "false", "null", "None", "True", "False"}, value) {
			l := &c.Leaves[at[0]]
			l.Before, l.From, l.Moved = &value, []Step{{Key: c.Leaves[old[0]].Name}}, true
			drop[old[0]] = true
		}
	}
	kept := c.Leaves[:0]
	for i, l := range c.Leaves {
		if !drop[i] {
			kept = append(kept, l)
		}
	}
	c.Leaves = kept
}

// holdsSecret reports whether a value of a document is, or holds, a secret.
func holdsSecret(secrets *mask.Filter, v any) bool {
	s, ok := v.(string)
	return ok && secrets.Holds(s)
}

// looksCredential reports whether a value of a document looks like a credential; named
// says that a key above it does.
func looksCredential(v any, named bool) bool {
	switch v := v.(type) {
	case Absent, bool, nil:
		return false
	case string:
		return named && !credential.Open(v) || credential.Value(v)
	}
	return named
}

// valueJSON writes a value without parts; nil for what is absent.
func valueJSON(v any) *string {
	if v == any(Absent{}) {
		return nil
	}
	text := ""
	switch v := v.(type) {
	case string:
		text = quoteJSON(v)
	case json.Number:
		text = v.String()
	default:
		data, _ := json.Marshal(v) // it was read from JSON
		text = string(data)
	}
	return &text
}

func (d *Tree) leafText(v any) Text {
	switch t := d.Text(v); {
	case t != nil && IsBare(v):
		return t
	case t != nil:
		return Quote(t)
	}
	if text := valueJSON(v); text != nil {
		return Literal(*text)
	}
	return nil
}
