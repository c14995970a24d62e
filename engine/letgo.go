package engine

import "slapstar/slap"

// lettingGo returns what is not ready yet of the instances that let go of one which is to
// be destroyed: they are updated first, and use it until their nodes have carried that out.
// Of a Master that does not tell what the nodes report the update itself is all.
func (r *run) lettingGo(c *Change) []Reference {
	approved := r.shown[c.Address()]
	if c.Action != Delete || approved == nil {
		return nil
	}
	var list []Reference
	for _, a := range approved.DependsOn {
		user := r.shown[a]
		if user == nil || user.Current == nil {
			continue
		}
		i, ok := user.Resource.(*Instance)
		if !ok || user.Action != Update || !r.done[a] {
			continue
		}
		await := func(ref Reference) {
			if !r.seen[ref.key()] {
				list = append(list, ref)
			}
		}
		if user.Current.Status.Kind != slap.StatusUnknown {
			await(Reference{Instance: i.Name, Position: i.Origin.Position()})
		}
		for _, ref := range i.awaited() {
			await(ref)
		}
	}
	return list
}
