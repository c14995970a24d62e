package engine

import (
	"encoding/json"
	"slices"
	"strings"

	"slapstar/internal/mask"
	"slapstar/slap"
	"slapstar/slap/credential"
)

// A Disclosure tells which values of a plan may be known to who judges it. Of a secret, and
// of what looks like a credential, it gives a value in which there is nothing of it.
type Disclosure struct {
	plan        *Plan
	secrets     *mask.Filter
	credentials valueIndex
	declared    map[string]*Instance
	earlier     map[string]*Instance
}

// Disclosure returns what tells of the values of a plan.
func (p *Plan) Disclosure() *Disclosure {
	d := &Disclosure{plan: p, declared: map[string]*Instance{}, earlier: map[string]*Instance{}, credentials: valueIndex{}}
	f := &planning{Plan: p, config: &Config{}}
	if p.Declared != nil {
		f.config, d.declared = p.Declared, byName(p.Declared)
		d.credentials = p.Declared.credentials()
	}
	if p.Options.Since != nil && p.Options.Since.Config != nil {
		d.earlier = byName(p.Options.Since.Config)
	}
	f.declared, f.earlier = d.declared, d.earlier
	d.secrets = f.secrets()
	return d
}

// After are the parameters that an instance has when the plan is carried out. A value is a
// [Text], or, in the document that the parameters of an instance may be, what
// encoding/json makes of it, with a Text for each text; nil: the instance is destroyed.
func (d *Disclosure) After(c *Change) map[string]any {
	i, ok := c.Resource.(*Instance)
	if !ok || c.Action == Delete || i.State == slap.Destroyed {
		return nil
	}
	s := sight{Disclosure: d, instance: i.Name}
	if declared := d.declared[i.Name]; declared != nil {
		s.beside, s.hide = declared.Parameters, func(key string) bool { return declared.Parameters[key].Hidden() }
	}
	return s.parameters(i.Parameters)
}

// Before are the parameters that the Master has, as those of After; nil: there is no such
// instance.
func (d *Disclosure) Before(c *Change) map[string]any {
	i, ok := c.Resource.(*Instance)
	if !ok || c.Current == nil {
		return nil
	}
	has := map[string]Text{}
	for key, value := range c.Current.Parameters {
		has[key] = Literal(value)
	}
	beside := func(key string) []Text {
		list := []Text{i.Parameters[key]}
		for _, other := range []*Instance{d.declared[i.Name], d.earlier[i.Name]} {
			if other != nil {
				list = append(list, other.Parameters[key])
			}
		}
		return list
	}
	s := sight{Disclosure: d, instance: i.Name, beside: i.Parameters,
		hide: func(key string) bool { return slices.ContainsFunc(beside(key), Text.Hidden) }}
	if declared := d.declared[i.Name]; declared != nil { // what is ignored is not in it
		s.beside = declared.Parameters
	}
	return s.parameters(has)
}

// Leaf returns the values of a leaf; nil is an absent one. Inside of a document they are
// JSON.
func (d *Disclosure) Leaf(c *Change, l Leaf) (before, after Text) {
	if l.Before != nil {
		before = Literal(*l.Before)
	}
	if after = l.After; !l.Sensitive() {
		return before, after
	}
	return opaque(before, string(c.Address()), l.Name), opaque(after, string(c.Address()), l.Name)
}

// A sight is how the parameters of one instance are seen.
type sight struct {
	*Disclosure
	instance string
	hide     func(key string) bool // a parameter, or some of the document that it is; nil: none
	beside   map[string]Text       // what the files say of the same parameters
}

func (s sight) parameters(list map[string]Text) map[string]any {
	if d := list["_"]; len(list) == 1 && d != nil {
		if document, ok := s.document(d); ok {
			return document
		}
	}
	seen := map[string]any{}
	for key, t := range list {
		if s.hides(key, t) || s.hide != nil && s.hide(key) {
			t = opaque(t, s.instance, key)
		}
		seen[key] = t
	}
	return seen
}

// hides reports whether a value is not shown, by itself or by its name.
func (s sight) hides(key string, t Text) bool {
	return t.Hidden() || credential.Parameter(key, t.Display()) || s.hidesKnown(t)
}

func (s sight) hidesKnown(t Text) bool {
	return secretsRead(s.secrets, t) || len(s.credentials.inText(t)) > 0
}

// document takes parameters apart that are one JSON object.
func (s sight) document(t Text) (map[string]any, bool) {
	tree := ParseTree(t)
	if tree == nil {
		return nil, false
	}
	root, ok := tree.Root.(map[string]any)
	if !ok {
		return nil, false
	}
	w := walk{sight: s, tree: tree, guarded: s.hide != nil && s.hide("_")}
	if w.guarded {
		if w.other = ParseTree(s.beside["_"]); w.other == nil {
			w.other = &Tree{}
		}
		return w.value(root, w.other.Root, false, false).(map[string]any), true
	}
	return w.value(root, nil, false, false).(map[string]any), true
}

// A walk goes through a document.
type walk struct {
	sight
	tree    *Tree
	other   *Tree // that takes its place, in which something is hidden
	guarded bool  // a value is seen only if the one in its place in other is
}

// value is a value as it is seen. named says that a key above it is that of a credential,
// inList that items may have changed places.
func (w walk) value(v, other any, named, inList bool) any {
	switch v := v.(type) {
	case map[string]any:
		members, _ := other.(map[string]any)
		seen := make(map[string]any, len(v))
		for key, member := range v {
			beside, ok := members[key]
			if !ok {
				beside = Absent{}
			}
			seen[w.key(key)] = w.value(member, beside, named || credential.Key(key), inList)
		}
		return seen
	case []any:
		items, _ := other.([]any)
		seen := make([]any, len(v))
		for i, item := range v {
			var beside any = Absent{}
			if i < len(items) {
				beside = items[i]
			}
			seen[i] = w.value(item, beside, named, true)
		}
		return seen
	case string:
		t := w.tree.Text(v)
		if t == nil {
			t = Literal(v)
		}
		if t.Hidden() || looksCredential(t.Display(), named) || w.hidesKnown(t) || w.veiled(v, other, inList) {
			return opaque(t, w.instance, "_")
		}
		return t
	case json.Number:
		if named || w.secrets.Holds(v.String()) || w.veiled(v, other, inList) {
			return opaque(Literal(v.String()), w.instance, "_")
		}
	}
	return v
}

// veiled reports whether a value that the Master has may be an earlier one of what is
// hidden now.
func (w walk) veiled(v, other any, inList bool) bool {
	if !w.guarded {
		return false
	}
	if s, ok := other.(string); ok && w.other.Text(s).Hidden() || isContainer(other) || other == any(Absent{}) {
		return true
	}
	return inList && v != other || w.earlier[w.instance] != nil && v != other
}

// key is a key of a document as it is seen.
func (w walk) key(key string) string {
	if t := w.tree.Text(key); t != nil {
		return t.Display()
	}
	if w.secrets.Holds(key) {
		return Masked
	}
	return strings.ToValidUTF8(key, "\uFFFD")
}

// opaque is a value of which only that it is there can be seen, and what it waits for. Nil
// stays nil.
func opaque(t Text, instance, key string) Text {
	if t == nil {
		return nil
	}
	p := Part{Credential: &Credential{Instance: instance, Key: key, Requested: true}}
	if name := t.secretName(); name != "" {
		p = Part{Secret: name, Withheld: true}
	}
	list := Text{p}
	for _, r := range t.References() {
		list = append(list, Part{Reference: &r})
	}
	return list
}
