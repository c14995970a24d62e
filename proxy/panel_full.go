package proxy

import (
	"cmp"
	"net/http"
)

// fullPanelRoutes are what people do in the panel of a full Master, as forms:
//
//	POST /panel/publish  project, product, release: a release variation of a product
//	POST /panel/accept   title: the upgrade decision about a tree of who asks
func (s *Server) fullPanelRoutes(mux *http.ServeMux) {
	handle := func(path string, h legacyHandler) {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
			if err := r.ParseForm(); err != nil {
				s.erp5Error(w, formError(err))
				return
			}
			answer, err := h(r)
			if err != nil {
				s.erp5Error(w, err)
				return
			}
			s.writeLegacy(w, answer)
		})
	}
	handle("/panel/publish", func(r *http.Request) (any, error) {
		v, err := fields(r, "product", "release")
		if err != nil {
			return nil, err
		}
		return "Published", s.PublishRelease(r.Context(), cmp.Or(r.PostForm.Get("project"), s.projects()[0]), v[0], v[1])
	})
	handle("/panel/accept", func(r *http.Request) (any, error) {
		title, err := field(r, "title")
		if err != nil {
			return nil, err
		}
		l, err := s.identify(r)
		if err != nil {
			return nil, err
		}
		return "Accepted", s.AcceptUpgrade(r.Context(), l.person, title)
	})
}
