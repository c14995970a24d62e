package slapstar_test

import (
	"go/ast"
	"go/token"
	"go/types"
	"testing"
)

// hintFields hold hints, by the full name of their type.
var hintFields = map[string]string{
	"slapstar/starlib/lang.HintedError": "Text",
	"slapstar/starlib/lang.Problem":     "Hint",
	"slapstar/engine.Refusal":           "Hint",
}

// readers are packages whose functions look into texts.
var readers = map[string]bool{"strings": true, "regexp": true, "bytes": true}

// Hints are data: nothing decides by the text of one, so each may be reworded. A hint
// may be asked whether it is empty.
func TestHintsAreData(t *testing.T) {
	if testing.Short() {
		t.Skip("type-checks the whole module")
	}
	exports := exportData(t)
	for path := range packages {
		fset, files, info := typeCheck(t, path, exports)
		for _, file := range files {
			ast.Inspect(file, func(n ast.Node) bool {
				if at, ok := decidesByHint(n, info); ok {
					t.Errorf("%s: this looks into the text of a hint", fset.Position(at))
				}
				return true
			})
		}
	}
}

// decidesByHint reports whether a node compares a hint with something else than an empty text, or
// hands it to a function that looks into it.
func decidesByHint(n ast.Node, info *types.Info) (token.Pos, bool) {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		if n.Op != token.EQL && n.Op != token.NEQ {
			return 0, false
		}
		for _, pair := range [][2]ast.Expr{{n.X, n.Y}, {n.Y, n.X}} {
			if isHint(pair[0], info) && !isEmpty(pair[1], info) {
				return n.OpPos, true
			}
		}
	case *ast.SwitchStmt:
		if n.Tag != nil && isHint(n.Tag, info) {
			return n.Switch, true
		}
	case *ast.CallExpr:
		f, ok := n.Fun.(*ast.SelectorExpr)
		if !ok {
			return 0, false
		}
		o := info.Uses[f.Sel]
		if o == nil || o.Pkg() == nil || !readers[o.Pkg().Path()] {
			return 0, false
		}
		for _, arg := range n.Args {
			if isHint(arg, info) {
				return n.Lparen, true
			}
		}
	}
	return 0, false
}

// isHint reports whether an expression is a hint: a field that holds one, or what
// lang.HintOf returns.
func isHint(e ast.Expr, info *types.Info) bool {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return isHint(e.X, info)
	case *ast.SelectorExpr:
		return hintFields[typeName(info.TypeOf(e.X))] == e.Sel.Name
	case *ast.CallExpr:
		if f, ok := e.Fun.(*ast.SelectorExpr); ok && info.Uses[f.Sel] != nil {
			return fullName(info.Uses[f.Sel]) == "slapstar/starlib/lang.HintOf"
		}
	}
	return false
}

func isEmpty(e ast.Expr, info *types.Info) bool {
	v := info.Types[e].Value
	return v != nil && v.ExactString() == `""`
}
