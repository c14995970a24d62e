package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/config"
	"slapstar/starlib/lang"
)

// An Init makes a folder ready: a configuration that works, a file, a test.
type Init struct {
	Folder     string
	Connection Connection // its MasterURL and the files of the certificate are written
	More       []NewFile  // further files, with paths below Folder

	made bool // the folder was not there
}

// An Initialised is what became of a folder.
type Initialised struct {
	Wrote, Kept []string // file names below the folder
	Master      string   // as a plan names it
	Instances   int      // that it has
	Embedded    bool
}

// The files of a folder.
const (
	configurationFile = "slapos.cfg"
	InitEntry         = "main.star"
	initTest          = "main_test.star"
	ignoreFile        = ".gitignore"
)

// EmbeddedMaster is the Master of a folder that has none elsewhere.
const EmbeddedMaster = embedded + "master.sqlite"

// Configured reports whether a folder has a configuration: then its Master is known.
func Configured(folder string) bool {
	_, err := os.Lstat(filepath.Join(folder, configurationFile))
	return err == nil
}

// Run tries the Master, and writes what is missing. Nothing is written if the Master does
// not answer, and no file is changed.
func (i *Init) Run(ctx context.Context) (*Initialised, error) {
	if err := i.makeFolder(); err != nil {
		return nil, err
	}
	done, err := i.run(ctx)
	if err != nil && i.made {
		os.Remove(i.Folder) // if it is empty
	}
	return done, err
}

func (i *Init) makeFolder() error {
	if _, err := os.Stat(i.Folder); errors.Is(err, fs.ErrNotExist) {
		i.made = true
	}
	return os.MkdirAll(i.Folder, 0o777)
}

func (i *Init) run(ctx context.Context) (*Initialised, error) {
	path := filepath.Join(i.Folder, configurationFile)
	var text string
	if !Configured(i.Folder) {
		var err error
		if text, err = i.configuration(nil); err != nil {
			return nil, err
		}
		if path, err = beside(NewFile{Path: path, Text: []byte(text), Mode: 0o600}); err != nil {
			return nil, err
		}
		defer os.Remove(path)
	}
	done, products, err := i.try(ctx, path)
	if err != nil {
		return nil, err
	}
	if text != "" {
		if text, err = i.configuration(products); err != nil {
			return nil, err
		}
	}
	entry := emptyEntry
	if done.Embedded && done.Instances == 0 && len(products) > 0 { // what is there is somebody's
		entry = fmt.Sprintf(firstEntry, products[0][0], products[0][0])
	}
	files := append([]NewFile{
		{configurationFile, []byte(text), 0o600},
		{InitEntry, []byte(entry), 0o644},
		{initTest, []byte(firstTest), 0o644},
		{ignoreFile, []byte(firstIgnore), 0o644},
	}, i.More...)
	var missing []NewFile
	for _, f := range files {
		name := f.Path
		f.Path = filepath.Join(i.Folder, filepath.FromSlash(name))
		if _, err := os.Lstat(f.Path); err == nil {
			done.Kept = append(done.Kept, name)
			continue
		}
		if err := os.MkdirAll(filepath.Dir(f.Path), 0o777); err != nil {
			return nil, err
		}
		missing = append(missing, f)
		done.Wrote = append(done.Wrote, name)
	}
	return done, WriteNew(missing, false)
}

// try reads the account with a configuration, and the products that the Master lists, each
// with its best release.
func (i *Init) try(ctx context.Context, path string) (*Initialised, [][2]string, error) {
	c := i.Connection
	c.File, c.MasterURL, c.CertFile, c.KeyFile, c.CAFile = path, "", "", "", ""
	m, err := c.Open("", true)
	if err != nil {
		return nil, nil, err
	}
	defer m.Close()
	state, err := engine.Observe(ctx, m.Reader())
	if err != nil {
		return nil, nil, fmt.Errorf("trying the Master: %w", err)
	}
	done := &Initialised{Master: m.Location, Instances: len(state.Names()), Embedded: m.url == ""}
	if done.Embedded {
		if len(m.Products) == 0 {
			return done, firstProducts, nil
		}
		var list [][2]string
		for _, name := range m.Products {
			list = append(list, [2]string{name, m.settings.Proxy.Products[name]})
		}
		return done, list, nil
	}
	products, err := m.products(ctx)
	return done, products, err
}

// mostProducts is how many products are written.
const mostProducts = 200

