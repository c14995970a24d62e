package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap/config"
)

// configurationFiles is how many files both read.
const configurationFiles = 1500

// stricter is what ours refuses although the stock commands read the file. The others
// are what both do not read.
var stricter = map[string]*regexp.Regexp{
	"a section that is needed":    regexp.MustCompile(`^\[slapos\]: there is no such section$`),
	"a value of several lines":    regexp.MustCompile(`^\d+: \[.*\] \S+: got a value of \d+ lines, want one: `),
	"half of a pair":              regexp.MustCompile(`^\d+: \[.*\] \S+: .*\bgo together`),
	"a port":                      regexp.MustCompile(`^\d+: \[slap\w+\] port: got ".*", want a port number$`),
	"a product":                   regexp.MustCompile(`(?s)^\d+: \[slap\w+\] software_product_list: got line ".*", want NAME URL$`),
	"a host for schemas":          regexp.MustCompile(`(?s)^\d+: \[slapstar\] schema_hosts: got ".*", want HOST or HOST:PORT`),
	"the size of a listing":       regexp.MustCompile(`^\d+: \[slapstar\] max_listing: got ".*", want a number of MiB`),
	"a URL of another Master":     regexp.MustCompile(`(?s)^\d+: \[multimaster/.*\]: got ".*", want http`),
	"a key that ini cannot write": regexp.MustCompile(`^\d+: got a key that is - or begins with `),
	"interpolation elsewhere":     regexp.MustCompile(`^\d+: \[(slapstar|slapproxy|multimaster/.*)\]: got a value `),
}

// Random configurations are read as the stock commands read them, or refused with a
// message that says where the mistake is, what was found and what is wanted.
func TestConfigurations(t *testing.T) {
	s := newSite(t)
	folder := filepath.Join(s.dir, "configurations")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	g := generator{Rand: rand.New(rand.NewPCG(14, 4))}
	for i := range configurationFiles {
		s.write(fmt.Sprintf("configurations/%04d.cfg", i), g.file())
	}
	var stock map[string]struct{ Client, Proxy stockReading }
	out := s.must(0, filepath.Join(s.peer, "bin", "python"), script(t, "configuration.py"), folder).stdout
	if err := json.Unmarshal([]byte(out), &stock); err != nil || len(stock) != configurationFiles {
		t.Fatalf("got %d readings, %v", len(stock), err)
	}
	counts, totals := map[string]int{}, map[string]int{}
	for name, want := range stock {
		path := filepath.Join(folder, name)
		kind, problem := compareReading(path, want.Client, want.Proxy)
		counts[kind]++
		total, _, _ := strings.Cut(kind, ":")
		totals[total]++
		if problem != "" {
			text, _ := os.ReadFile(path)
			t.Errorf("%s: %s\n%q", name, problem, text)
		}
	}
	t.Logf("%d files: %v, in detail %v", len(stock), totals, counts)
	for kind, least := range map[string]int{"read alike": configurationFiles / 4, "refused by both": configurationFiles / 10} {
		if totals[kind] < least {
			t.Errorf("%s: got %d files, want %d at least", kind, totals[kind], least)
		}
	}
}

// A stockReading is what configuration.py printed of a file.
type stockReading struct {
	Error string

	MasterURL   string `json:"master_url"`
	RESTURL     string `json:"master_rest_url"`
	JSONRPCURL  string `json:"master_jsonrpc_url"`
	Project     string `json:"project_reference"`
	CertFile    string `json:"cert_file"`
	KeyFile     string `json:"key_file"`
	CAFile      string `json:"ca_file"`
	SchemaHosts string `json:"schema_hosts"`
	MaxListing  string `json:"max_listing"`

	Host        string
	Port        string
	Database    string `json:"database_uri"`
	LogFile     string `json:"log_file"`
	ComputerID  string `json:"computer_id"`
	Products    string `json:"software_product_list"`
	AllowHost   string `json:"allow_host"`
	Multimaster map[string]struct {
		Releases                       []string `json:"software_release_list"`
		Cert, Key, Computer, Partition string
	}
}

