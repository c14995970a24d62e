package engine

import "fmt"

// An Address names a resource for people and for the plan; it is unique in a
// Config.
type Address string

// A Resource is something that a file declares: an [Instance] or a [Software].
type Resource interface {
	Address() Address
	Declared() Origin
}

// A Config is what the files declare, in order of declaration.
type Config struct {
	Resources []Resource
}

// An Instance is a declared instance tree.
type Instance struct {
	Name            string
	SoftwareRelease string // URL
	Product         string // the product that gave the URL, or empty
	SoftwareType    string
	State           string // slap.Started, Stopped or Destroyed
	Shared          bool
	Parameters      map[string]Text
	SLA             map[string]string
	Origin          Origin
}

// Address implements [Resource].
func (i *Instance) Address() Address { return InstanceAddress(i.Name) }

// Declared implements [Resource].
func (i *Instance) Declared() Origin { return i.Origin }

// InstanceAddress returns the address of the instance of that name.
func InstanceAddress(name string) Address { return Address("instance " + name) }

// A Software is a declared software installation on a compute node.
type Software struct {
	SoftwareRelease string // URL
	Product         string // the product that gave the URL, or empty
	Computer        string
	State           string // slap.Available or Destroyed
	Origin          Origin
}

// Address implements [Resource].
func (s *Software) Address() Address {
	return Address(fmt.Sprintf("software %s on %s", s.SoftwareRelease, s.Computer))
}

// Declared implements [Resource].
func (s *Software) Declared() Origin { return s.Origin }

// Instances returns the declared instances, in order.
func (c *Config) Instances() []*Instance { return only[*Instance](c) }

// Software returns the declared software installations, in order.
func (c *Config) Software() []*Software { return only[*Software](c) }

func only[T Resource](c *Config) []T {
	var list []T
	for _, r := range c.Resources {
		if wanted, ok := r.(T); ok {
			list = append(list, wanted)
		}
	}
	return list
}
