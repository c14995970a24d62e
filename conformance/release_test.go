package conformance

import (
	"fmt"
	"os"
	"path/filepath"
)

// softwareProfile is a software release that needs no network. It builds a file
// with another profile, which the node agent then builds in each partition. The
// recipes are those of recipe.py.
const softwareProfile = `[buildout]
offline = true
parts = instance

[instance]
recipe = slapstar.recipe:write
output = ${buildout:directory}/instance.cfg
text =
  [buildout]
  offline = true
  eggs-directory = ${buildout:eggs-directory}
  develop-eggs-directory = ${buildout:develop-eggs-directory}
  parts = service publish

  [service]
  recipe = slapstar.recipe:write
  output = @{buildout:directory}/etc/service/wait
  text =
    #!/bin/sh
    echo $$ > @{buildout:directory}/service.pid
    exec sleep 600

  [publish]
  recipe = slapstar.recipe:publish
`

// buildout makes the buildout program of a node agent, which runs it without the
// site-packages of Python. Recipes are found where buildout itself is, so that is
// a folder with the packages of the peer and with ours: the option develop would
// need a network, as pip then fetches setuptools.
func (s *site) buildout() string {
	s.t.Helper()
	packages, err := filepath.Glob(filepath.Join(s.peer, "lib", "python*", "site-packages", "*"))
	if err != nil || len(packages) == 0 {
		s.t.Fatalf("got %q, %v, want the packages of the peer", packages, err)
	}
	dir := filepath.Join(s.dir, "packages")
	if err := os.MkdirAll(filepath.Join(dir, "slapstar.recipe.egg-info"), 0o755); err != nil {
		s.t.Fatal(err)
	}
	for _, p := range append(packages, script(s.t, "recipe.py")) {
		if err := os.Symlink(p, filepath.Join(dir, filepath.Base(p))); err != nil {
			s.t.Fatal(err)
		}
	}
	s.write("packages/slapstar.recipe.egg-info/PKG-INFO", "Metadata-Version: 2.1\nName: slapstar.recipe\nVersion: 1\n")
	s.write("packages/slapstar.recipe.egg-info/entry_points.txt", "[zc.buildout]\nwrite = recipe:Write\npublish = recipe:Publish\n")
	return s.write("buildout", fmt.Sprintf("import sys\nsys.path.append(%q)\nfrom zc.buildout.buildout import main\nsys.exit(main())\n", dir))
}
