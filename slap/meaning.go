package slap

import (
	"errors"
	"net/http"
	"strings"
)

// A Meaning is what an answer of a Master means that is no success. Callers decide by
// it, or by an error that it has ([errors.Is]), and by no text.
//
// The texts behind the meanings of a full Master were read in its source
// (docs/reference/protocol.md, section b).
type Meaning int

// The meanings. Those of the first group pass by themselves.
const (
	Unclear Meaning = iota // nothing is known but what the answer says

	InProgress  // taken, or being taken, by somebody, and not listed yet: read until it is, do not ask again
	OnItsWayOut // the name belongs to what is being destroyed: ask again once it is not listed any more
	Conflicting // two writes of one person met: ask again
	Busy        // too much to do, a cache that is being filled, or something between us and the Master: ask again
	NotReady    // taken, and nothing to show yet

	RefusedForGood    // of what exists this cannot be changed
	DamagedMaster     // what the Master has contradicts itself: for those who run it
	NoProject         // no project was named and the Master cannot guess one; or the name is taken in another one
	NoSuchProject     // there is no project of that name, or it is not ours
	TitleElsewhere    // an instance of this name exists in another project of the same person
	NotAllowed        // we are not who may do this
	ManagersOnly      // only managers of the project may do this
	NodeCertificate   // what a person asks for was asked for with the certificate of a node, or at another address
	NoLongerSupported // the Master had it once
)

var meanings = map[Meaning]struct {
	words    string
	sentinel error
}{
	Unclear:           {"not known", nil},
	InProgress:        {"taken, and not listed yet", ErrTaken},
	OnItsWayOut:       {"the name is on its way out", ErrGoing},
	Conflicting:       {"two writes met", ErrBusy},
	Busy:              {"busy", ErrBusy},
	NotReady:          {"not ready yet", ErrNotReady},
	RefusedForGood:    {"refused for good", ErrRefused},
	DamagedMaster:     {"the data of the Master is damaged", ErrRefused},
	NoProject:         {"no project", ErrNoProject},
	NoSuchProject:     {"no such project", ErrNoProject},
	TitleElsewhere:    {"the name is taken in another project", ErrRefused},
	NotAllowed:        {"not allowed", ErrUnauthorized},
	ManagersOnly:      {"only managers of the project may", ErrUnauthorized},
	NodeCertificate:   {"not with this certificate, or not at this address", ErrNotFound},
	NoLongerSupported: {"no longer supported", ErrUnsupported},
}

func (m Meaning) String() string { return meanings[m].words }

// Temporary reports whether it passes by itself.
func (m Meaning) Temporary() bool {
	return m == InProgress || m == OnItsWayOut || m == Conflicting || m == Busy || m == NotReady
}

// Taken reports whether a wish that was answered so has been taken, by this request or
// another one, although it is not to be seen yet: read until it is, and do not ask again.
func (m Meaning) Taken() bool { return m == InProgress || m == NotReady }

// ForGood reports whether the same wish is refused until somebody changes something.
func (m Meaning) ForGood() bool { return m != Unclear && !m.Temporary() }

// MeaningOf returns what the Master meant by an error: [Unclear] if it is not one of a
// Master's, or nothing more is known.
func MeaningOf(err error) Meaning {
	if status, ok := errors.AsType[*StatusError](err); ok {
		return status.Meaning
	}
	if meant, ok := errors.AsType[interface {
		error
		meaning() Meaning
	}](err); ok {
		return meant.meaning()
	}
	switch {
	case errors.Is(err, ErrTaken):
		return InProgress
	case errors.Is(err, ErrGoing):
		return OnItsWayOut
	case errors.Is(err, ErrBusy):
		return Busy
	case errors.Is(err, ErrNotReady):
		return NotReady
	case errors.Is(err, ErrNoProject):
		return NoProject
	case errors.Is(err, ErrUnauthorized):
		return NotAllowed
	}
	return Unclear
}

// exceptionMeaning is the meaning of a Python exception of the full Master: its type
// and its text, which are two fields of an error page and one of a JSON answer.
func (r request) exceptionMeaning(e *StatusError) Meaning {
	switch e.Type {
	case "NotImplementedError":
		return notImplemented(e.Value)
	case "AssertionError":
		switch {
		case e.Value != "" && !strings.Contains(e.Value, "No project reference"):
			return Unclear
		case r.project && r.titled && e.Value == "":
			return TitleElsewhere
		}
		return NoProject
	case "ConflictError", "ReadConflictError", "WriteConflictError":
		return Conflicting
	}
	return Unclear
}

// notImplemented tells the texts of a NotImplementedError apart.
func notImplemented(text string) Meaning {
	switch {
	case strings.HasSuffix(text, "_inProgress"):
		return InProgress
	case strings.Contains(text, "not able to get the expected instance tree"):
		return OnItsWayOut
	case strings.HasPrefix(text, "0 projects"):
		return NoSuchProject
	case strings.HasPrefix(text, "Too many"):
		return DamagedMaster
	}
	return RefusedForGood // "You can not change the release / type / shared states"
}

// sentinelMeaning is the meaning of an answer of which the sentinel is known.
func (r request) sentinelMeaning(e *StatusError, sentinel error) Meaning {
	switch {
	case errors.Is(sentinel, ErrUnauthorized) && r.manages:
		return ManagersOnly
	case errors.Is(sentinel, ErrUnauthorized):
		return NotAllowed
	case errors.Is(sentinel, ErrNotFound) && r.titled && e.Code == http.StatusNotFound && e.page:
		return NodeCertificate
	case errors.Is(sentinel, ErrUnsupported) && e.Code == http.StatusGone:
		return NoLongerSupported
	case errors.Is(sentinel, ErrBusy):
		return Busy
	case errors.Is(sentinel, ErrNotReady):
		return NotReady
	case errors.Is(sentinel, ErrRefused):
		return RefusedForGood
	case errors.Is(sentinel, ErrNoProject):
		return NoProject
	}
	return Unclear
}
