package release

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"
)

// A SilentHostError is a file that was not had, as its host did not answer, for this file
// or for one before.
type SilentHostError struct {
	Host   string // as Policy.Hosts names it
	Reason string // such as: did not answer in 10s
	err    error
}

func (e *SilentHostError) Error() string { return e.err.Error() }
func (e *SilentHostError) Unwrap() error { return e.err }

// A slowError is that of a host that takes longer than it may.
type slowError struct{ after time.Duration }

func (e *slowError) Error() string { return fmt.Sprintf("the host did not answer in %s", e.after) }

// silence says in a few words why a host did not answer.
func silence(err error) string {
	if slow, ok := errors.AsType[*slowError](err); ok {
		return fmt.Sprintf("did not answer in %s", slow.after)
	}
	if name, ok := errors.AsType[*net.DNSError](err); ok {
		return "cannot be reached: " + name.Err
	}
	if outer, ok := errors.AsType[*url.Error](err); ok { // which names the URL
		err = outer.Err
	}
	if dial, ok := errors.AsType[*net.OpError](err); ok {
		err = dial.Err
	}
	if call, ok := errors.AsType[*os.SyscallError](err); ok {
		err = call.Err
	}
	return "cannot be reached: " + err.Error()
}
