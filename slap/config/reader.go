package config

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"gopkg.in/ini.v1"

	"slapstar/slap"
)

// A reader takes from a document what slapstar uses.
type reader struct {
	path      string
	file      document
	inherited []string // keys of [DEFAULT] that refer to others
	replaced  int      // see maxReplaced
	wrong     *Error   // the first value that cannot be read
}

func newReader(path string, file document) *reader {
	r := &reader{path: path, file: file}
	for _, key := range file.Section(ini.DefaultSection).KeyStrings() {
		if raw, _ := file.raw(ini.DefaultSection, key); strings.Contains(raw, "%") {
			r.inherited = append(r.inherited, key)
		}
	}
	return r
}

// mistake returns the error of a key, or with an empty key that of a section.
func (r *reader) mistake(section, key, format string, args ...any) *Error {
	_, line, ok := r.raw(section, key)
	if !ok {
		line = r.file.lines[place{section: section}]
	}
	return &Error{Path: r.path, Line: line, Section: section, Key: key, Message: fmt.Sprintf(format, args...)}
}

// fail keeps a mistake in a value, the first one.
func (r *reader) fail(line int, section, format string, args ...any) {
	if r.wrong == nil {
		r.wrong = &Error{Path: r.path, Line: line, Section: section, Message: fmt.Sprintf(format, args...)}
	}
}

// reads reports whether slapstar uses a section.
func reads(section string) bool {
	return section == "slapos" || section == "slapconsole" || section == "slapproxy" || section == own || strings.HasPrefix(section, multimaster)
}

// unread returns the first mistake of the sections that are not used.
func (r *reader) unread() error {
	for _, section := range r.file.SectionStrings() {
		if section == ini.DefaultSection || reads(section) {
			continue
		}
		r.check(section)
		if r.wrong != nil {
			r.wrong.Section = "" // it may be any text
			return r.wrong
		}
	}
	return nil
}

func (r *reader) read() (*File, error) {
	if !r.file.HasSection("slapos") {
		return nil, &Error{Path: r.path, Section: "slapos", Message: "there is no such section"}
	}
	for _, section := range r.file.SectionStrings() {
		if reads(section) {
			r.check(section)
		}
	}
	if r.wrong != nil {
		return nil, r.wrong
	}
	c := &File{
		MasterURL:  r.line("slapos", "master_url"),
		RESTURL:    r.line("slapos", "master_rest_url"),
		JSONRPCURL: r.line("slapos", "master_jsonrpc_url"),
		Project:    r.line("slapos", "project_reference"),
		CAFile:     ExpandHome(r.line("slapos", "ca_file")),
		ComputerID: r.proxyLine("computer_id"),
	}
	// The certificate of [slapos] counts only when [slapconsole] has neither.
	for _, section := range []string{"slapconsole", "slapos"} {
		cert, key := r.line(section, "cert_file"), r.line(section, "key_file")
		if cert == "" && key == "" {
			continue
		}
		if cert == "" || key == "" {
			missing := "cert_file"
			if key == "" {
				missing = "key_file"
			}
			return nil, r.mistake(section, missing, "is missing: cert_file and key_file go together")
		}
		c.CertFile, c.KeyFile, c.certSection = ExpandHome(cert), ExpandHome(key), section
		break
	}
	var err error
	if c.SchemaHosts, err = r.schemaHosts(); err != nil {
		return nil, err
	}
	if c.MaxListing, err = r.maxListing(); err != nil {
		return nil, err
	}
	c.Proxy, err = r.proxy()
	return c, err
}

// own is the section of what only slapstar reads.
const own = "slapstar"

// schemaHosts returns the hosts of schema_hosts, which blanks, commas or lines separate.
func (r *reader) schemaHosts() ([]string, error) {
	var list []string
	for _, line := range textLines(r.value(own, "schema_hosts")) {
		for _, host := range strings.FieldsFunc(line, func(c rune) bool { return c == ',' || unicode.IsSpace(c) }) {
			if _, _, err := slap.ParseHost(host); err != nil {
				return nil, r.mistake(own, "schema_hosts", "%v", err)
			}
			list = append(list, host)
		}
	}
	return list, nil
}

// maxListing returns max_listing, which is in MiB, in bytes.
func (r *reader) maxListing() (int64, error) {
	text := r.line(own, "max_listing")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > mostListing {
		return 0, r.mistake(own, "max_listing", "got %q, want a number of MiB from 1 to %d", text, mostListing)
	}
	return n << 20, nil
}

// mostListing is the largest max_listing, in MiB.
const mostListing = 16 << 10

// value returns the value of a key, or that of the [DEFAULT] section, or "". White
// space around it does not count.
func (r *reader) value(section, key string) string {
	raw, line, _ := r.raw(section, key)
	return trim(r.interpolate(line, section, raw, 1))
}

// line is value for a key that has one line.
func (r *reader) line(section, key string) string {
	value := r.value(section, key)
	if n := strings.Count(value, "\n"); n > 0 && r.wrong == nil {
		r.wrong = r.mistake(section, key, "got a value of %d lines, want one: lines that are indented deeper than a key belong to its value", n+1)
	}
	return value
}
