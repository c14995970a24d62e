package lang

import (
	"fmt"
	"regexp"
	"strconv"

	"go.starlark.net/starlark"

	"slapstar/internal/function"
)

// reModule is the module re: the calls of Python's, with the patterns of RE2, which go
// through a text once. sub flows; the others need a text that is known.
var reModule = newModule("re", starlark.StringDict{
	"escape":    starlark.NewBuiltin("re.escape", escapePattern),
	"findall":   starlark.NewBuiltin("re.findall", findAllMatches),
	"fullmatch": matching("re.fullmatch", `\A(?:`, `)\z`),
	"match":     matching("re.match", `\A(?:`, `)`),
	"search":    matching("re.search", ``, ``),
	"split":     starlark.NewBuiltin("re.split", splitAtMatches),
	"sub":       starlark.NewBuiltin("re.sub", substitute),
})

// Limits of the time that one call takes.
const (
	maxMatched = 1 << 20 // bytes of the text
	maxMatches = 100_000
)

// pattern reads the arguments pattern and text.
func pattern(name string, args starlark.Tuple, kwargs []starlark.Tuple, before, after string) (*regexp.Regexp, string, error) {
	var source, text argument
	if err := UnpackArgs(name, args, kwargs, "pattern", &source, "text", &text); err != nil {
		return nil, "", err
	}
	if _, err := function.Compile(string(source)); err != nil { // as it is written
		return nil, "", fmt.Errorf("%s: %w", name, err)
	}
	re, err := function.Compile(before + string(source) + after)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", name, err)
	}
	return re, string(text), checkMatched(name, len(text))
}

func checkMatched(name string, n int) error {
	if n > maxMatched {
		return &sizeError{name, fmt.Sprintf("the text is longer than %d MiB", maxMatched>>20)}
	}
	return nil
}

// matching is None, or the text that matches and its groups, in a list; a group that takes
// no part is None.
//
//	re.search(pattern, text)     anywhere
//	re.match(pattern, text)      at the beginning
//	re.fullmatch(pattern, text)  all of it
func matching(name, before, after string) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		re, text, err := pattern(b.Name(), args, kwargs, before, after)
		if err != nil {
			return nil, err
		}
		match := re.FindStringSubmatchIndex(text)
		if match == nil {
			return starlark.None, nil
		}
		return starlark.NewList(groups(text, match)), nil
	})
}

func groups(text string, match []int) []starlark.Value {
	list := make([]starlark.Value, len(match)/2)
	for i := range list {
		if list[i] = starlark.None; match[2*i] >= 0 {
			list[i] = starlark.String(text[match[2*i]:match[2*i+1]])
		}
	}
	return list
}

// findAllMatches returns all matches: the text, the group if there is one, or a tuple of
// the groups if there are more.
//
//	re.findall(pattern, text)
func findAllMatches(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	re, text, err := pattern(b.Name(), args, kwargs, "", "")
	if err != nil {
		return nil, err
	}
	all := re.FindAllStringSubmatchIndex(text, maxMatches+1)
	if len(all) > maxMatches {
		return nil, &sizeError{b.Name(), fmt.Sprintf("there are more than %d matches", maxMatches)}
	}
	list := make([]starlark.Value, len(all))
	for i, match := range all {
		found := groups(text, match)
		for n := range found {
			if found[n] == starlark.None {
				found[n] = starlark.String("")
			}
		}
		switch len(found) {
		case 1, 2:
			list[i] = found[len(found)-1]
		default:
			list[i] = starlark.Tuple(found[1:])
		}
	}
	return starlark.NewList(list), nil
}

// splitAtMatches returns what stands between the matches.
//
//	re.split(pattern, text)
func splitAtMatches(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	re, text, err := pattern(b.Name(), args, kwargs, "", "")
	if err != nil {
		return nil, err
	}
	pieces := re.Split(text, maxMatches+1)
	if len(pieces) > maxMatches {
		return nil, &sizeError{b.Name(), fmt.Sprintf("there are more than %d matches", maxMatches)}
	}
	list := make([]starlark.Value, len(pieces))
	for i, piece := range pieces {
		list[i] = starlark.String(piece)
	}
	return starlark.NewList(list), nil
}

// substitute puts a replacement in the place of the matches; \1 and \g<NAME> in it stand
// for groups. It flows.
//
//	re.sub(pattern, replacement, text, count=0)
func substitute(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var source, replacement argument
	var text starlark.Value
	count := 0
	if err := UnpackArgs(b.Name(), args, kwargs, "pattern", &source, "replacement", &replacement, "text", &text, "count?", &count); err != nil {
		return nil, err
	}
	f := function.Function{Name: "re.sub", Args: []string{string(source), string(replacement), strconv.Itoa(max(count, 0))}}
	if _, err := f.Apply(""); err != nil { // what is wrong with the pattern is known now
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	if n, _ := length(text); n > 0 {
		if err := checkMatched(b.Name(), n); err != nil {
			return nil, err
		}
	}
	return apply(thread, f, text, aString)
}

// escapePattern returns a pattern that matches the text.
//
//	re.escape(text)
func escapePattern(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var text argument
	if err := UnpackArgs(b.Name(), args, kwargs, "text", &text); err != nil {
		return nil, err
	}
	return starlark.String(regexp.QuoteMeta(string(text))), nil
}
