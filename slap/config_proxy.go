package slap

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// A ProxyConfig is what a configuration file says to a slapproxy.
type ProxyConfig struct {
	Host     string // 127.0.0.1 when absent
	Port     int    // 0 when absent
	Database string // database_uri, a file path
	LogFile  string // empty when absent
	Products map[string]string
	Masters  []MultimasterConfig // by URL
}

// A MultimasterConfig is a [multimaster/URL] section: another Master, to which
// requests are forwarded.
type MultimasterConfig struct {
	URL       string
	Releases  []string // software_release_list: what is always forwarded
	CertFile  string   // cert; with KeyFile, both or neither
	KeyFile   string   // key
	Computer  string   // with Partition, in whose name requests are made; both or neither
	Partition string
}

const multimaster = "multimaster/"

func (r configReader) proxy() (ProxyConfig, error) {
	p := ProxyConfig{
		Host:     cmp.Or(r.proxyValue("host"), "127.0.0.1"),
		Database: expandHome(r.proxyValue("database_uri")),
		LogFile:  expandHome(r.proxyValue("log_file")),
		Products: map[string]string{},
	}
	wrong := func(key, format string, args ...any) error {
		return &ConfigError{Path: r.path, Section: "slapproxy", Key: key, Message: fmt.Sprintf(format, args...)}
	}
	if port := r.proxyValue("port"); port != "" {
		n, err := strconv.Atoi(port)
		if err != nil || n < 0 || n > 65535 {
			return p, wrong("port", "got %q, want a port number", port)
		}
		p.Port = n
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

// proxyValue returns a key of [slapos] or [slapproxy], which share one namespace
// for a slapproxy: the section that comes first in the file counts.
func (r configReader) proxyValue(key string) string {
	for _, section := range r.file.SectionStrings() {
		if (section == "slapos" || section == "slapproxy") && r.file.Section(section).HasKey(key) {
			return r.value(section, key)
		}
	}
	return r.value("slapproxy", key) // out of [DEFAULT]
}

func (r configReader) masters() ([]MultimasterConfig, error) {
	byURL := map[string]MultimasterConfig{}
	for _, section := range r.file.SectionStrings() {
		url, ok := strings.CutPrefix(section, multimaster)
		if !ok {
			continue
		}
		m := MultimasterConfig{
			URL:       url,
			Releases:  textLines(r.value(section, "software_release_list")),
			CertFile:  expandHome(r.value(section, "cert")),
			KeyFile:   expandHome(r.value(section, "key")),
			Computer:  r.value(section, "computer"),
			Partition: r.value(section, "partition"),
		}
		for _, pair := range [][2]string{{"cert", "key"}, {"computer", "partition"}} {
			if (r.value(section, pair[0]) == "") != (r.value(section, pair[1]) == "") {
				return nil, &ConfigError{Path: r.path, Section: section, Key: pair[0],
					Message: fmt.Sprintf("%s and %s go together: one of them is missing", pair[0], pair[1])}
			}
		}
		if _, err := checkURL(url); err != nil {
			return nil, &ConfigError{Path: r.path, Section: section, Message: err.Error()}
		}
		byURL[url] = m
	}
	var list []MultimasterConfig
	for _, url := range slices.Sorted(maps.Keys(byURL)) {
		list = append(list, byURL[url])
	}
	return list, nil
}

// textLines returns the lines of a value that are neither empty nor a comment.
func textLines(value string) []string {
	var list []string
	for line := range strings.Lines(value) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' && line[0] != ';' {
			list = append(list, line)
		}
	}
	return list
}
