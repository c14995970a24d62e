package console

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"slapstar/slap/release"
)

// An asked is the software type whose parameters are typed.
type asked struct {
	release, softwareType string
	shared                bool
}

// parameterPlace finds the request around the cursor, if what is typed stands in its
// parameters, and where in them: the names around, and of the value that is typed, if it is
// one.
func (s *Session) parameterPlace(c *cursor) (a asked, path []string, value string, ok bool) {
	for i, call := range c.open {
		if call.kind != '(' || i+1 == len(c.open) || s.parameterAt(call) != "partition_parameter_kw" {
			continue
		}
		if a, ok = s.askedIn(c, call); !ok {
			return a, nil, "", false
		}
		path, value, ok = pathIn(c.open[i+1:])
		return a, path, value, ok
	}
	return a, nil, "", false
}

// pathIn returns the names that lead to the innermost bracket, and that of the value which
// is typed there.
func pathIn(open []bracket) (path []string, value string, ok bool) {
	for i, b := range open {
		last := i == len(open)-1
		switch {
		case b.kind == '{' && last:
			return path, b.key, true
		case b.kind == '{':
			path = append(path, b.key)
		case b.kind == '[' && b.callee == "" && last: // an item that is no dictionary
			return nil, "", false
		case b.kind == '[' && b.callee == "":
			path = append(path, release.Items)
		case b.kind == '(' && (b.callee == "json.encode" || b.callee == "json.dumps") && len(path) == 1 && path[0] == "_":
			path = nil
		default:
			return nil, "", false
		}
	}
	return nil, "", false
}

// askedIn reads the arguments of a call of request that name the software type.
func (s *Session) askedIn(c *cursor, call bracket) (asked, bool) {
	given := map[string]string{}
	names := s.parameters(call.callee)
	for i, argument := range argumentsIn(c.text[call.begin:]) {
		name, expression, named := cutKeyword(argument)
		switch {
		case named:
			given[name] = expression
		case i < len(names):
			given[names[i]] = argument
		}
	}
	softwareType, said := given["software_type"]
	a := asked{
		release:      s.releaseOf(given["software_release"]),
		softwareType: s.textOf(softwareType),
		shared:       strings.TrimSpace(given["shared"]) == "True",
	}
	return a, a.release != "" && (!said || a.softwareType != "" || strings.TrimSpace(softwareType) == "None")
}

var keyword = regexp.MustCompile(`^\s*([\pL_][\pL\pN_]*)\s*=([^=]|$)`)

// cutKeyword takes NAME = EXPRESSION apart.
func cutKeyword(argument string) (name, expression string, ok bool) {
	m := keyword.FindStringSubmatchIndex(argument)
	if m == nil {
		return "", argument, false
	}
	return argument[m[2]:m[3]], argument[m[4]:], true
}

// argumentsIn returns the arguments of a call, of which text is what is typed.
func argumentsIn(text string) (list []string) {
	depth, begin := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"', '\'':
			end, _, closed := stringEnd(text, i)
			if !closed {
				return append(list, text[begin:])
			}
			i = end - 1
		case '#':
			end := strings.IndexByte(text[i:], '\n')
			if end < 0 {
				return append(list, text[begin:])
			}
			i += end
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			if depth--; depth < 0 {
				return append(list, text[begin:i])
			}
		case ',':
			if depth == 0 {
				list, begin = append(list, text[begin:i]), i+1
			}
		}
	}
	return append(list, text[begin:])
}

// textOf is the text that an expression is, if that can be told without evaluating it.
func (s *Session) textOf(expression string) string {
	expression = strings.TrimSpace(expression)
	if v, ok := s.names[expression].(starlark.String); ok {
		return string(v)
	}
	parsed, err := consoleDialect.ParseExpr("", expression, 0)
	if err != nil {
		return ""
	}
	if l, ok := parsed.(*syntax.Literal); ok {
		text, _ := l.Value.(string)
		return text
	}
	return ""
}

var productPath = regexp.MustCompile(`^product(?:\.([\pL_][\pL\pN_]*)|\[\s*(["'][^"']*["'])\s*\]|\.get\(\s*(["'][^"']*["'])\s*\))$`)

// releaseOf is the software release that an expression is.
func (s *Session) releaseOf(expression string) string {
	expression = strings.TrimSpace(expression)
	m := productPath.FindStringSubmatch(expression)
	if m == nil {
		return s.textOf(expression)
	}
	if s.options.Manual == nil {
		return ""
	}
	return s.options.Manual.Best(cmp.Or(m[1], s.textOf(cmp.Or(m[2], m[3]))))
}

// parameterCandidates are the names of parameters, or the values of one, at the cursor in
// partition_parameter_kw. Outside of a string they are written with quotes.
func (s *Session) parameterCandidates(c *cursor) []Candidate {
	if s.options.Manual == nil {
		return nil
	}
	a, path, value, ok := s.parameterPlace(c)
	if !ok {
		return nil
	}
	ctx := context.Background()
	schema, err := s.options.Manual.Release(ctx, a.release)
	if err != nil {
		return nil
	}
	t, ok := schema.Type(a.softwareType, a.shared)
	if !ok {
		return nil
	}
	properties, err := s.options.Manual.Properties(ctx, t, path...)
	if err != nil {
		return nil
	}
	quoted := c.quote != ""
	if before := strings.TrimSpace(c.text[c.top().item:c.start]); !quoted && before != "" && !strings.HasSuffix(before, ":") {
		return nil // something of an expression stands there already
	}
	if value == "" {
		return keyCandidates(properties, quoted)
	}
	i := slices.IndexFunc(properties, func(p release.Property) bool { return p.Name == value && !p.Pattern })
	if i < 0 {
		return nil
	}
	return valueCandidates(properties[i], quoted)
}

func keyCandidates(properties []release.Property, quoted bool) (list []Candidate) {
	for _, p := range properties {
		text := p.Name
		if !quoted {
			text = syntax.Quote(p.Name, false)
		}
		if !p.Pattern {
			list = append(list, Candidate{text, joinNonEmpty(": ", propertyNote(p), p.Title)})
		}
	}
	return list
}

func valueCandidates(p release.Property, quoted bool) (list []Candidate) {
	values := p.Values
	if len(values) == 0 && slices.Contains(p.Types, "boolean") {
		values = []any{false, true}
	}
	if len(values) == 0 && p.Default != nil {
		values = []any{*p.Default}
	}
	for _, v := range values {
		note := ""
		if p.Default != nil && literal(v) == literal(*p.Default) {
			note = "default"
		}
		text, isText := v.(string)
		switch {
		case quoted && isText:
			list = append(list, Candidate{text, note})
		case !quoted:
			list = append(list, Candidate{literal(v), note})
		}
	}
	return list
}

// typeCandidates are the software types of the release that a call names.
func (s *Session) typeCandidates(c *cursor, call bracket) (list []Candidate) {
	if s.options.Manual == nil {
		return nil
	}
	a, _ := s.askedIn(c, call)
	if call.callee == "help" {
		if arguments := argumentsIn(c.text[call.begin:]); len(arguments) > 0 {
			a.release = s.releaseOf(arguments[0])
		}
	}
	if a.release == "" {
		return nil
	}
	schema, err := s.options.Manual.Release(context.Background(), a.release)
	if err != nil {
		return nil
	}
	for _, t := range schema.Types {
		note := t.Title
		if t.Shared {
			note = joinNonEmpty(": ", "shared", note)
		}
		list = append(list, Candidate{t.SoftwareType, note})
	}
	return list
}
