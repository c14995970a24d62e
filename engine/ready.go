package engine

import "slapstar/slap"

// ready reports whether an instance has done what it was asked for, as far as its
// Master tells: it published something, or its node says that it can be reached. A shared
// one of which its node never reports is ready in its place. Of one that is to be stopped
// nothing is known but that it has a place, which a full Master does not give it. A wait
// for an instance, and not for one of its connection parameters, ends with this.
func (s *State) ready(i slap.Instance) bool {
	switch {
	case i.State == slap.Stopped:
		return s.Full || i.Computer != "" || i.Status.Text != ""
	case i.Status.Kind == slap.NeverReports:
		return len(i.ConnectionParameters) > 0 || i.Allocation == slap.Allocated || i.Allocation == slap.AllocatedHidden
	}
	return len(i.ConnectionParameters) > 0 || i.Status.Kind == slap.Running
}

// fulfils reports whether what is waited for has come. want is the declaration of
// the instance, nil where it has none.
func (s *State) fulfils(ref Reference, want *Instance) bool {
	i, read := s.Instances[ref.Instance]
	if s.Leaving(ref.Instance) && (want == nil || want.State != slap.Destroyed) {
		return false
	}
	if !ref.ready() {
		_, known, err := Lookup(s.Find).Find(ref)
		return known || err != nil // what is wrong is said once it is used
	}
	if want != nil && want.State == slap.Destroyed {
		return s.lacks(ref.Instance)
	}
	return read && s.ready(i)
}

// lacks reports whether the Master has no instance of the name, and was asked for it.
func (s *State) lacks(name string) bool {
	_, read := s.Instances[name]
	return !read && !s.NotReady[name] && !s.Unread[name]
}
