package project

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.starlark.net/starlark"

	"slapstar/starlib/lang"
)

// requiredVersion ends the evaluation with another slapstar than the project is for: what
// comes after it may be nothing that this one knows. A build that is no release passes.
//
//	required_version(constraint)
func requiredVersion(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var text lang.Name
	if err := lang.UnpackArgs(b.Name(), args, kwargs, "constraint", &text); err != nil {
		return nil, err
	}
	bounds, err := parseBounds(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	have := current(thread).version
	number, ok := Release(have)
	if !ok {
		p := &current(thread).project
		p.NotCompared = append(p.NotCompared, string(text))
		return starlark.None, nil
	}
	for _, bound := range bounds {
		if !bound.holds(number) {
			return nil, lang.Hint(fmt.Errorf("%s: this is slapstar %s, and the project wants %s", b.Name(), have, string(text)),
				"use a slapstar of that version, or change the line if the project works with this one")
		}
	}
	return starlark.None, nil
}

// A Version is a release: three numbers, and what stands before it, such as rc1.
type Version struct {
	numbers [3]int
	before  string // empty: the release itself
}

var versions = regexp.MustCompile(`^v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:-([0-9A-Za-z.-]+))?$`)

func parseVersion(s string) (v Version, ok bool) {
	m := versions.FindStringSubmatch(s)
	if m == nil {
		return v, false
	}
	for i := range v.numbers {
		v.numbers[i], _ = strconv.Atoi(m[i+1]) // at most nine digits, or none
	}
	v.before = m[4]
	return v, true
}

// pseudo is how Go ends the version of a commit that is no release.
var pseudo = regexp.MustCompile(`[-.]\d{14}-[0-9a-f]{12}$`)

// Release reads the version of a slapstar. It is none where it was built of a commit that
// is no release, or of a changed tree.
func Release(s string) (Version, bool) {
	if strings.Contains(s, "+") || pseudo.MatchString(s) {
		return Version{}, false
	}
	return parseVersion(s)
}

func (v Version) compare(w Version) int {
	if c := slices.Compare(v.numbers[:], w.numbers[:]); c != 0 {
		return c
	}
	switch {
	case v.before == w.before:
		return 0
	case v.before == "":
		return 1
	case w.before == "":
		return -1
	}
	return compareBefore(v.before, w.before)
}

// compareBefore compares what precedes a release, part by part: numbers as numbers, before
// words. semver.org, 11.4
func compareBefore(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), func(a, b string) int {
		n, errA := strconv.Atoi(a)
		m, errB := strconv.Atoi(b)
		switch {
		case errA == nil && errB == nil:
			return cmp.Compare(n, m)
		case errA == nil:
			return -1
		case errB == nil:
			return 1
		}
		return strings.Compare(a, b)
	})
}

// A bound is one condition of a constraint.
type bound struct {
	operator string
	version  Version
}

var boundText = regexp.MustCompile(`^(>=|<=|==|!=|=|>|<)?\s*(\S+)$`)

// parseBounds reads conditions that are separated by commas, such as ">= 0.3, < 1".
func parseBounds(s string) ([]bound, error) {
	var list []bound
	for part := range strings.SplitSeq(s, ",") {
		m := boundText.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			return nil, fmt.Errorf("got %q, want a condition such as \">= 0.3\", or several with commas between them", s)
		}
		v, ok := parseVersion(m[2])
		if !ok {
			return nil, fmt.Errorf("got %q, in which %q is no version such as \"0.3\"", s, m[2])
		}
		list = append(list, bound{m[1], v})
	}
	return list, nil
}

func (b bound) holds(v Version) bool {
	c := v.compare(b.version)
	switch b.operator {
	case ">=":
		return c >= 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	case "<":
		return c < 0
	case "!=":
		return c != 0
	}
	return c == 0
}
