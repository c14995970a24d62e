// Package config reads slapos.cfg and slapos-client.cfg: which Master to talk to and
// as whom, and, for the embedded Master, the keys of slapproxy. It finds the file that
// a command uses.
//
// The package knows nothing of Starlark, of plans or of flags, and it does not talk to
// a Master.
package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"gopkg.in/ini.v1"

	"slapstar/internal/tree"
	"slapstar/slap"
)

// Variable is the environment variable that names the configuration file
// of the stock client commands.
const Variable = "SLAPOS_CLIENT_CONFIGURATION"

// A File is what slapstar uses of a slapos.cfg or slapos-client.cfg file.
// File names in it are absolute or relative to the working folder, as in the
// stock client, except for what embedded: names.
type File struct {
	Path string // the file it was read from

	// Untrusted says that the file is a stranger's: it names products, and that allows
	// no host to be asked for their schemas.
	Untrusted bool

	// [slapos], [slapconsole]
	MasterURL  string
	RESTURL    string // master_rest_url
	JSONRPCURL string // master_jsonrpc_url, slapstar's own key
	Project    string // project_reference, slapstar's own key
	CertFile   string // of the user; both or neither
	KeyFile    string
	CAFile     string // ca_file, slapstar's own key

	certSection string // where CertFile and KeyFile are from

	// [slapstar], slapstar's own section
	SchemaHosts []string // schema_hosts: HOST or HOST:PORT, from which schemas may be fetched
	MaxListing  int64    // max_listing, in bytes; 0 when absent

	// [slapos] and [slapproxy], for those who run a Master
	ComputerID string
	Proxy      Proxy
}

// A Error is a mistake in a configuration file.
type Error struct {
	Path, Section, Key string // Section and Key may be empty
	Message            string
}

func (e *Error) Error() string {
	s := e.Path
	if e.Section != "" {
		s += ": [" + e.Section + "]"
	}
	if e.Key != "" {
		s += " " + e.Key
	}
	return s + ": " + e.Message
}

// maxFile is the longest configuration file, in bytes.
const maxFile = 1 << 20

// Read reads a configuration file that a person names: it may lie anywhere.
func Read(path string) (*File, error) {
	data, err := tree.ReadNamed(path, maxFile)
	if err != nil {
		return nil, err
	}
	return Parse(path, data)
}

