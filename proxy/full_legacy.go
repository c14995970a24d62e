package proxy

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
	"slapstar/slap/marshal"
)

// fullLegacyHandlers are the endpoints of the legacy interface that the full
// Master has alone, or answers altogether otherwise. The reference, section (b).
func (s *Server) fullLegacyHandlers() map[string]legacyHandler {
	handlers := map[string]legacyHandler{
		"GET /getSoftwareReleaseListFromSoftwareProduct": s.fullProduct,
		"GET /getFullComputerInformation":                s.fullNode,
		"GET /getComputerInformation":                    s.fullNode,
		"POST /requestComputerPartition":                 withDefaults(s.legacyRequest, "state", "partition_parameter_xml", "filter_xml", "shared_xml"),
		"POST /supplySupply":                             s.fullSupply,
		"POST /softwareInstanceRename":                   s.fullRename,
		"POST /setComputerPartitionConnectionXml":        s.legacyPublish,
		"GET /registerComputerPartition":                 s.fullPartition,
		"POST /destroyedComputerPartition":               s.fullEnded,
		"POST /startedComputerPartition":                 s.reportState(slap.Started),
		"POST /stoppedComputerPartition":                 s.reportState(slap.Stopped),
		"POST /softwareInstanceError":                    s.fullInstanceError,
		"POST /buildingSoftwareRelease":                  s.reportSoftwareState("building"),
		"POST /availableSoftwareRelease":                 s.reportSoftwareState(slap.Available),
		"POST /destroyedSoftwareRelease":                 s.reportSoftwareState(slap.Destroyed),
		"POST /softwareReleaseError":                     s.fullSoftwareError,
		"POST /softwareInstanceBang":                     s.fullInstanceBang,
		"POST /computerBang":                             s.fullNodeBang,
		"POST /useComputer":                              s.fullUsage,
		"POST /requestComputer":                          s.fullCreateNode,
		"POST /generateComputerCertificate":              s.ofNode(func(*http.Request, string) (any, error) { return noCertificate(), nil }),
		"POST /revokeComputerCertificate":                s.ofNode(func(*http.Request, string) (any, error) { return "", nil }),
		"GET /getComputerStatus": s.ofNode(func(_ *http.Request, reference string) (any, error) {
			return nodeNews(reference, s.timestamp()), nil
		}),
		"GET /getComputerPartitionStatus":                  s.ofInstance(func(i *instance) (any, error) { return s.news(i), nil }),
		"GET /getSoftwareInstallationStatus":               s.fullSoftwareStatus,
		"GET /getHostingSubscriptionIpList":                s.ofInstance(func(i *instance) (any, error) { return treeAddresses(s.db, i) }),
		"POST /updateComputerPartitionRelatedInstanceList": s.fullRelated,
	}
	return handlers
}

// withDefaults lets fields be absent: they then hold none.
func withDefaults(h legacyHandler, names ...string) legacyHandler {
	return func(r *http.Request) (any, error) {
		for _, name := range names {
			if !r.PostForm.Has(name) {
				r.PostForm.Set(name, "<marshal><none/></marshal>")
			}
		}
		return h(r)
	}
}

// ofNode is for calls about a node that there has to be.
func (s *Server) ofNode(h func(r *http.Request, reference string) (any, error)) legacyHandler {
	return func(r *http.Request) (any, error) {
		reference, err := field(r, "computer_id")
		if err != nil {
			return nil, err
		}
		if err := s.checkKnown(s.db, reference); err != nil {
			return nil, err
		}
		return h(r, reference)
	}
}

// ofInstance is for questions about the instance of a partition.
func (s *Server) ofInstance(h func(*instance) (any, error)) legacyHandler {
	return func(r *http.Request) (any, error) {
		i, err := partitionInstance(s.db, r)
		if err != nil {
			return nil, err
		}
		return h(i)
	}
}

