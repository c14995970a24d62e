package jsonschema

import "strings"

// resources returns where the schemas of a document are that have a URL of their own.
func (r *repairer) resources(document string) map[string]place {
	r.index(document)
	return r.named[document].resources
}

// anchors returns the anchors of a document, each with the URL of its resource.
func (r *repairer) anchors(document string) map[string]bool {
	r.index(document)
	return r.named[document].anchors
}

// The names of a document are what its schemas call themselves.
type names struct {
	resources map[string]place
	anchors   map[string]bool // URL#ANCHOR
}

func (r *repairer) index(document string) {
	if _, ok := r.named[document]; ok {
		return
	}
	if r.named == nil {
		r.named = map[string]names{}
	}
	n := names{map[string]place{}, map[string]bool{}}
	r.named[document] = n
	dialect := dialectOf(r.docs[document])
	keyword := idKeyword(dialect)
	eachPart(r.docs[document], place{base: document}, keyword, func(schema map[string]any, at place) bool {
		if id, _ := schema[keyword].(string); id != "" && id[0] != '#' {
			if _, ok := n.resources[at.base]; !ok {
				n.resources[at.base] = at
			}
		}
		for _, anchor := range []string{"$anchor", "$dynamicAnchor", keyword} {
			name, _ := schema[anchor].(string)
			if anchor == keyword { // before 2019-09 an $id is an anchor if it is a fragment
				_, name, _ = strings.Cut(name, "#")
			}
			if name != "" {
				n.anchors[at.base+"#"+name] = true
			}
		}
		return true
	})
}
