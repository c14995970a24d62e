package adopt

import (
	"encoding/json"
	"slices"
	"strings"

	"slapstar/engine"
	"slapstar/slap"
)

// publishers tell which connection parameter a value certainly comes from. It is certain
// where all of this holds, and a guess otherwise, for which the value stays as it is:
//
//   - The parameter, or the text in a JSON document, is the published value and nothing
//     else.
//   - On the whole Master, one connection parameter of one instance has this value, and no
//     text in a JSON document that is published.
//   - The value tells: it has 16 characters or more of two kinds (small and large letters,
//     digits, others), or 12 of three, and 6 different ones.
//   - The instance did not get the value itself, as a parameter, and it is the address of
//     no software release. Both would be known without the instance.
//   - The instance is not on its way out, and does not refer back.
type publishers struct {
	by map[string]published
}

type published struct {
	engine.Reference
	uncertain bool
}

func newPublishers(s *engine.State) publishers {
	p := publishers{map[string]published{}}
	for _, name := range s.Names() {
		current := s.Instances[name]
		for key, value := range current.ConnectionParameters {
			gone := current.State == slap.Destroyed || key == ""
			p.add(value, published{engine.Reference{Instance: name, Key: key}, gone})
			eachLeaf(value, func(leaf string) { p.add(leaf, published{uncertain: true}) })
		}
	}
	for name, current := range s.Instances {
		for _, value := range current.Parameters {
			p.echo(value, name)
			eachLeaf(value, func(leaf string) { p.echo(leaf, name) })
		}
		p.spoil(current.SoftwareRelease)
	}
	return p
}

func (p publishers) add(value string, from published) {
	if !tells(value) {
		return
	}
	_, twice := p.by[value]
	from.uncertain = from.uncertain || twice
	p.by[value] = from
}

// echo says that an instance got a value.
func (p publishers) echo(value, instance string) {
	if from, ok := p.by[value]; ok && from.Instance == instance {
		p.spoil(value)
	}
}

func (p publishers) spoil(value string) {
	if from, ok := p.by[value]; ok {
		from.uncertain = true
		p.by[value] = from
	}
}

// eachLeaf calls do for each text in a value that is a JSON document.
func eachLeaf(value string, do func(string)) {
	if !strings.HasPrefix(value, "{") && !strings.HasPrefix(value, "[") {
		return
	}
	var v any
	if json.Unmarshal([]byte(value), &v) == nil {
		eachText(v, do)
	}
}

func eachText(v any, do func(string)) {
	switch v := v.(type) {
	case map[string]any:
		for _, member := range v {
			eachText(member, do)
		}
	case []any:
		for _, item := range v {
			eachText(item, do)
		}
	case string:
		do(v)
	}
}

// tells reports whether a value is long and varied enough that two things do not have it
// by chance.
func tells(value string) bool {
	if len(value) < 12 || len(value) < 16 && variety(value) < 3 || variety(value) < 2 {
		return false
	}
	var different []rune
	for _, r := range value {
		if !slices.Contains(different, r) {
			if different = append(different, r); len(different) == 6 {
				return true
			}
		}
	}
	return false
}

// reference returns where a value of an instance certainly comes from.
func (a *adopter) reference(user, value string) (engine.Reference, bool) {
	from, ok := a.found.by[value]
	if !ok || from.uncertain || from.Instance == user || sendable(from.Instance) != nil || sendable(from.Key) != nil || a.reaches(from.Instance, user) {
		return engine.Reference{}, false
	}
	if _, without := a.Without[string(engine.InstanceAddress(from.Instance))]; without {
		return engine.Reference{}, false
	}
	if !slices.Contains(a.uses[user], from.Instance) {
		a.uses[user] = append(a.uses[user], from.Instance)
	}
	return from.Reference, true
}

// reaches reports whether an instance refers to another one, itself or by others.
func (a *adopter) reaches(from, to string) bool {
	seen := map[string]bool{}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		for _, next := range a.uses[queue[0]] {
			if next == to {
				return true
			}
			if !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	return false
}

// inOrder sorts by name, with what an instance refers to before it.
func (a *adopter) inOrder(list []*engine.Instance) []*engine.Instance {
	byName := make(map[string]*engine.Instance, len(list))
	for _, i := range list {
		byName[i.Name] = i
	}
	done := map[string]bool{}
	var sorted []*engine.Instance
	var add func(i *engine.Instance)
	add = func(i *engine.Instance) {
		if i == nil || done[i.Name] {
			return
		}
		done[i.Name] = true
		for _, other := range slices.Sorted(slices.Values(a.uses[i.Name])) {
			add(byName[other])
		}
		sorted = append(sorted, i)
	}
	for _, i := range list {
		add(i)
	}
	return sorted
}
