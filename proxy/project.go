package proxy

import (
	"fmt"
	"maps"
	"slices"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// A Product is a software product of a project of a full Master.
type Product struct {
	Project  string
	Name     string
	Releases []string // its release variations; the last one was published last
	Types    []string // its type variations; empty: every one
}

// A Supply is an allocation supply of a project: what it allows to be allocated where.
type Supply struct {
	Project  string
	Releases []string // empty: every one
	Types    []string // empty: every one
	Nodes    []string // references of compute nodes, and titles of instances that are instance nodes; empty: every one
	SameTree bool     // shared instances may go to instances of their tree
}

// projectOf finds the project that a request of a person is about: the one that it
// names, else the only one that the person sees, else the only one with a product
// of this release, else that of the SLA or of the node in it.
func (s *Server) projectOf(q store.Reader, r *request) (string, error) {
	p, _ := s.person(r.login.person)
	visible := p.sees()
	if r.project != "" {
		if !slices.Contains(visible, r.project) {
			return "", &exception{"NotImplementedError", fmt.Sprintf("0 projects '%s'", r.project)}
		}
		return r.project, nil
	}
	if len(visible) == 1 {
		return visible[0], nil
	}
	if sold := s.sellers(r.SoftwareRelease, visible); len(sold) == 1 {
		return sold[0], nil
	}
	if named := r.SLA[slap.SLAProject]; slices.Contains(visible, named) {
		return named, nil
	}
	nodes, err := findNodes(q, "reference = ?", r.SLA[slap.SLAComputer])
	if err != nil {
		return "", err
	}
	if len(nodes) > 0 && slices.Contains(visible, nodes[0].project) {
		return nodes[0].project, nil
	}
	return "", &exception{"AssertionError", "No project reference"}
}

// projectPath is the relative URL of a project.
func projectPath(reference string) string { return projectModule + reference }

// projectModule begins the relative URL of a project.
const projectModule = "project_module/"

// firstProject is that of what belongs to every project.
func (s *Server) firstProject(project string) string {
	if project == "" {
		return s.projects()[0]
	}
	return project
}

// sellers are those of some projects that have a product with a release.
func (s *Server) sellers(release string, projects []string) []string {
	var list []string
	for _, p := range s.options.SoftwareProducts {
		if slices.Contains(projects, p.Project) && slices.Contains(s.releases(p), release) {
			list = append(list, p.Project)
		}
	}
	return slices.Sorted(maps.Keys(set(list)))
}

func set(list []string) map[string]bool {
	members := make(map[string]bool, len(list))
	for _, item := range list {
		members[item] = true
	}
	return members
}
