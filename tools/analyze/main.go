// Command analyze is the vet tool of this repository: go vet loads and caches,
// and analyze says what to look for. tools/lint runs it.
//
// The checks are
//
//   - SA*, S1*, ST* of staticcheck, all of them, those too that staticcheck
//     leaves off unless asked: bugs, code with a shorter form, and conventions
//     of Go (the form of error texts and of doc comments, names);
//   - U1000: unexported code and fields that nothing uses;
//   - predeclared: names that shadow a predeclared one, such as new or real;
//   - errorlint: errors that are compared or asserted without errors.Is and
//     errors.As, and so are missed once they are wrapped.
//
// Not among them: QF* of staticcheck, which are rewrites for an editor to offer
// and no findings, and the errorf check of errorlint, which wants %w for every
// error. Here %w is a promise that a caller may branch on the error; other
// errors are formatted with %v.
//
// A comment excuses the line that follows it, or its own, and has to say why:
//
//	//lint:ignore SA1019,ST1005 the reason
package main

import (
	"encoding/json"
	"fmt"
	"go/token"
	"os"
	"slices"
	"strings"

	"github.com/nishanths/predeclared/passes/predeclared"
	"github.com/polyfloyd/go-errorlint/errorlint"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"
	"honnef.co/go/tools/analysis/lint"
	"honnef.co/go/tools/simple"
	"honnef.co/go/tools/staticcheck"
	"honnef.co/go/tools/stylecheck"
	"honnef.co/go/tools/unused"
)

func main() {
	analyzers := []*analysis.Analyzer{predeclared.Analyzer, errorlint.NewAnalyzer(), unusedCode()}
	for _, check := range slices.Concat(staticcheck.Analyzers, simple.Analyzers, stylecheck.Analyzers) {
		analyzers = append(analyzers, check.Analyzer)
	}
	for _, analyzer := range analyzers {
		analyzer.Run = excusable(analyzer.Name, analyzer.Run)
	}
	if translated(os.Args[1:]) {
		empty(analyzers)
	}
	unitchecker.Main(analyzers...)
}

// translated reports whether go vet wants to know of a package only what those
// that import it need, and the package is SQLite, translated from C. To look at
// it for what is deprecated, has no effect or never returns nil takes half of a
// first run, and finds nothing.
func translated(arguments []string) bool {
	if len(arguments) == 0 {
		return false
	}
	var unit struct {
		ImportPath string
		VetxOnly   bool
	}
	data, err := os.ReadFile(arguments[len(arguments)-1])
	return err == nil && json.Unmarshal(data, &unit) == nil && unit.VetxOnly && strings.HasPrefix(unit.ImportPath, "modernc.org/")
}

// empty makes analyzers find nothing, and so those that they require.
func empty(analyzers []*analysis.Analyzer) {
	for _, analyzer := range analyzers {
		analyzer.Run = func(*analysis.Pass) (any, error) { return nil, nil }
		empty(analyzer.Requires)
	}
}

// unusedCode is U1000 as an analyzer that reports. The original only returns
// what it found, for staticcheck to merge over the variants of a package. go
// vet shows each package once, together with its tests.
func unusedCode() *analysis.Analyzer {
	analyzer := *unused.Analyzer.Analyzer
	find := analyzer.Run
	analyzer.Run = func(pass *analysis.Pass) (any, error) {
		found, err := find(pass)
		if err != nil {
			return nil, err
		}
		for _, object := range found.(unused.Result).Unused {
			pass.Reportf(posOf(pass.Fset, object.Position), "%s %s is unused", object.Kind, object.Name)
		}
		return found, nil
	}
	return &analyzer
}

// posOf is the inverse of files.Position.
func posOf(files *token.FileSet, position token.Position) token.Pos {
	pos := token.NoPos
	files.Iterate(func(file *token.File) bool {
		if file.Name() == position.Filename {
			pos = file.Pos(position.Offset)
		}
		return pos == token.NoPos
	})
	return pos
}

type run = func(*analysis.Pass) (any, error)

// excusable is a run that adds the name of the check to each message, and
// drops what a lint:ignore directive with a reason excuses.
func excusable(check string, inner run) run {
	return func(pass *analysis.Pass) (any, error) {
		excused := map[string]bool{}
		for _, directive := range lint.ParseDirectives(pass.Files, pass.Fset) {
			if directive.Command == "ignore" && len(directive.Arguments) > 1 &&
				slices.Contains(strings.Split(directive.Arguments[0], ","), check) {
				excused[line(pass.Fset, directive.Node.Pos())] = true
			}
		}
		report := pass.Report
		pass.Report = func(diagnostic analysis.Diagnostic) {
			if !excused[line(pass.Fset, diagnostic.Pos)] {
				diagnostic.Message += " (" + check + ")"
				report(diagnostic)
			}
		}
		return inner(pass)
	}
}

func line(files *token.FileSet, pos token.Pos) string {
	position := files.Position(pos)
	return fmt.Sprintf("%s:%d", position.Filename, position.Line)
}
