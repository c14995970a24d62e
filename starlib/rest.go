package starlib

import (
	"maps"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib/lang"
)

// rest declares what is behind a boundary and does not depend on it. Where that goes wrong,
// or is not among what the files own so far, nothing of it is declared yet.
func (e *Evaluation) rest(more *engine.Boundary) error {
	if len(e.faults)+len(e.Problems())+e.outsideClaims() > 0 {
		return nil
	}
	config, boundary, faults := *e.config, *more, e.faults
	declared, products, used, given, outputs := maps.Clone(e.declared), maps.Clone(e.products), maps.Clone(e.used), maps.Clone(e.given), maps.Clone(e.outputs)
	e.beyond = true
	ok, err := e.Rest(more)
	e.beyond = false
	if err != nil {
		return err
	}
	if ok && len(e.faults)+len(e.Problems())+e.outsideClaims() == 0 {
		more.Beyond = len(e.config.Resources) - len(config.Resources)
		return nil
	}
	e.Forget(len(e.Problems()))
	*e.config, *more = config, boundary
	e.config.More = more
	e.declared, e.products, e.used, e.given, e.outputs, e.faults = declared, products, used, given, outputs, faults
	return nil
}

// outsideClaims is how many instances are not among those that the files own.
func (e *Evaluation) outsideClaims() int {
	n := len(e.Problems())
	e.checkClaims()
	n = len(e.Problems()) - n
	e.Forget(n)
	return n
}

// doubt is an error where what is declared may have to wait for something that is left out:
// the end of an instance for those that still use it, and one that depends on another for
// that.
func (e *Evaluation) doubt(r engine.Resource) error {
	if !e.beyond {
		return nil
	}
	switch r := r.(type) {
	case *engine.Instance:
		if r.State == slap.Destroyed {
			return lang.ErrDoubt
		}
		for _, name := range r.DependsOn {
			if _, ok := e.declared[engine.InstanceAddress(name)]; !ok {
				return lang.ErrDoubt
			}
		}
	case *engine.Software:
		if r.State == slap.Destroyed {
			return lang.ErrDoubt
		}
	}
	return nil
}

// Unchanging implements [lang.Unchanging].
func (*handle) Unchanging() {}

// Unchanging implements [lang.Unchanging].
func (library) Unchanging() {}

// Unchanging implements [lang.Unchanging].
func (*object) Unchanging() {}

// Unchanging implements [lang.Unchanging].
func (product) Unchanging() {}
