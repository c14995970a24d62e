package engine

import "slapstar/slap"

// Request is what a change sends, with "known" for values that are still to come.
func Request(c *Change) slap.InstanceRequest {
	want, ok := c.Resource.(*Instance)
	if !ok {
		s := c.Resource.(*Software)
		return slap.InstanceRequest{Name: s.SoftwareRelease, SoftwareRelease: s.Computer, State: s.State}
	}
	filled := *want
	filled.Parameters = map[string]Text{}
	for key, t := range want.Parameters {
		filled.Parameters[key] = t.Resolve(func(r Reference) (string, bool) { return "known " + r.Instance + r.Key, true })
	}
	return instanceRequest(&filled, c)
}
