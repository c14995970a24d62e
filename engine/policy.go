package engine

import (
	"fmt"
	"slices"
	"strings"
)

// Policies are what a plan was judged by, besides what the Master refuses. A plan knows
// nothing of how they are written, nor of how they judge.
type Policies struct {
	Files         []PolicyFile
	Circumstances Circumstances // that they were told
	Overrides     []Override
}

// A PolicyFile is a file of policies with all that it loads.
type PolicyFile struct {
	Name string // as it is named
	Sum  string // of its text: hexadecimal SHA-256
}

// A Verdict is what a policy says of a plan. One of the zero Address is about the plan as a
// whole.
type Verdict struct {
	Function string // its name; empty: the file of policies is wrong as a whole
	File     string // of the policy, as it is named
	At       Origin // where the policy says it, or where it is wrong
	Denies   bool   // else it warns
	Failed   bool   // the policy could not judge, which denies as well

	Address Address // of the change that it is about
	Origin  Origin  // where that is declared
	Message string
	Hint    string
}

// An Override carries a plan out although a function of the policies denies it.
type Override struct {
	Name   string // of the function
	Reason string
	Denied []Note // what it denied; empty: nothing
}

// denialHint says what to do about a denial.
const denialHint = "change what it denies, or carry it out nevertheless, which is recorded: --override %s --reason TEXT"

// Judge adds what policies say of a plan: denials are refusals, unless they are overridden,
// and warnings are notes.
func (p *Plan) Judge(by Policies, verdicts []Verdict) {
	by.Overrides = slices.Clone(by.Overrides)
	p.Policies = &by
	for _, v := range verdicts {
		address, origin, message := v.said()
		if !v.Denies {
			p.Notes = append(p.Notes, Note{Address: address, Origin: origin, Message: message})
			continue
		}
		n := slices.IndexFunc(by.Overrides, func(o Override) bool { return v.Function != "" && o.Name == v.Function })
		if n >= 0 {
			o := &by.Overrides[n]
			o.Denied = append(slices.Clip(o.Denied), Note{Address: address, Origin: origin, Message: message})
			continue
		}
		hint := v.Hint
		if !v.Failed && hint == "" {
			hint = fmt.Sprintf(denialHint, v.Function)
		}
		p.Refusals = append(p.Refusals, Refusal{Address: address, Origin: origin, Message: message, Hint: hint})
	}
}

// said is a verdict as it is shown: at the change that it is about, or else at the policy.
func (v Verdict) said() (Address, Origin, string) {
	if v.Address == "" {
		name := v.Function
		if name == "" {
			name = v.File
		}
		return Address(policyKind + name), v.At, v.Message
	}
	return v.Address, v.Origin, fmt.Sprintf("policy %s (%v): %s", v.Function, v.At.Position(), v.Message)
}

// policyKind begins the address of what is said of a plan as a whole.
const policyKind = "policy "

// IsPolicy reports whether an address is that of a policy, and of no resource.
func (a Address) IsPolicy() bool { return strings.HasPrefix(string(a), policyKind) }
