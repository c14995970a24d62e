package engine

// An Upgrade is an Upgrade Decision of a full Master that is not carried out yet: another
// release for an existing tree.
type Upgrade struct {
	SoftwareRelease string // URL
	State           string // as the Master has it: planned, confirmed, started
}

// upgrade says how far the decision is that brings a release to an instance.
func (s *State) upgrade(name, release string) string {
	for _, u := range s.Upgrades[name] {
		if u.SoftwareRelease == release {
			return "it is " + u.State
		}
	}
	if len(s.Upgrades[name]) > 0 {
		u := s.Upgrades[name][0]
		return "there is one to " + u.SoftwareRelease + ", which is " + u.State
	}
	return "as far as can be seen there is none yet"
}
