package adopt

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/slap/credential"
	"slapstar/slap/marshal"
	"slapstar/starlib/lang"
)

// longestValue is how long a parameter may be that is written in a file, in bytes.
const longestValue = 256 << 10

// declare makes the declaration of an instance.
func (a *adopter) declare(current *slap.Instance) *engine.Instance {
	i := &engine.Instance{
		Name:            current.Name,
		SoftwareRelease: current.SoftwareRelease,
		Product:         a.Products[current.SoftwareRelease],
		SoftwareType:    current.SoftwareType,
		State:           current.State,
		Shared:          current.Shared,
		Parameters:      map[string]engine.Text{},
	}
	if i.SoftwareType == "" { // which no file can say
		i.SoftwareType = slap.DefaultType
		a.ignore(i, "software_type", "the Master has none")
	}
	if i.State != slap.Started && i.State != slap.Stopped {
		a.ignore(i, "state", fmt.Sprintf("the Master has %q, and a file says %q or %q", i.State, slap.Started, slap.Stopped))
		i.State = slap.Started
	}
	if a.several {
		i.Project = current.Project
	}
	a.sla(i, current)
	switch document, isJSON := current.Parameters["_"]; {
	case isJSON && len(current.Parameters) == 1 && json.Valid([]byte(document)):
		if !a.Text[i.Name] {
			i.Serialisation = slap.JSONInXML
		}
		a.document(i, document)
	default:
		if a.Explicit[i.Name] {
			i.Serialisation = slap.XML
		}
		for _, key := range slices.Sorted(maps.Keys(current.Parameters)) {
			a.parameter(i, key, current.Parameters[key])
		}
	}
	slices.Sort(i.IgnoreChanges)
	for _, path := range i.IgnoreChanges {
		a.Notes[i.Address()] = append(a.Notes[i.Address()], fmt.Sprintf("Not written, so the value of the Master counts: %q.", path))
	}
	return i
}

// sla declares the SLA where the Master tells it.
func (a *adopter) sla(i *engine.Instance, current *slap.Instance) {
	if !current.SLAKnown {
		return
	}
	for _, key := range slices.Sorted(maps.Keys(current.SLA)) {
		value := current.SLA[key]
		switch err := sendable(value); {
		case a.hidden.secret(key, value):
			a.ignore(i, "sla."+key, "it looks like a credential, which an SLA cannot take from a secret")
		case !slap.IsSLAKey(key) && lang.DidYouMean(key, slap.SLAKeys()) != "":
			a.ignore(i, "sla."+key, "no Master knows this key, and a file that has it would be a slip")
		case err != nil:
			a.ignore(i, "sla."+key, err.Error())
		default:
			if i.SLA == nil {
				i.SLA = map[string]string{}
			}
			i.SLA[key] = value
		}
	}
}

// ignore leaves an attribute to the Master.
func (a *adopter) ignore(i *engine.Instance, path, why string) {
	i.IgnoreChanges = append(i.IgnoreChanges, path)
	a.leave(i, path, "%s", why)
}

// sendable reports why a file cannot hold a text.
func sendable(s string) error {
	if err := marshal.CheckText(s); err != nil {
		return err
	}
	return lang.CheckShown(s)
}

// parameter declares one that travels as its own text.
func (a *adopter) parameter(i *engine.Instance, key, value string) {
	path := "parameters." + key
	if ref, certain := a.reference(i.Name, value); certain {
		i.Parameters[key] = engine.Refer(ref)
		return
	}
	switch err := sendable(value); {
	case err != nil:
		a.ignore(i, path, err.Error())
	case len(value) > longestValue:
		a.ignore(i, path, fmt.Sprintf("it has %d bytes, and a file gets at most %d of one parameter", len(value), longestValue))
	case !a.hidden.secret(key, value):
		i.Parameters[key] = engine.Literal(value)
	case a.Omit:
		a.ignore(i, path, "it looks like a credential")
	default:
		i.Parameters[key] = engine.Secret(a.naming.secret(i.Name, key, value), value)
	}
}

// document declares parameters that are one JSON document.
func (a *adopter) document(i *engine.Instance, text string) {
	const path = "parameters._"
	v, err := decode(text)
	if err == nil {
		err = sendable(text)
	}
	switch {
	case err != nil:
		a.ignore(i, path, err.Error())
		return
	case len(text) > longestValue:
		a.ignore(i, path, fmt.Sprintf("it has %d bytes, and a file gets at most %d of one parameter", len(text), longestValue))
		return
	}
	e := documentEncoder{a: a, instance: i.Name}
	e.value(v, "_", false)
	switch {
	case e.secrets == 0 && !e.whole && (a.Text[i.Name] || len(a.uses[i.Name]) == 0):
		i.Parameters["_"] = engine.Literal(text) // as it is
	case (e.secrets > 0 || e.whole) && a.Omit:
		a.naming.forget(i.Name)
		a.ignore(i, path, "it holds what looks like a credential, and is one document")
	case e.whole:
		a.naming.forget(i.Name)
		i.Parameters["_"] = engine.Secret(a.naming.secret(i.Name, "_", text), text)
	default:
		i.Parameters["_"] = e.result()
	}
}

// leafSecret reports whether a text in a document is not to be in a file.
func (a *adopter) leafSecret(value string, whole bool) bool {
	return whole && !credential.Open(value) || a.hidden.secret("", value)
}
