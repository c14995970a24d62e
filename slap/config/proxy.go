package config

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"slapstar/slap"
)

// A Proxy is what a configuration file says to a slapproxy.
type Proxy struct {
	Host     string   // 127.0.0.1 when absent
	Port     int      // 0 when absent
	Database string   // database_uri, a file path
	LogFile  string   // empty when absent
	Hosts    []string // allow_host: names to answer to; a key of slapstar's own
	Products map[string]string
	Masters  []Multimaster // by URL

	// Full are the keys that begin with full_, without that: what a Master of the full
	// profile is like. Keys of slapstar's own; nil when there are none.
	Full map[string]string
}

// A Multimaster is a [multimaster/URL] section: another Master, to which
// requests are forwarded.
type Multimaster struct {
	URL       string
	Releases  []string // software_release_list: what is always forwarded
	CertFile  string   // cert; with KeyFile, both or neither
	KeyFile   string   // key
	Computer  string   // with Partition, in whose name requests are made; both or neither
	Partition string
}

// FullPrefix begins the keys of [slapproxy] about the full profile.
const FullPrefix = "full_"

const multimaster = "multimaster/"

func (r *reader) proxy() (Proxy, error) {
	p := Proxy{
		Host:     cmp.Or(r.proxyLine("host"), "127.0.0.1"),
		Database: ExpandHome(r.proxyLine("database_uri")),
		LogFile:  ExpandHome(r.proxyLine("log_file")),
		Products: map[string]string{},
	}
	for _, section := range []string{"slapos", "slapproxy"} {
		for _, key := range r.file.Section(section).KeyStrings() {
			if name, ok := strings.CutPrefix(key, FullPrefix); ok {
				if p.Full == nil {
					p.Full = map[string]string{}
				}
				p.Full[name] = r.proxyValue(key)
			}
		}
	}
	wrong := func(key, format string, args ...any) error {
		return r.mistake(r.proxySection(key), key, format, args...)
	}
	if port := r.proxyLine("port"); port != "" {
		n, err := strconv.Atoi(port)
		if err != nil || n < 0 || n > 65535 {
			return p, wrong("port", "got %q, want a port number", port)
		}
		p.Port = n
	}
	for _, line := range textLines(r.proxyValue("allow_host")) {
		p.Hosts = append(p.Hosts, strings.Fields(line)...)
	}
	for _, line := range textLines(r.proxyValue("software_product_list")) {
		fields := strings.Fields(line)
		if len(fields) != 2 {
			return p, wrong("software_product_list", "got line %q, want NAME URL", line)
		}
		p.Products[fields[0]] = fields[1]
	}
	masters, err := r.masters()
	p.Masters = masters
	return p, err
}

// proxyValue returns a key of [slapos] or [slapproxy], which share one namespace for a
// slapproxy: of the sections, each with what it has from [DEFAULT], that which comes
// first in the file counts unless the value is empty.
func (r *reader) proxyValue(key string) string { return r.value(r.proxySection(key), key) }

// proxyLine is proxyValue for a key that has one line.
func (r *reader) proxyLine(key string) string { return r.line(r.proxySection(key), key) }

func (r *reader) proxySection(key string) string {
	for _, section := range r.file.SectionStrings() {
		if (section == "slapos" || section == "slapproxy") && r.value(section, key) != "" {
			return section
		}
	}
	return "slapproxy"
}

func (r *reader) masters() ([]Multimaster, error) {
	byURL := map[string]Multimaster{}
	for _, section := range r.file.SectionStrings() {
		url, ok := strings.CutPrefix(section, multimaster)
		if !ok {
			continue
		}
		m := Multimaster{
			URL:       url,
			Releases:  textLines(r.value(section, "software_release_list")),
			CertFile:  ExpandHome(r.line(section, "cert")),
			KeyFile:   ExpandHome(r.line(section, "key")),
			Computer:  r.line(section, "computer"),
			Partition: r.line(section, "partition"),
		}
		for _, pair := range [][2]string{{"cert", "key"}, {"computer", "partition"}} {
			if (r.value(section, pair[0]) == "") != (r.value(section, pair[1]) == "") {
				return nil, r.mistake(section, pair[0], "%s and %s go together: one of them is missing", pair[0], pair[1])
			}
		}
		if _, err := slap.ParseURL(url); err != nil {
			return nil, r.mistake(section, "", "%v", err)
		}
		byURL[url] = m
	}
	var list []Multimaster
	for _, url := range slices.Sorted(maps.Keys(byURL)) {
		list = append(list, byURL[url])
	}
	return list, nil
}

// textLines returns the lines of a value, without empty lines.
func textLines(value string) []string {
	var list []string
	for line := range strings.Lines(value) {
		if line = trim(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}