// compareReading returns what became of a file, and what is wrong with that.
func compareReading(path string, client, proxy stockReading) (kind, problem string) {
	c, err := config.Read(path)
	if err != nil {
		return compareRefusal(path, err, client, proxy)
	}
	if client.Error != "" {
		return "laxer", "slapstar reads it, the stock client does not: " + client.Error
	}
	if diff := cmp.Diff(clientReading(client), ourClientReading(c)); diff != "" {
		return "other", "client (-stock +slapstar):\n" + diff
	}
	if err := c.CheckProxy(); err != nil {
		if proxy.Error == "" {
			return "stricter", "slapstar proxy refuses it, slapproxy does not: " + err.Error()
		}
		return "read alike by clients, refused by both proxies", ""
	}
	if proxy.Error != "" {
		return "laxer", "slapstar proxy reads it, slapproxy does not: " + proxy.Error
	}
	if diff := cmp.Diff(proxyReading(proxy), ourProxyReading(c)); diff != "" {
		return "other", "proxy (-stock +slapstar):\n" + diff
	}
	return "read alike", ""
}

// compareRefusal looks at what slapstar did not read.
func compareRefusal(path string, err error, client, proxy stockReading) (kind, problem string) {
	wrong, ok := errors.AsType[*config.Error](err)
	if !ok {
		return "other", "got an error of another kind: " + err.Error()
	}
	message := strings.TrimPrefix(strings.TrimPrefix(err.Error(), path), ":")
	message = strings.TrimPrefix(message, " ")
	if client.Error != "" && proxy.Error != "" || client.Error != "" && wrong.Section == "slapos" {
		return "refused by both: " + strings.SplitN(client.Error, ":", 2)[0], ""
	}
	for kind, pattern := range stricter {
		if pattern.MatchString(message) {
			return "stricter: " + kind, ""
		}
	}
	return "other", "slapstar alone refuses it: " + err.Error()
}

func one(value string) string { return strings.TrimSpace(value) }

// clientReading is what a client takes, without white space around it.
func clientReading(r stockReading) []string {
	return []string{one(r.MasterURL), one(r.RESTURL), one(r.JSONRPCURL), one(r.Project), one(r.CertFile), one(r.KeyFile), one(r.CAFile),
		strings.Join(strings.Fields(strings.ReplaceAll(r.SchemaHosts, ",", " ")), " "), one(r.MaxListing)}
}

func ourClientReading(c *config.File) []string {
	listing := ""
	if c.MaxListing > 0 {
		listing = fmt.Sprint(c.MaxListing >> 20)
	}
	return []string{c.MasterURL, c.RESTURL, c.JSONRPCURL, c.Project, c.CertFile, c.KeyFile, c.CAFile, strings.Join(c.SchemaHosts, " "), listing}
}

// proxyReading is what a slapproxy takes.
func proxyReading(r stockReading) any {
	p := config.Proxy{Host: one(r.Host), Database: one(r.Database), LogFile: one(r.LogFile), Products: map[string]string{}}
	if p.Host == "" {
		p.Host = "127.0.0.1"
	}
	fmt.Sscan(r.Port, &p.Port)
	for line := range strings.Lines(r.Products) {
		if fields := strings.Fields(line); len(fields) == 2 {
			p.Products[fields[0]] = fields[1]
		}
	}
	masters := map[string]config.Multimaster{}
	for url, m := range r.Multimaster {
		list := strings.Split(strings.Trim(strings.Join(m.Releases, "\n"), "\n"), "\n")
		masters[url] = config.Multimaster{URL: url, CertFile: one(m.Cert), KeyFile: one(m.Key), Computer: one(m.Computer), Partition: one(m.Partition),
			Releases: filled(list)}
	}
	return []any{p, strings.Fields(r.AllowHost), one(r.ComputerID), masters}
}

func ourProxyReading(c *config.File) any {
	p := c.Proxy
	p.Masters, p.Hosts = nil, nil
	masters := map[string]config.Multimaster{}
	for _, m := range c.Proxy.Masters {
		m.Releases = filled(m.Releases)
		masters[m.URL] = m
	}
	return []any{p, append([]string{}, c.Proxy.Hosts...), c.ComputerID, masters}
}

