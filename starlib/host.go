package starlib

import (
	"errors"
	"fmt"
	"slices"

	"go.starlark.net/starlark"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib/lang"
)

// A carrier is the handle of the instance that is to carry a shared one.
type carrier struct {
	starlark.HasAttrs // nil: none is named
}

// Unpack implements [starlark.Unpacker].
func (c *carrier) Unpack(v starlark.Value) error {
	switch v := v.(type) {
	case starlark.NoneType:
		return nil
	case *lang.Mistake:
		return lang.ErrMistake
	case interface {
		starlark.HasAttrs
		InstanceName() string
	}:
		c.HasAttrs = v
		return nil
	}
	return fmt.Errorf("got %s, want the handle of an instance", v.Type())
}

func (c *carrier) name() string {
	return c.HasAttrs.(interface{ InstanceName() string }).InstanceName()
}

// isShared reports whether the carrier is a shared instance, as far as is known.
func (c *carrier) isShared() bool {
	declared, existing := HandleOf(c.HasAttrs)
	return declared != nil && declared.Shared || existing != nil && existing.Shared
}

// putInto makes an instance one that is carried: by the guid in its SLA, which is not known
// before the carrier is there. It goes after the carrier, and is destroyed before.
func (c *carrier) putInto(thread *starlark.Thread, i *engine.Instance) error {
	if c.HasAttrs == nil {
		return nil
	}
	sla := SLA{Known: i.SLA, Later: i.SLALater, Sources: i.SLASources}
	switch {
	case !i.Shared:
		return errors.New("got an instance, and shared is not True: only a shared instance is carried by another")
	case sla.has(slap.SLAInstance):
		return fmt.Errorf("got an instance, and filter_kw names one, too, under %q", slap.SLAInstance)
	case c.isShared():
		return fmt.Errorf("got %q, which is shared itself: want the instance that carries it", c.name())
	}
	method, err := c.Attr("getInstanceGuid")
	if err != nil {
		return err
	}
	guid, err := starlark.Call(thread, method, nil, nil)
	if err != nil {
		return err
	}
	t, _ := lang.Current(thread).TextOf(guid)
	sla.put(slap.SLAInstance, t)
	i.SLA, i.SLALater, i.SLASources = sla.Known, sla.Later, sla.Sources
	if !slices.Contains(i.DependsOn, c.name()) {
		i.DependsOn = append(i.DependsOn, c.name())
	}
	return nil
}