// fullProduct answers the releases of a product of a project, the one that was
// published last first, or whether there is a release.
func (s *Server) fullProduct(r *http.Request) (any, error) {
	name, release, project := r.Form.Get("software_product_reference"), r.Form.Get("software_release_url"), r.Form.Get("project_reference")
	switch {
	case (name == "") == (release == ""):
		return nil, &exception{"AssertionError", "want one of software_product_reference and software_release_url"}
	case project == "":
		return nil, &statusError{cmp.Or(s.options.NoProjectStatus, http.StatusBadRequest), withStock(http.StatusBadRequest, "missing field: project_reference")}
	}
	viewer, found := s.viewer(whoAsks(r)), []string{}
	for _, p := range s.options.SoftwareProducts {
		releases := s.releases(p)
		if p.Project != project || !slices.Contains(viewer.sees, project) || name != "" && p.Name != name || release != "" && !slices.Contains(releases, release) {
			continue
		}
		if release != "" {
			return []string{release}, nil
		}
		slices.Reverse(releases)
		return releases, nil
	}
	for listed, url := range s.options.Products { // which are in every project
		if name == listed || release == url {
			return []string{url}, nil
		}
	}
	if release != "" {
		return nil, &notFoundError{"there is no software release " + release}
	}
	return found, nil
}

func (s *Server) fullSupply(r *http.Request) (any, error) {
	if !r.PostForm.Has("state") {
		r.PostForm.Set("state", slap.Available)
	}
	v, err := fields(r, "url", "computer_id", "state")
	if err != nil {
		return nil, err
	}
	if v[2] != slap.Available && v[2] != slap.Destroyed {
		return nil, &notFoundError{fmt.Sprintf("field state: got %q, want available or destroyed", v[2])}
	}
	err = s.update(r.Context(), func(tx *store.Tx) error {
		_, err := s.supplyFull(tx, whoAsks(r), slap.SoftwareInstallation{SoftwareRelease: v[0], Computer: v[1], State: v[2]})
		return err
	})
	return "None", err
}

func (s *Server) fullRename(r *http.Request) (any, error) {
	title, err := field(r, "new_name")
	if err != nil {
		return nil, err
	}
	err = s.update(r.Context(), func(tx *store.Tx) error {
		i, err := publisher(tx, r, s.dialect.findShared)
		if err != nil {
			return err
		}
		return renameFull(tx, i, title)
	})
	if taken, ok := errors.AsType[*titleTakenError](err); ok {
		err = &notFoundError{taken.Error()}
	}
	return "None", err
}

// fullNode answers a node agent as legacyNode does, from a cache that the first
// question has filled later.
func (s *Server) fullNode(r *http.Request) (any, error) {
	reference, err := field(r, "computer_id")
	if err != nil {
		return nil, err
	}
	if err := s.checkKnown(s.db, reference); err != nil {
		if isA[*notFoundError](err) {
			err = &exception{"AttributeError", err.Error()}
		}
		return nil, err
	}
	first, _ := s.cached.LoadOrStore(reference, s.timestamp())
	if !s.indexed(first.(float64)) {
		return nil, &unavailableError{"The cache of " + reference + " is being filled."}
	}
	return s.nodeAnswer(s.db, reference)
}

func (s *Server) fullPartition(r *http.Request) (any, error) {
	answer, err := s.legacyPartition(r)
	if o, ok := answer.(*marshal.Object); ok {
		onlyPartition(o)
	}
	return answer, err
}

func (s *Server) fullSoftwareStatus(r *http.Request) (any, error) {
	v, err := fields(r, "url", "computer_id")
	if err != nil {
		return nil, err
	}
	w, err := installation(s.db, v[1], v[0])
	if err != nil {
		return nil, err
	}
	return s.softwareNews(*w), nil
}

// fullCreateNode makes a node, or returns the one of that title.
func (s *Server) fullCreateNode(r *http.Request) (any, error) {
	v, err := fields(r, "computer_title", "project_reference")
	if err != nil {
		return nil, err
	}
	if slices.Contains(v, "") {
		return nil, misunderstood("computer_title and project_reference may not be empty")
	}
	var reference string
	err = s.update(r.Context(), func(tx *store.Tx) error {
		l := whoAsks(r)
		p, _ := s.person(l.person)
		switch {
		case l.node, !slices.Contains(s.projects(), v[1]):
			return &exception{"NotImplementedError", fmt.Sprintf("0 projects '%s'", v[1])}
		case !slices.Contains(p.Manages, v[1]):
			return &customerError{l.person}
		}
		reference, err = createNode(tx, v[0], v[1])
		return err
	})
	return &marshal.Object{Class: "Computer", Args: marshal.Tuple{reference}, State: map[string]any{"_computer_id": reference}}, err
}
