package console

import (
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"slapstar/starlib"
	"slapstar/starlib/lang"
)

// help says what there is, or what one thing is for.
//
//	help(about=None, software_type=None)
func (s *Session) help(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var about starlark.Value
	var softwareType string
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "about?", &about, "software_type?", &softwareType); err != nil {
		return nil, err
	}
	if about == nil {
		s.say(s.overview())
		return starlark.None, nil
	}
	var text string
	var err error
	if location, ok := starlark.AsString(about); ok && (softwareType != "" || isRelease(location)) {
		text, err = s.helpOnRelease(location, softwareType)
	} else if softwareType != "" {
		err = fmt.Errorf("software_type is of a software release, such as product.NAME, got a %s", about.Type())
	} else {
		text, err = helpOn(about)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	s.say(text)
	return starlark.None, nil
}

// overview lists all names, with the first line of what is said of each.
func (s *Session) overview() string {
	var b strings.Builder
	for _, e := range starlib.Reference() {
		if !strings.Contains(e.Name, ".") {
			fmt.Fprintf(&b, "%-16s %s\n", e.Name, e.Summary())
		}
	}
	if names := s.userNames(); len(names) > 0 {
		fmt.Fprintf(&b, "\nDefined in this session: %s\n", strings.Join(names, ", "))
	}
	b.WriteString("\nhelp(request), help(\"instance\") or help(x.getState) says more, help(product.NAME) lists the parameters of a release. Tab completes, Ctrl-R searches the history, Ctrl-C ends what is running, Ctrl-D ends the session.")
	return b.String()
}

// helpOn is what is said of a name, or of a value.
func helpOn(v starlark.Value) (string, error) {
	topic := ""
	switch v := v.(type) {
	case starlark.String:
		topic = string(v)
	case *starlark.Function:
		var params []string
		for i := range v.NumParams() {
			name, _ := v.Param(i)
			params = append(params, name)
		}
		return strings.TrimSpace(fmt.Sprintf("%s(%s)\n\n%s", v.Name(), strings.Join(params, ", "), strings.TrimSpace(v.Doc()))), nil
	case *starlark.Builtin:
		topic = v.Name()
	default:
		topic = strings.ReplaceAll(v.Type(), " ", "_")
	}
	if text := entryText(topic); text != "" {
		return text, nil
	}
	if starlark.Universe.Has(topic) {
		return topic + " is one of the names of Starlark itself: https://github.com/google/starlark-go/blob/master/doc/spec.md", nil
	}
	if b, ok := v.(*starlark.Builtin); ok {
		return b.Name() + ": nothing is said about it", nil
	}
	var names []string
	for _, e := range starlib.Reference() {
		names = append(names, e.Name)
	}
	return "", lang.Suggest(fmt.Errorf("there is nothing to say about %q", topic), topic, names)
}

// entryText is the documentation of a name, of a method by its own name, or of
// all methods of a type.
func entryText(topic string) string {
	list := starlib.Reference()
	var b strings.Builder
	write := func(e starlib.Definition) {
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		head := e.Name
		if e.Signature != "" {
			head = e.Signature
		}
		fmt.Fprintf(&b, "%s\n    %s", head, strings.ReplaceAll(e.Doc, "\n", "\n    "))
	}
	if i := slices.IndexFunc(list, func(e starlib.Definition) bool { return e.Name == topic }); i >= 0 {
		write(list[i])
	}
	for _, e := range list {
		of, method, ok := strings.Cut(e.Name, ".")
		if ok && (of == topic || b.Len() == 0 && method == topic) {
			write(e)
		}
	}
	return b.String()
}
