package function

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
)

// maxPattern is how long a pattern may be, in bytes.
const maxPattern = 10_000

// Compile reads a pattern of RE2, and says what is wrong with it.
func Compile(pattern string) (*regexp.Regexp, error) {
	if len(pattern) > maxPattern {
		return nil, fmt.Errorf("the pattern is longer than %d bytes", maxPattern)
	}
	re, err := regexp.Compile(pattern)
	if parse, ok := errors.AsType[*syntax.Error](err); ok {
		return nil, fmt.Errorf("the pattern %s: %s: %q", Quote(pattern), parse.Code, parse.Expr)
	}
	return re, err
}

// substituted is re.sub(pattern, replacement, text, count); 0 is all. In the replacement
// \1 and \g<name> stand for groups.
func substituted(text string, args []string) (string, error) {
	re, err := Compile(args[0])
	if err != nil {
		return "", err
	}
	template, err := template(re, args[1])
	if err != nil {
		return "", err
	}
	count, err := strconv.Atoi(args[2])
	if err != nil {
		return "", err
	}
	if count == 0 {
		count = -1
	}
	var b []byte
	at := 0
	for _, match := range re.FindAllStringSubmatchIndex(text, count) {
		b = append(b, text[at:match[0]]...)
		if b = re.ExpandString(b, template, text, match); len(b) > MaxText {
			return "", fmt.Errorf("the text would be longer than %d MiB", MaxText>>20)
		}
		at = match[1]
	}
	return string(append(b, text[at:]...)), nil
}

// template is a replacement as package regexp has it.
func template(re *regexp.Regexp, replacement string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(replacement); i++ {
		c := replacement[i]
		if c == '$' {
			b.WriteString("$$")
			continue
		}
		if c != '\\' || i+1 == len(replacement) {
			b.WriteByte(c)
			continue
		}
		i++
		name, size := "", 0
		switch next := replacement[i]; {
		case '0' <= next && next <= '9':
			name = string(next)
		case next == 'g' && strings.HasPrefix(replacement[i+1:], "<"):
			inside, _, ok := strings.Cut(replacement[i+2:], ">")
			if !ok {
				return "", fmt.Errorf(`the replacement %s: \g<NAME> does not end`, Quote(replacement))
			}
			name, size = inside, len(inside)+2
		case next == '\\':
			b.WriteByte('\\')
			continue
		case next == 'n':
			b.WriteByte('\n')
			continue
		default:
			b.WriteByte('\\')
			b.WriteByte(next)
			continue
		}
		if n, err := strconv.Atoi(name); (err != nil || n > re.NumSubexp()) && re.SubexpIndex(name) < 0 {
			return "", fmt.Errorf("the pattern has no group %q", name)
		}
		b.WriteString("${" + name + "}")
		i += size
	}
	return b.String(), nil
}
