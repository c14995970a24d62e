package filetest

import (
	"encoding/json"
	"maps"
	"math/big"
	"slices"

	"go.starlark.net/starlark"

	"slapstar/engine"
)

// outputs are what the files of a plan make for other tools, by name. A text that is not known
// yet, or hidden, is what a plan shows instead.
func outputs(p *engine.Plan) *starlark.Dict {
	values := &starlark.Dict{}
	if p.Declared == nil {
		return values
	}
	seen := p.Disclosure()
	for _, o := range p.Declared.Outputs {
		values.SetKey(starlark.String(o.Name), shown(seen.Output(o))) // a new dictionary takes any text
	}
	return values
}

// shown is a value of encoding/json, in which texts are [engine.Text] or strings.
func shown(v any) starlark.Value {
	switch v := v.(type) {
	case engine.Text:
		return starlark.String(v.Display())
	case string:
		return starlark.String(v)
	case bool:
		return starlark.Bool(v)
	case json.Number:
		if n, ok := new(big.Int).SetString(v.String(), 10); ok {
			return starlark.MakeBigInt(n)
		}
		f, _ := v.Float64() // the nearest one
		return starlark.Float(f)
	case []any:
		list := make([]starlark.Value, len(v))
		for i, item := range v {
			list[i] = shown(item)
		}
		return starlark.NewList(list)
	case map[string]any:
		d := starlark.NewDict(len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			d.SetKey(starlark.String(key), shown(v[key])) // a new dictionary takes any text
		}
		return d
	}
	return starlark.None
}