// filled leaves out empty lines.
func filled(lines []string) []string {
	list := []string{}
	for _, line := range lines {
		if line != "" {
			list = append(list, line)
		}
	}
	return list
}

// A generator makes configurations that are nearly well formed.
type generator struct {
	*rand.Rand
	care int // of the file: mistakes are so many times rarer
}

func (g generator) pick(list ...string) string { return list[g.IntN(len(list))] }

// rarely is true one time in n.
func (g generator) rarely(n int) bool { return g.IntN(n) == 0 }

// mistake is true as rarely as the care that is taken of the file says.
func (g generator) mistake(n int) bool { return g.IntN(n*g.care) == 0 }

func (g generator) file() string {
	g.care = []int{1, 20, 100}[g.IntN(3)]
	var b strings.Builder
	if g.mistake(15) {
		b.WriteString("\ufeff")
	}
	if g.mistake(20) {
		b.WriteString(g.pick("key = before\n", "  # a comment\n", "nothing\n", "\n\n", " indented = before\n"))
	}
	if !g.mistake(3) { // what values refer to
		b.WriteString("[DEFAULT]\nname = n\nx = " + g.word() + "\nOther : o\n")
	}
	names := []string{"slapos", "slapconsole", "slapproxy", "slapstar", "multimaster/http://a.example", "multimaster/https://[::1]:5000/", "slapformat"}
	g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for _, name := range names {
		if name != "slapos" && g.rarely(2) {
			continue
		}
		g.section(&b, name)
	}
	if g.rarely(10) {
		g.section(&b, g.pick("DEFAULT", "Slapos", " slapos", "default", "]", "multimaster/http://b.example"))
	}
	if g.mistake(20) {
		g.section(&b, g.pick("slapos", "slapproxy", "DEFAULT", "Slapos", " slapos", "default", "]", "multimaster/http://a.example"))
	}
	text := b.String()
	switch {
	case g.rarely(8):
		text = strings.ReplaceAll(text, "\n", "\r\n")
	case g.rarely(40):
		text = strings.ReplaceAll(text, "\n", "\r")
	case g.mistake(20):
		at := g.IntN(len(text))
		text = text[:at] + g.pick("\xff", "\xe9", "\xc0\x80", "\xed\xa0\x80", "\x80") + text[at:]
	case g.rarely(15):
		text = strings.TrimRight(text, "\n")
	}
	return text
}

func (g generator) section(b *strings.Builder, name string) {
	if g.rarely(8) {
		b.WriteString(g.pick(" ", "  ", "\t"))
	}
	b.WriteString("[" + name + "]" + g.pick("", "", "", "", "", " ", " # comment", "; comment", "x = y") + "\n")
	keys := map[string][]string{
		"slapos":      {"master_url", "master_rest_url", "master_jsonrpc_url", "project_reference", "ca_file", "computer_id", "cert_file key_file", "port", "host"},
		"slapconsole": {"cert_file key_file", "master_url"},
		"slapproxy":   {"host", "port", "database_uri", "log_file", "software_product_list", "allow_host", "computer_id"},
		"slapstar":    {"schema_hosts", "max_listing"},
		"DEFAULT":     {"computer_id", "master_rest_url", "host", "cert_file key_file"},
	}[name]
	if strings.HasPrefix(name, "multimaster/") {
		keys = []string{"software_release_list", "cert key", "computer partition"}
	}
	if name != "DEFAULT" || g.mistake(12) {
		keys = append(keys, "name", "x", "other")
	}
	g.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	indent := g.pick("", "", "", "", "", "  ", "\t")
	for i, pair := range keys {
		if i > 0 && g.rarely(2) {
			continue
		}
		for _, key := range strings.Fields(pair) {
			if g.mistake(60) {
				continue
			}
			g.key(b, indent, key)
			if g.mistake(250) {
				g.key(b, indent, key)
			}
		}
	}
}