func (m *Master) products(ctx context.Context) ([][2]string, error) {
	listed, err := m.ListProducts(ctx)
	if ctx.Err() != nil {
		return nil, err
	}
	var list [][2]string
	for _, p := range listed {
		if p.Reference == "" || strings.ContainsFunc(p.Reference, unicode.IsSpace) || len(list) == mostProducts {
			continue
		}
		releases, err := m.Product(ctx, p.Reference)
		if ctx.Err() != nil {
			return nil, err
		}
		if err == nil && len(releases) > 0 && len(strings.Fields(releases[0])) == 1 {
			list = append(list, [2]string{p.Reference, releases[0]})
		}
	}
	return list, nil
}

// configuration is the text of slapos.cfg.
func (i *Init) configuration(products [][2]string) (string, error) {
	c := i.Connection
	var b strings.Builder
	b.WriteString("# slapos.cfg.example of slapstar shows what else may be here.\n[slapos]\n")
	var err error
	write := func(key, value string) {
		if strings.ContainsFunc(value, unicode.IsControl) || strings.TrimSpace(value) != value {
			err = fmt.Errorf("%s: got %q, want one line", key, value)
		}
		fmt.Fprintf(&b, "%s = %s\n", key, strings.ReplaceAll(value, "%", "%%"))
	}
	file := func(key, value string) {
		if value = config.ExpandHome(value); value != "" {
			if absolute, failed := filepath.Abs(value); failed == nil {
				value = absolute // the configuration says files from the working folder otherwise
			}
			write(key, value)
		}
	}
	write("master_url", c.MasterURL)
	if strings.HasPrefix(c.MasterURL, embedded) {
		write("computer_id", defaultComputer)
	} else if _, failed := slap.ParseURL(c.MasterURL); failed != nil {
		return "", fmt.Errorf("--master-url: %w", failed)
	}
	if c.Project != "" {
		write("project_reference", c.Project)
	}
	file("ca_file", c.CAFile)
	if c.CertFile != "" || c.KeyFile != "" {
		b.WriteString("\n[slapconsole]\n")
		file("cert_file", c.CertFile)
		file("key_file", c.KeyFile)
	}
	if len(products) > 0 {
		b.WriteString("\n[slapproxy]\n")
		if !strings.HasPrefix(c.MasterURL, embedded) {
			b.WriteString("# What product.NAME stood for when this was written: the Master is asked, and slapstar test\n# takes these.\n")
		}
		b.WriteString("software_product_list =\n")
		for _, p := range products {
			fmt.Fprintf(&b, "  %s %s\n", p[0], strings.ReplaceAll(p[1], "%", "%%"))
		}
	}
	return b.String(), err
}

// firstProducts are those of an embedded Master that has none.
var firstProducts = [][2]string{
	{"kvm", "https://lab.nexedi.com/nexedi/slapos/raw/1.0.48/software/kvm/software.cfg"},
	{"erp5", "https://lab.nexedi.com/nexedi/slapos/raw/1.0.48/software/erp5/software.cfg"},
	{"mariadb", "https://lab.nexedi.com/nexedi/slapos/raw/1.0.48/software/mariadb/software.cfg"},
}

const (
	firstEntry = `# What the Master is to have.

supply(product.%s, "local_computer")

request(product.%s, "my-first-service")
`
	emptyEntry = `# What the Master is to have: calls of request and supply, such as
#
#     request(product.kvm, "my-first-service")
#
# slapstar import --out existing.star writes what there is already.
`
	firstTest = `# slapstar test runs these against a Master in memory.

def test_apply_ends_empty():
    assert.true(apply("main.star").empty)
`
	firstIgnore = `# The database of an embedded Master, and plans that were saved.
*.sqlite
*.sqlite-shm
*.sqlite-wal
*.sqlite.lock
*.plan.json
# What is secret.
*.key
/secrets/
`
)

// CheckInit refuses a folder that is a file.
func CheckInit(folder string) error {
	if info, err := os.Stat(folder); err == nil && !info.IsDir() {
		return lang.Hint(fmt.Errorf("%s is a file, want a folder", folder), "name another folder")
	}
	return nil
}

// WithoutMaster is a Connection that takes all from the configuration.
func (c Connection) WithoutMaster() Connection {
	c.File, c.MasterURL, c.Project, c.CertFile, c.KeyFile, c.CAFile = "", "", "", "", "", ""
	return c
}
