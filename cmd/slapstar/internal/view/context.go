package view

import (
	"slapstar/engine"
	"slapstar/engine/document"
)

// facts say which plan it is: names and values, as far as they are known.
func facts(p *engine.Plan, made document.Context) [][2]string {
	commit := made.Commit
	if commit != "" && made.Dirty != nil && *made.Dirty {
		commit += ", and files that differ from it"
	}
	var list [][2]string
	compared := ""
	if p.Comparison != nil {
		compared = sides(p.Comparison)
	}
	for _, fact := range [][2]string{{"File", p.Options.Entry}, {"Master", p.Options.Master}, {"Project", p.Options.Project}, {"Commit", commit}, {"Compared", compared}} {
		if fact[1] != "" {
			list = append(list, fact)
		}
	}
	return list
}