func (g generator) key(b *strings.Builder, indent, key string) {
	if g.rarely(10) {
		b.WriteString(g.pick("# comment\n", "; a = comment\n", "\n", "  # indented comment\n", "   \n", "#\n"))
	}
	if g.mistake(30) {
		indent += g.pick(" ", "  ", "\t", "\u00a0", "\f")
	}
	name := key
	switch {
	case g.rarely(8):
		name = strings.ToUpper(key)
	case g.rarely(12):
		name = strings.ToUpper(key[:1]) + key[1:]
	case g.mistake(150):
		name = g.pick("", "-", "[x", `"quoted"`, "`", "two words", "Straße", "İ", "[]", "dotted.name", "%(x)s")
	}
	delimiter := g.pick(" = ", " = ", " = ", "=", ": ", ":", " : ", "\t=\t", " =  ")
	if g.mistake(200) {
		delimiter = g.pick("", " ", " == ", ":=")
	}
	b.WriteString(indent + name + delimiter + g.value(key) + "\n")
	if many := strings.HasSuffix(key, "_list") || key == "schema_hosts" || key == "allow_host" || key == "other" || key == "x" && g.rarely(6); many || g.mistake(40) {
		g.more(b, indent, key)
	}
}

// more writes lines that a value may go on with.
func (g generator) more(b *strings.Builder, indent, key string) {
	for range g.IntN(5) {
		switch g.IntN(8) {
		case 0:
			b.WriteString(g.pick("\n", "  \n", "\n\n", "\t\n", indent+"\n"))
		case 1:
			b.WriteString(g.pick("# comment\n", "  # comment\n", indent+"; comment\n", "      ;x = y\n"))
		default:
			b.WriteString(indent + g.pick(" ", "  ", "    ", "\t", "\u2003", "\x1c") + g.value(key) + g.pick("", "", "", " ", "\t") + "\n")
		}
	}
}

func (g generator) value(key string) string {
	if g.mistake(12) {
		return g.pick("", "", "%(x)s", "%(name)s", "%(NAME)s-%(x)s", "100%%", "%(nope)s", "50%", "%", "%(", "%(x", "%()s", "%(x)d", "%%(x)s", "%(other)s", "%("+key+")s", "a ; b", "a # b", "#a", ";a")
	}
	text := g.word()
	switch key {
	case "master_url", "master_rest_url", "master_jsonrpc_url":
		text = g.pick("http://", "https://") + g.word() + g.pick("", "/", ":5000/", "/?a;b#c", "/%%20", "/%(x)s")
	case "port":
		text = g.pick("5000", "5001", "0", "80")
	case "max_listing":
		text = g.pick("64", "1", "256")
	case "schema_hosts", "allow_host":
		text = g.pick("lab.example", "10.0.0.1:8000 b.example", "[::1]:81", "lab.example, b.example")
		if key == "allow_host" {
			text = strings.ReplaceAll(text, ",", "")
		}
	case "software_product_list":
		text = g.pick("kvm", "erp5", "monitor") + " https://lab.example/" + g.word() + "/software.cfg"
	case "software_release_list":
		text = "https://lab.example/" + g.word() + "/software.cfg"
	case "cert_file", "key_file":
		text = g.pick("", "", "~/", "/", "~root/", "~//a/../") + text
	case "x":
		return g.pick(text, text, "%(other)s", "1", "a b")
	case "name", "other":
		return text
	}
	if strings.Contains(key, "master") || strings.Contains(key, "_file") || key == "software_release_list" {
		text += g.pick("", "", "", "", "", "", "", "%(x)s", "%(name)s", "-%(NAME)s-%(x)s", "%%", "%%(x)s", "%(Other)s")
	}
	return text
}

func (g generator) word() string {
	return g.pick("a", "b.example", "COMP-1", "é", "日本", "a-b_c", "x;y", "x#y", `"q"`, "`r`", `"""t"""`, `back\`, "'s'", "a=b", "a:b", "z\u00a0z", "v\vw", "u\u2028v", "[w]")
}
