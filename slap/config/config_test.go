package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"slapstar/slap"
)

func writeConfig(t *testing.T, text string) string {
	path := filepath.Join(t.TempDir(), "slapos.cfg")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadConfig(t *testing.T) {
	t.Setenv("HOME", "/home/shop")
	for _, test := range []struct {
		name, text string
		want       File
	}{
		{
			"client",
			"[slapos]\nmaster_url = https://slap.example/\n[slapconsole]\ncert_file = ~/.slapos/client.crt\nkey_file = ~/.slapos/client.key\n",
			File{MasterURL: "https://slap.example/", CertFile: "/home/shop/.slapos/client.crt", KeyFile: "/home/shop/.slapos/client.key"},
		},
		{
			"the user's certificate comes before the node's, and key names have no case",
			"[slapos]\nMaster_URL: http://x/\ncert_file=a\nkey_file=b\n[slapconsole]\ncert_file=c\nkey_file=d\n",
			File{MasterURL: "http://x/", CertFile: "c", KeyFile: "d"},
		},
		{
			"the node's certificate",
			"[slapos]\nmaster_url=http://x/\ncert_file=a\nkey_file=b\n[slapconsole]\n",
			File{MasterURL: "http://x/", CertFile: "a", KeyFile: "b"},
		},
		{
			"values are not cut at ; or #, nor changed at quotes and backslashes",
			"[slapos]\nmaster_url = http://x/?a;b #c\nmaster_rest_url = \"q\" `r` %%20\\\n; comment\n# comment\ncomputer_id = COMP-1\n",
			File{MasterURL: "http://x/?a;b #c", RESTURL: "\"q\" `r` %20\\", ComputerID: "COMP-1"},
		},
		{
			"interpolation and DEFAULT",
			"[DEFAULT]\nname = h\n[slapos]\nmaster_url = http://%(name)s/\n",
			File{MasterURL: "http://h/"},
		},
		{
			"slapstar",
			"[slapos]\nmaster_url = http://x/\n[slapstar]\nschema_hosts = lab.example, 10.0.0.1:8000\n  [::1]:81\n  # no\nmax_listing = 256\n",
			File{MasterURL: "http://x/", SchemaHosts: []string{"lab.example", "10.0.0.1:8000", "[::1]:81"}, MaxListing: 256 << 20},
		},
		{
			"slapproxy",
			"[slapos]\ncomputer_id = n\n[slapproxy]\nhost = ::1\nport = 5000\ndatabase_uri = ~/proxy.db\nsoftware_product_list =\n  kvm https://lab/kvm/software.cfg\n  # old https://lab/old\n  erp5 https://lab/erp5;x#y\nlog_file = ~/proxy.log\nallow_host = master.example other.example\n  third.example\n\n[multimaster/https://x/]\nkey = ~/k\ncert = c\nsoftware_release_list =\n  https://lab/a\n  https://lab/b\n\n[multimaster/http://b.c]\n[multimaster/http://b]\ncomputer = COMP-1\npartition = slappart0\nsoftware_release_list =\n",
			File{ComputerID: "n", Proxy: Proxy{Host: "::1", Port: 5000, Database: "/home/shop/proxy.db", LogFile: "/home/shop/proxy.log",
				Hosts: []string{"master.example", "other.example", "third.example"},
				Masters: []Multimaster{{URL: "http://b", Computer: "COMP-1", Partition: "slappart0"}, {URL: "http://b.c"},
					{URL: "https://x/", KeyFile: "/home/shop/k", CertFile: "c", Releases: []string{"https://lab/a", "https://lab/b"}}},
				Products: map[string]string{"kvm": "https://lab/kvm/software.cfg", "erp5": "https://lab/erp5;x#y"}}},
		},
		{
			"full profile",
			"[slapos]\nfull_projects = A B\n[slapproxy]\nfull_catalog_delay = 0.3\nfull_persons =\n  alice A:manager\n  bob B\n",
			File{Proxy: Proxy{Host: "127.0.0.1", Products: map[string]string{},
				Full: map[string]string{"projects": "A B", "catalog_delay": "0.3", "persons": "alice A:manager\nbob B"}}},
		},
		{
			"[slapos] and [slapproxy] share one namespace",
			"[slapos]\nport = 1\n[slapproxy]\nport = 2\nhost = h\n",
			File{Proxy: Proxy{Host: "h", Port: 1, Products: map[string]string{}}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Read(writeConfig(t, test.text))
			if err != nil {
				t.Fatal(err)
			}
			if test.want.Proxy.Host == "" {
				test.want.Proxy = Proxy{Host: "127.0.0.1", Products: map[string]string{}}
			}
			got.Path, got.certSection = "", ""
			if diff := cmp.Diff(test.want, *got, cmp.AllowUnexported(File{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadConfigRefuses(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"no section", "[slapconsole]\n", ": [slapos]: there is no such section"},
		{"half a certificate", "[slapos]\n[slapconsole]\ncert_file = a\n", ": [slapconsole] key_file: is missing"},
		{"the other half", "[slapos]\nkey_file = a\n", ": [slapos] cert_file: is missing"},
		{"port", "[slapos]\n[slapproxy]\nport = http\n", `: [slapproxy] port: got "http", want a port number`},
		{"product", "[slapos]\n[slapproxy]\nsoftware_product_list =\n  kvm\n", `: [slapproxy] software_product_list: got line "kvm", want NAME URL`},
		{"multimaster URL", "[slapos]\n[multimaster/x]\n", `: [multimaster/x]: got "x", want http://HOST:PORT/`},
		{"multimaster pair", "[slapos]\n[multimaster/http://x]\npartition = p\n", `: [multimaster/http://x] computer: computer and partition go together`},
		{"schema host", "[slapos]\n[slapstar]\nschema_hosts = lab.example https://x/\n", `: [slapstar] schema_hosts: got "https://x/", want HOST or HOST:PORT`},
		{"schema path", "[slapos]\n[slapstar]\nschema_hosts = x/y\n", `: [slapstar] schema_hosts: got "x/y"`},
		{"listing", "[slapos]\n[slapstar]\nmax_listing = 64 MiB\n", `: [slapstar] max_listing: got "64 MiB", want a number of MiB`},
		{"no listing", "[slapos]\n[slapstar]\nmax_listing = 0\n", `: [slapstar] max_listing: got "0"`},
		{"not a configuration", "request(\"x\")\n", `slapos.cfg:1: got text before the first section, want [SECTION]`},
		{"a line without a value", "[slapos]\nmaster_url = x\n\n[slapconsole]\ncert_file\n", `slapos.cfg:5: got a line without = or :, want KEY = VALUE or [SECTION]`},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := writeConfig(t, test.text)
			_, err := Read(path)
			if err == nil || !strings.HasPrefix(err.Error(), path) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one of %s that contains %q", err, path, test.want)
			}
		})
	}
}

func TestClientOptions(t *testing.T) {
	path := writeConfig(t, "[slapos]\nmaster_url = http://x/\nmaster_rest_url = http://x/h\nmaster_jsonrpc_url = http://x/api\nproject_reference = PROJ-1\nca_file = config_test.go\n")
	c, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.ClientOptions()
	want := slap.Options{MasterURL: "http://x/", RESTURL: "http://x/h", JSONRPCURL: "http://x/api", Project: "PROJ-1", CAFile: "config_test.go"}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, test := range []struct{ text, want string }{
		{"master_url = nonsense", `master_url: got "nonsense", want http://HOST:PORT/ or https://HOST:PORT/`},
		{"master_url = https://me:hush@x/", `master_url: it holds a user name or a password`},
		{"master_url = http://x/\nmaster_rest_url = //x", `master_rest_url: got "//x", want http`},
		{"master_url = http://x/\ncert_file = gone.crt\nkey_file = gone.key", `cert_file: stat gone.crt: no such file`},
		{"master_url = http://x/\nca_file = gone.pem", `ca_file: stat gone.pem: no such file`},
	} {
		path := writeConfig(t, "[slapos]\n"+test.text+"\n")
		c, err := Read(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.ClientOptions()
		if err == nil || !strings.HasPrefix(err.Error(), path+": [slapos] "+test.want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: got error %v, want %s", test.text, err, test.want)
		}
	}
	c.MasterURL = ""
	if _, err := c.ClientOptions(); err == nil || err.Error() != path+": [slapos] master_url: is missing" {
		t.Errorf("got error %v", err)
	}
}

// The order in which a configuration file is looked for.
func TestFindConfig(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("HOME", filepath.Join(dir, "home"))
	t.Setenv(Variable, "")
	for _, file := range []string{"files/slapos.cfg", "slapos.cfg", "home/.slapos/slapos-client.cfg"} {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	check := func(named, want string) {
		t.Helper()
		got, err := Find(named, "files/main.star")
		if err != nil || got.Path != want {
			t.Errorf("Find(%q): got %+v, %v, want %q", named, got, err, want)
		}
	}
	check("~/x.cfg", filepath.Join(dir, "home", "x.cfg"))
	t.Setenv(Variable, "~/y.cfg")
	check("named.cfg", "named.cfg")
	check("", filepath.Join(dir, "home", "y.cfg"))
	t.Setenv(Variable, "")
	for _, want := range []string{"files/slapos.cfg", "slapos.cfg", filepath.Join(dir, "home/.slapos/slapos-client.cfg"), ""} {
		check("", want)
		if want != "" {
			if err := os.Remove(want); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// A configuration that was found is a file of its folder, and an error quotes nothing of
// what a link leads to.
func TestReadFound(t *testing.T) {
	dir := t.TempDir()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("ghp_verysecret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "slapos.cfg")
	if err := os.Symlink(token, path); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFound(path); err == nil || !strings.Contains(err.Error(), "it leads out of the folder") {
		t.Errorf("a link: got %v", err)
	}
	if _, err := Read(path); err == nil || strings.Contains(err.Error(), "ghp_") {
		t.Errorf("a link that is named: got %v, want an error that does not quote it", err)
	}
	for _, text := range []string{"[ghp_unclosed\n", "= ghp_value\n", "ghp_a\n", "\xff\xfeghp\n", "[slapos]\nghp_key\n"} {
		if _, err := Parse("slapos.cfg", []byte(text)); err == nil || strings.Contains(err.Error(), "ghp") {
			t.Errorf("%q: got %v, want an error that does not quote it", text, err)
		}
	}
}

// What a value becomes is bounded.
func TestInterpolationIsBounded(t *testing.T) {
	bomb := "[slapos]\nmaster_url = %(a)s\n"
	for c := 'a'; c < 'i'; c++ {
		bomb += string(c) + " = " + strings.Repeat("%("+string(c+1)+")s", 20) + "\n"
	}
	bomb += "i = xxxxxxxxxxxxxxxxxxxx\n"
	for text, want := range map[string]string{
		bomb: "longer than 64 KiB",
		"[slapos]\nmaster_url = %(master_url)s\n": "more than 10 deep",
		"[slapos]\nmaster_url = %(nothing)s\n":    "a key that is not set",
	} {
		if _, err := Parse("slapos.cfg", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: got %v, want %q", text, err, want)
		}
	}
}
