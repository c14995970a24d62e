// Package config reads slapos.cfg and slapos-client.cfg: which Master to talk to and
// as whom, and, for the embedded Master, the keys of slapproxy. It finds the file that
// a command uses.
//
// The package knows nothing of Starlark, of plans or of flags, and it does not talk to
// a Master.
package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

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

	unread error // see CheckProxy
}

// An Error is a mistake in a configuration file.
type Error struct {
	Path         string
	Line         int    // 0: of no line
	Section, Key string // may be empty
	Message      string
}

func (e *Error) Error() string {
	s := e.Path
	if e.Line > 0 {
		s += ":" + strconv.Itoa(e.Line)
	}
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
// is, and quotes no text but values of keys that slapstar uses: the text may be that of
// another file than was meant.
func Parse(path string, data []byte) (*File, error) {
	file, err := read(path, data)
	if err != nil {
		return nil, err
	}
	r := newReader(path, file)
	c, err := r.read()
	if r.wrong != nil {
		return nil, r.wrong
	}
	if err != nil {
		return nil, err
	}
	c.Path = path
	c.unread = r.unread()
	return c, nil
}

// CheckProxy returns the mistake in the sections that slapstar does not read: a slapproxy
// reads all, and does not start with it.
func (c *File) CheckProxy() error { return c.unread }

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
