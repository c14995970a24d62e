package engine

import (
	"fmt"

	"slapstar/slap"
)

// adopt takes what is declared in another project than the one we work in for ours.
func (s *State) adopt(declared ...*Instance) {
	for _, i := range declared {
		other, elsewhere := s.Elsewhere[i.Name]
		if elsewhere && i.Project != "" && i.Project == other.Project {
			s.Instances[i.Name] = other
			delete(s.Elsewhere, i.Name)
		}
	}
}

// crossesProjects reports whether something that is waited for may be in another project:
// a read of one instance does not find that.
func (w *waiter) crossesProjects() bool {
	for _, ref := range w.left() {
		if i := w.instances[ref.Instance]; i != nil && i.Project != "" {
			return true
		}
	}
	return false
}

// wrongProject refuses what a full Master would put into another project than is wanted, or
// could not put into one.
func (p *planning) wrongProject(want *Instance, c *Change) []Refusal {
	project := want.Project
	if project == "" {
		project = p.state.Project
	}
	guid := want.SLA[slap.SLAProject]
	switch {
	case !p.state.Full:
	case c.Current != nil && want.Project != "" && c.Current.Project != "" && c.Current.Project != want.Project:
		return []Refusal{{
			Message: fmt.Sprintf("it is in project %s, and none gets into another one (%s)", c.Current.Project, want.Project),
			Hint:    fmt.Sprintf("write project = %q, or take another name", c.Current.Project),
		}}
	case c.Action == Create && guid != "" && project != "" && guid != project:
		return []Refusal{{
			Message: fmt.Sprintf("its %s is %s, and its project %s: it would get no place", slap.SLAProject, guid, project),
			Hint:    fmt.Sprintf("take %s out of filter_kw", slap.SLAProject),
		}}
	case c.Action == Create && project == "" && guid == "" && p.state.Site != nil && len(p.state.Site.Projects) > 1:
		return []Refusal{{
			Message: (&slap.ProjectsError{Projects: p.state.Site.Projects}).Error() + "; which one is not said",
			Hint:    "project_reference in the configuration, --project, or request(…, project = …) says it",
		}}
	}
	return nil
}

// projectless says that a project counts for nothing.
func projectless(want *Instance, s *State) []string {
	if s.Full || want.Project == "" || want.State == slap.Destroyed {
		return nil
	}
	return []string{fmt.Sprintf("this Master has no projects: %s counts for nothing", want.Project)}
}
