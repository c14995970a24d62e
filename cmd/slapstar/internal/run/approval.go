package run

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/internal/tree"
	"slapstar/starlib/lang"
)

const (
	maxApproval  = 4 << 20 // bytes of a plan that is remembered
	mostApproved = 50      // plans that are remembered
)

// An Approval is what somebody has approved: a digest, and the plan as JSON where that is
// at hand, to say what differs.
type Approval struct {
	Digest string
	Plan   *document.Plan // nil: only the digest is known
}

// ReadApproval reads what --approved names: a digest, a plan that plan --format json has
// written, or a saved plan.
func ReadApproval(what string) (*Approval, error) {
	if document.CheckDigest(what) == nil {
		return &Approval{what, recall(what)}, nil
	}
	if !Exists(what) {
		err := document.CheckDigest(what)
		return nil, lang.Hint(err, "the last line of slapstar plan --format markdown has it; the file of plan --format json says besides what differs")
	}
	if IsPlan(what) {
		saved, err := ReadPlan(what)
		if err != nil {
			return nil, err
		}
		return &Approval{saved.Digest, saved.Plan}, nil
	}
	data, err := tree.ReadNamed(what, maxPlanFile)
	if err != nil {
		return nil, err
	}
	plan := &document.Plan{}
	if err := json.Unmarshal(tree.Text(data), plan); err != nil {
		return nil, lang.Hint(fmt.Errorf("%s is no plan as JSON: %w", what, err), "slapstar plan --format json writes one")
	}
	if err := document.CheckDigest(plan.Digest); err != nil {
		return nil, lang.Hint(fmt.Errorf("%s: %w", what, err), "make the plan again: slapstar plan --format json")
	}
	return &Approval{plan.Digest, plan}, nil
}

// Check returns an error unless a plan is the approved one.
func (a *Approval) Check(plan *engine.Plan) error {
	if document.Digest(plan) == a.Digest {
		return nil
	}
	if a.Plan == nil {
		return lang.Hint(fmt.Errorf("%w: the plan is not the one that was approved: its digest is %s; nothing was written", ErrRefused, document.Digest(plan)),
			"what was approved is not known here: --approved with the file of plan --format json says what differs")
	}
	return document.CheckApproved(a.Plan, document.New(plan))
}

// Remember keeps a plan for who approves it on this machine by its digest. That it cannot
// is no error: then a refusal says less.
func Remember(plan *engine.Plan) {
	folder, err := approvals()
	if err != nil {
		return
	}
	data, err := json.Marshal(document.New(plan))
	if err != nil || len(data) > maxApproval || os.MkdirAll(folder, 0o700) != nil {
		return
	}
	if ReplaceFile(filepath.Join(folder, document.Digest(plan)+".json"), data, 0o600) == nil {
		forget(folder)
	}
}

// StateFolder is where slapstar keeps what is no configuration and no cache, as the XDG
// base directories have it.
func StateFolder() (string, error) {
	folder := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(folder) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		folder = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(folder, "slapstar"), nil
}

func approvals() (string, error) {
	folder, err := StateFolder()
	return filepath.Join(folder, "plans"), err
}

func recall(digest string) *document.Plan {
	folder, err := approvals()
	if err != nil {
		return nil
	}
	data, err := tree.ReadNamed(filepath.Join(folder, digest+".json"), maxApproval)
	plan := &document.Plan{}
	if err != nil || json.Unmarshal(data, plan) != nil || plan.Digest != digest {
		return nil
	}
	return plan
}

// forget removes the oldest plans.
func forget(folder string) {
	list, err := os.ReadDir(folder)
	if err != nil || len(list) <= mostApproved {
		return
	}
	age := func(e fs.DirEntry) time.Time {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) || info == nil {
			return time.Time{}
		}
		return info.ModTime()
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return cmp.Or(age(a).Compare(age(b)), cmp.Compare(a.Name(), b.Name())) })
	for _, e := range list[:len(list)-mostApproved] {
		os.Remove(filepath.Join(folder, e.Name()))
	}
}
