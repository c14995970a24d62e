package run

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"slapstar/slap"
	"slapstar/slap/config"
	"slapstar/slap/release"
	"slapstar/starlib/lang"
)

// Schemas returns what reads the schemas of releases for an evaluation of files: below
// their root, and from the web as far as the configuration and the Master name hosts.
func (m *Master) Schemas(in lang.Source) *release.Schemas {
	return newSchemas(m.settings, m.url, m.budget, schemaRoot(in))
}

// Schemas returns what reads the schemas of releases where no Master is asked.
func (c Connection) Schemas(settings *config.File, in lang.Source) *release.Schemas {
	master := settings.MasterURL
	if c.MasterURL != "" {
		master = c.MasterURL
	}
	s := newSchemas(settings, master, c.Budget, schemaRoot(in))
	s.Patience = 0 // who asks for nothing but schemas waits for them
	return s
}

// embeddedPatience is how long a host may take for a file that only a product names, where
// nobody runs what the release is: a first try is not to wait for a network that is not there.
const embeddedPatience = 3 * time.Second

func newSchemas(settings *config.File, master string, budget *release.Budget, root string) *release.Schemas {
	s := &release.Schemas{Root: root, Cache: schemaCache(), Budget: budget, Policy: release.Policy{Hosts: settings.SchemaHosts}}
	if u, err := slap.ParseURL(master); err == nil { // an embedded one is nowhere
		s.Policy.Master = u.String()
	} else {
		s.Patience = embeddedPatience
	}
	if settings.Untrusted { // a stranger names the products
		return s
	}
	for _, product := range settings.Proxy.Products {
		s.AllowProduct(product)
	}
	return s
}

// schemaRoot is the folder that paths of releases are relative to: the root of the
// files. For files that are not on disk it is the working folder.
func schemaRoot(in lang.Source) string {
	switch {
	case in.Sources != nil && in.Sources.Read != nil:
		return "."
	}
	return in.Folder()
}

// schemaCache is the folder that keeps schemas that were fetched; empty: there is none.
func schemaCache() string {
	folder, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(folder, "slapstar", "schemas")
}

// HintSchema adds to the error of a schema how its host is allowed.
func HintSchema(err error) error {
	if errors.Is(err, release.ErrOffline) {
		return lang.Hint(err, "slapstar validate fetches schemas into the cache; --schema-dir FOLDER gives them without the network")
	}
	refused, ok := errors.AsType[*release.RefusedHostError](err)
	if !ok {
		return err
	}
	return lang.Hint(err, fmt.Sprintf("schema_hosts = %s in [slapstar] of the configuration allows this host, if you trust it; --schema-dir FOLDER gives schemas without the network", refused.Host))
}

// planRoot is the folder that a saved plan was made in, as it names its entry file, if
// that is below the working folder; else the working folder. A plan does not lead
// elsewhere.
func planRoot(file, entry string) string {
	folder, ok := strings.CutSuffix(filepath.ToSlash(filepath.Clean(file)), entry)
	if folder = filepath.Clean(filepath.FromSlash(folder)); !ok || !filepath.IsLocal(folder) {
		return "."
	}
	here, err := os.OpenRoot(".")
	if err != nil {
		return "."
	}
	defer here.Close()
	below, err := here.OpenRoot(folder)
	if err != nil {
		return "."
	}
	below.Close()
	return folder
}
