package slapstar_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// powerless are the packages that evaluate files of strangers. None of them names
// something that writes to a Master or runs a program: that planning cannot act is a
// fact of the build.
var powerless = []string{"starlib", "starlib/lang", "starlib/simulate", "starlib/filetest", "starlib/policy", "starlib/project"}

// powers are what no powerless package may use, not even a method or a field of it.
var powers = []string{"slapstar/slap.Client", "slapstar/slap.NewClient", "slapstar/engine.Apply", "slapstar/engine.Master"}

// hooked may set hooks, through which builtins act.
const hooked = "starlib/console"

// hooking are the functions and types that set them.
var hooking = []string{"slapstar/starlib.New", "slapstar/starlib.Hooks"}

// TestWalls type-checks, since a package can use what it does not name: through a
// value that another package gives it.
func TestWalls(t *testing.T) {
	if testing.Short() {
		t.Skip("type-checks the whole module")
	}
	exports := exportData(t)
	for path := range packages {
		forbidden := map[string]bool{}
		if slices.Contains(powerless, path) {
			for _, power := range powers {
				forbidden[power] = true
			}
		}
		if path != hooked && path != "starlib" {
			for _, name := range hooking {
				forbidden[name] = true
			}
		}
		if len(forbidden) > 0 {
			checkUses(t, path, exports, forbidden)
		}
	}
}

// exportData returns the files with the types of all packages that the module needs,
// by import path.
func exportData(t *testing.T) map[string]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if path, file, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			files[path] = file
		}
	}
	return files
}

func checkUses(t *testing.T, path string, exports map[string]string, forbidden map[string]bool) {
	t.Helper()
	fset, _, info := typeCheck(t, path, exports)
	for ident, o := range info.Uses {
		if name := fullName(o); forbidden[name] {
			t.Errorf("%s: %s uses %s", fset.Position(ident.Pos()), path, name)
		}
	}
	for expr, v := range info.Types {
		if name := typeName(v.Type); forbidden[name] {
			t.Errorf("%s: %s has a value of type %s", fset.Position(expr.Pos()), path, name)
		}
	}
}

// typeCheck checks the files of a package but for its tests.
func typeCheck(t *testing.T, path string, exports map[string]string) (*token.FileSet, []*ast.File, *types.Info) {
	t.Helper()
	fset := token.NewFileSet()
	pkg, err := build.ImportDir(filepath.FromSlash(path), 0)
	if _, onlyTests := errors.AsType[*build.NoGoError](err); err != nil && !onlyTests {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range pkg.GoFiles {
		file, err := parser.ParseFile(fset, filepath.Join(filepath.FromSlash(path), name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	lookup := func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("go list does not know %s", path)
		}
		return os.Open(exports[path])
	}
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{}}
	config := types.Config{Importer: importer.ForCompiler(fset, "gc", lookup)}
	if _, err := config.Check("slapstar/"+path, fset, files, info); err != nil && len(files) > 0 {
		t.Fatalf("%s: %v", path, err)
	}
	return fset, files, info
}

// fullName is the name of an object with the path of its package; that of a method or
// a field is the name of its type, if it has one.
func fullName(o types.Object) string {
	if f, ok := o.(*types.Func); ok {
		if receiver := f.Signature().Recv(); receiver != nil {
			return typeName(receiver.Type())
		}
	}
	if o.Pkg() == nil || o.Parent() != o.Pkg().Scope() {
		return ""
	}
	return o.Pkg().Path() + "." + o.Name()
}

// typeName is the name of a type, or of what it points to.
func typeName(t types.Type) string {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if named, ok := t.(*types.Named); ok && named.Obj().Pkg() != nil {
		return named.Obj().Pkg().Path() + "." + named.Obj().Name()
	}
	return ""
}