// ReadFound reads a configuration file that was found beside others, which may be a
// stranger's: it is a regular file of its folder, and no link that leads out of it. The
// error wraps [fs.ErrNotExist] when there is none.
func ReadFound(path string) (*File, error) {
	root, err := tree.Open(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer root.Close()
	data, err := tree.Read(root, filepath.Base(path), maxFile)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return Parse(path, data)
}

// Parse parses the text of a configuration file. Keys that slapstar has no use for are
// left alone: the same file serves the node agent and slapproxy. An error says where it
// is, and quotes nothing: the text may be that of another file than was meant.
func Parse(path string, data []byte) (*File, error) {
	// As Python's configparser does: indented lines continue a value, # and ; start
	// a comment only at the beginning of a line, key names ignore case, and
	// quotes and backslashes have no meaning.
	file, err := ini.LoadSources(ini.LoadOptions{
		AllowPythonMultilineValues: true,
		IgnoreInlineComment:        true,
		IgnoreContinuation:         true,
		PreserveSurroundedQuote:    true,
		InsensitiveKeys:            true,
		ChildSectionDelimiter:      "\x00", // no delimiter: [multimaster/http://a.b] is not a child of [multimaster/http://a]
	}, data)
	if err != nil {
		return nil, syntaxError(path, data, err)
	}
	r := reader{path, file, &Error{}}
	c, err := r.read()
	if r.wrong.Message != "" {
		return nil, r.wrong
	}
	if err != nil {
		return nil, err
	}
	c.Path = path
	return c, nil
}

// syntaxError says where in the file the mistake is, as far as the INI reader
// tells: it quotes the line.
func syntaxError(path string, data []byte, err error) error {
	wrong := &Error{Path: path, Message: "it is not a configuration: want [SECTION] and KEY = VALUE, in UTF-8"}
	delimiter, ok := errors.AsType[ini.ErrDelimiterNotFound](err)
	if !ok {
		return wrong
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		if strings.TrimSpace(line) == strings.TrimSpace(delimiter.Line) {
			wrong.Message = fmt.Sprintf("line %d: want KEY = VALUE", n)
			return wrong
		}
	}
	return wrong
}

// ClientOptions returns the options for a client of the configured Master. The error
// is a [*Error] if a URL is missing or not valid, or a file does not exist.
func (c *File) ClientOptions() (slap.Options, error) {
	if c.MasterURL == "" {
		return slap.Options{}, &Error{Path: c.Path, Section: "slapos", Key: "master_url", Message: "is missing"}
	}
	for _, key := range []struct{ name, value string }{
		{"master_url", c.MasterURL}, {"master_rest_url", c.RESTURL}, {"master_jsonrpc_url", c.JSONRPCURL},
	} {
		if key.value == "" {
			continue
		}
		if _, err := slap.ParseURL(key.value); err != nil {
			return slap.Options{}, &Error{Path: c.Path, Section: "slapos", Key: key.name, Message: err.Error()}
		}
	}
	for _, key := range []struct{ section, name, value string }{
		{c.certSection, "cert_file", c.CertFile}, {c.certSection, "key_file", c.KeyFile}, {"slapos", "ca_file", c.CAFile},
	} {
		if key.value == "" {
			continue
		}
		if _, err := os.Stat(key.value); err != nil {
			return slap.Options{}, &Error{Path: c.Path, Section: key.section, Key: key.name, Message: err.Error()}
		}
	}
	return slap.Options{
		MasterURL:  c.MasterURL,
		RESTURL:    c.RESTURL,
		JSONRPCURL: c.JSONRPCURL,
		Project:    c.Project,
		CertFile:   c.CertFile,
		KeyFile:    c.KeyFile,
		CAFile:     c.CAFile,
	}, nil
}

type reader struct {
	path  string
	file  *ini.File
	wrong *Error // the first value that cannot be read; its Message is empty until then
}

func (r reader) read() (*File, error) {
	if !r.file.HasSection("slapos") {
		return nil, &Error{Path: r.path, Section: "slapos", Message: "there is no such section"}
	}
	c := &File{
		MasterURL:  r.value("slapos", "master_url"),
		RESTURL:    r.value("slapos", "master_rest_url"),
		JSONRPCURL: r.value("slapos", "master_jsonrpc_url"),
		Project:    r.value("slapos", "project_reference"),
		CAFile:     expandHome(r.value("slapos", "ca_file")),
		ComputerID: r.value("slapos", "computer_id"),
	}
	// The certificate of [slapos] counts only when [slapconsole] has neither.
	for _, section := range []string{"slapconsole", "slapos"} {
		cert, key := r.value(section, "cert_file"), r.value(section, "key_file")
		if cert == "" && key == "" {
			continue
		}
		if cert == "" || key == "" {
			missing := "cert_file"
			if key == "" {
				missing = "key_file"
			}
			return nil, &Error{Path: r.path, Section: section, Key: missing,
				Message: "is missing: cert_file and key_file go together"}
		}
		c.CertFile, c.KeyFile, c.certSection = expandHome(cert), expandHome(key), section
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
func (r reader) schemaHosts() ([]string, error) {
	var list []string
	for _, line := range textLines(r.value(own, "schema_hosts")) {
		for _, host := range strings.FieldsFunc(line, func(c rune) bool { return c == ',' || unicode.IsSpace(c) }) {
			if _, _, err := slap.ParseHost(host); err != nil {
				return nil, &Error{Path: r.path, Section: own, Key: "schema_hosts", Message: err.Error()}
			}
			list = append(list, host)
		}
	}
	return list, nil
}

// maxListing returns max_listing, which is in MiB, in bytes.
func (r reader) maxListing() (int64, error) {
	text := r.value(own, "max_listing")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > mostListing {
		return 0, &Error{Path: r.path, Section: own, Key: "max_listing", Message: fmt.Sprintf("got %q, want a number of MiB from 1 to %d", text, mostListing)}
	}
	return n << 20, nil
}

// mostListing is the largest max_listing, in MiB.
const mostListing = 16 << 10

// value returns the value of a key, or that of the [DEFAULT] section, or "". It
// interpolates as Python does: %(name)s is the value of another key, %% is %.
func (r reader) value(section, key string) string {
	raw, ok := r.raw(section, key)
	if !ok {
		return ""
	}
	return strings.TrimSpace(r.interpolate(section, key, raw, 0))
}

func (r reader) raw(section, key string) (string, bool) {
	for _, name := range []string{section, ini.DefaultSection} {
		if s, err := r.file.GetSection(name); err == nil && s.HasKey(key) {
			return s.Key(key).Value(), true
		}
	}
	return "", false
}

// Limits of interpolation. The depth is that of Python.
const (
	maxInterpolation      = 64 << 10 // bytes of a value
	maxInterpolationDepth = 10
)

var reference = regexp.MustCompile(`%%|%\(([^)]+)\)s`)

// interpolate replaces references to other keys. Without the limits a few lines could
// make a value of any length.
func (r reader) interpolate(section, key, value string, depth int) string {
	if r.wrong.Message != "" {
		return ""
	}
	fail := func(format string, args ...any) {
		*r.wrong = Error{Path: r.path, Section: section, Key: key, Message: fmt.Sprintf(format, args...)}
	}
	if depth > maxInterpolationDepth {
		fail("it refers to other keys more than %d deep", maxInterpolationDepth)
		return ""
	}
	var b strings.Builder
	rest := value
	for {
		at := reference.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		b.WriteString(rest[:at[0]])
		if at[2] < 0 {
			b.WriteByte('%')
		} else {
			name := rest[at[2]:at[3]]
			raw, ok := r.raw(section, name)
			if !ok {
				fail("it refers to %%(…)s of a key that is not set")
				return ""
			}
			b.WriteString(r.interpolate(section, key, raw, depth+1))
		}
		if b.Len() > maxInterpolation {
			fail("with what it refers to it is longer than %d KiB", maxInterpolation>>10)
			return ""
		}
		rest = rest[at[1]:]
	}
	return b.String() + rest
}

func expandHome(path string) string {
	rest, ok := strings.CutPrefix(path, "~")
	if !ok || rest != "" && !strings.HasPrefix(rest, "/") {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return filepath.Join(home, rest)
}

// A Location is where a configuration file is.
type Location struct {
	Path  string // empty: there is no file
	Named bool   // by a person, or in the home folder: not found beside other files
	Given bool   // as an argument of Find
}

// Find returns the configuration file to use: named if it is not empty,
// else the one named by [Variable], else slapos.cfg beside the entry
// file, else slapos.cfg in the working folder, else the stock client's in the
// home folder. A file that was named is returned whether or not it exists.
func Find(named, entryFile string) (Location, error) {
	if named != "" {
		return Location{expandHome(named), true, true}, nil
	}
	if path := os.Getenv(Variable); path != "" {
		return Location{Path: expandHome(path), Named: true}, nil
	}
	for _, at := range []Location{
		{Path: filepath.Join(filepath.Dir(entryFile), "slapos.cfg")},
		{Path: "slapos.cfg"},
		{Path: expandHome("~/.slapos/slapos-client.cfg"), Named: true},
	} {
		_, err := os.Lstat(at.Path)
		if err == nil {
			return at, nil
		}
		if !errors.Is(err, os.ErrNotExist) {
			return Location{}, err
		}
	}
	return Location{}, nil
}
