package config

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"gopkg.in/ini.v1"
)

// A place is a key of a section, or with an empty key the header of the section.
type place struct{ section, key string }

// A document is the text of a configuration, with the values as they stand in it.
type document struct {
	*ini.File
	lines map[place]int // counted from 1
}

// maxPlaces is how many sections and keys a file may have: package ini takes time in
// proportion to the square of it.
const maxPlaces = 10_000

// read reads the text of a configuration as Python's configparser.ConfigParser() does,
// which is what the stock commands use (Python 3.11, configparser.RawConfigParser).
//
// Package ini has another idea of several things, so it gets a text in which they do
// not occur, and which means to it what the original means to Python. All that is done
// to the text is done here:
//
//   - A line that is indented deeper than the key above it belongs to the value of that
//     key, whatever is in it. Comments at any column and blank lines do not end the
//     value. A line that is indented no deeper is the next key.
//   - A value is written below its key, with one blank in front, where package ini looks
//     for no quotes. Its lines are one, with a NUL between them: package ini takes time
//     in proportion to the square of their number. [document.raw] undoes both.
//   - Keys are in lower case. The text after the ] of a section is left out.
//   - CR and CR LF end a line as LF does.
//   - [DEFAULT] comes first, without a header.
//
// Refused, each with its line, is what Python refuses: text that is not UTF-8 or has a
// byte order mark, keys before the first section, lines without a delimiter, and keys
// and sections that are there twice. Refused although Python takes it are keys that
// package ini cannot write, NUL, and more than maxPlaces keys and sections.
func read(path string, data []byte) (document, error) {
	t := translator{path: path, lines: map[place]int{}}
	if err := t.translate(data); err != nil {
		return document{}, err
	}
	t.end()
	text := append(t.defaults.Bytes(), t.sections.Bytes()...)
	file, err := ini.LoadSources(ini.LoadOptions{
		AllowPythonMultilineValues: true,
		IgnoreInlineComment:        true,
		IgnoreContinuation:         true,
		PreserveSurroundedQuote:    true,
		AllowNonUniqueSections:     true,          // the translator has looked for them
		KeyValueDelimiters:         "=",           // the only one that the translator writes
		ChildSectionDelimiter:      "\x00",        // no delimiter: [multimaster/http://a.b] is not a child of [multimaster/http://a]
		ReaderBufferSize:           len(text) + 1, // a value that does not fit into it would be cut
	}, text)
	if err != nil { // without its words: they may quote the file
		return document{}, &Error{Path: path, Message: "it is not a configuration: want [SECTION] and KEY = VALUE"}
	}
	return document{file, t.lines}, nil
}

// raw returns the value of a key of a section, with its lines as they stand in the file.
func (d document) raw(section, key string) (string, bool) {
	s, err := d.GetSection(section)
	if err != nil || !s.HasKey(key) {
		return "", false
	}
	return strings.ReplaceAll(strings.TrimPrefix(s.Key(key).Value(), "\n "), "\x00", "\n"), true
}

// A translator writes the text for package ini.
type translator struct {
	path     string
	lines    map[place]int
	defaults bytes.Buffer // the text of [DEFAULT]
	sections bytes.Buffer // of all others

	out     *bytes.Buffer // of the section that the line is in; nil before the first one
	section string
	key     string // whose value indented lines belong to; empty after a section
	indent  int    // of the line with the key or section, in characters
	empty   int    // blank lines that belong to the value if more of it follows
}

func (t *translator) translate(data []byte) error {
	if bytes.HasPrefix(data, []byte("\ufeff")) {
		return t.wrong(1, "got a byte order mark, want UTF-8 without one: SlapOS does not read such a file")
	}
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data))
	n := 0
	for line := range strings.Lines(text) {
		n++
		if !utf8.ValidString(line) {
			return t.wrong(n, "got bytes that are not UTF-8, want UTF-8")
		}
		if strings.Contains(line, "\x00") {
			return t.wrong(n, "got a NUL character, want text")
		}
		if err := t.line(n, strings.TrimSuffix(line, "\n")); err != nil {
			return err
		}
	}
	return nil
}

// line translates a line that Python may see as part of a value, a section or a key.
func (t *translator) line(n int, line string) error {
	text := trim(line)
	switch {
	case text == "":
		t.empty++
		return nil
	case text[0] == '#' || text[0] == ';':
		return nil
	}
	indent := utf8.RuneCountInString(line[:strings.Index(line, text)])
	if t.key != "" && indent > t.indent {
		t.out.WriteString(strings.Repeat("\x00", 1+t.empty) + text)
		t.empty = 0
		return nil
	}
	t.end()
	t.indent = indent
	if end := strings.LastIndexByte(text, ']'); text[0] == '[' && end > 1 {
		return t.header(n, text[1:end])
	}
	return t.pair(n, text)
}

func (t *translator) header(n int, name string) error {
	t.section, t.out = name, &t.sections
	if name == ini.DefaultSection { // more than one of it are one
		t.out = &t.defaults
		return nil
	}
	fmt.Fprintf(t.out, "[%s]\n", name)
	return t.note(n, "section")
}

func (t *translator) pair(n int, text string) error {
	if t.out == nil {
		return t.wrong(n, "got text before the first section, want [SECTION]")
	}
	at := strings.IndexAny(text, "=:")
	switch {
	case at < 0:
		return t.wrong(n, "got a line without = or :, want KEY = VALUE or [SECTION]")
	case at == 0:
		return t.wrong(n, "got a value without a key, want KEY = VALUE")
	}
	t.key = lower(trim(text[:at]))
	if t.key == "-" || strings.IndexByte("[\"`", t.key[0]) >= 0 {
		return t.wrong(n, "got a key that is - or begins with [, \" or `, want a name, or [SECTION]")
	}
	if err := t.note(n, "key"); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "%s =\n %s", t.key, trim(text[at+1:]))
	return nil
}

// end ends the value of the key, which may have none.
func (t *translator) end() {
	if t.key != "" {
		t.out.WriteByte('\n')
	}
	t.key, t.empty = "", 0
}

// note keeps the line of what is there now, which has to be there once.
func (t *translator) note(n int, noun string) error {
	at := place{t.section, t.key}
	if first, ok := t.lines[at]; ok {
		return t.wrong(n, "got a %s that line %d has already, want it once", noun, first)
	}
	if t.lines[at] = n; len(t.lines) > maxPlaces {
		return t.wrong(n, "got more than %d keys and sections, want fewer", maxPlaces)
	}
	return nil
}

func (t *translator) wrong(n int, format string, args ...any) error {
	return &Error{Path: t.path, Line: n, Message: fmt.Sprintf(format, args...)}
}

// lower returns the name of a key as Python's str.lower does: it makes two characters
// of İ, where Go makes an i of it.
func lower(name string) string { return strings.ToLower(strings.ReplaceAll(name, "İ", "i\u0307")) }

// trim takes white space off both ends, as Python's str.strip does.
func trim(s string) string { return strings.TrimFunc(s, isSpace) }

func isSpace(r rune) bool { return unicode.IsSpace(r) || '\x1c' <= r && r <= '\x1f' }
