package view

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/internal/mask"
	"slapstar/slap"
)

// A Status is how all is that the files declare, as far as the Master tells. Its JSON is
// described by status.schema.json.
type Status struct {
	FormatVersion int              `json:"format_version"`
	Master        string           `json:"master,omitempty"`
	Well          bool             `json:"well"` // all of it; the exit code is 3 otherwise
	Resources     []ResourceStatus `json:"resources"`
	More          *document.More   `json:"more,omitempty"` // the files declare more, behind a value that is not known yet
	Summary       map[string]int   `json:"summary"`        // resources by health

	hidden *mask.Filter
}

// A ResourceStatus is an [engine.Condition].
type ResourceStatus struct {
	Kind      string       `json:"kind"` // instance or software
	Name      string       `json:"name"` // of software its release
	Health    string       `json:"health"`
	Well      bool         `json:"well"`     // its health is as the files want it, and nothing is awaited
	Ready     bool         `json:"ready"`    // it has done what it was asked for, as apply --wait sees it
	Declared  string       `json:"declared"` // the state that the files say
	State     string       `json:"state,omitempty"`
	Computer  string       `json:"computer,omitempty"`
	Reported  string       `json:"reported,omitempty"` // when its node reported last, in UTC
	Age       *float64     `json:"age_seconds,omitempty"`
	Message   string       `json:"message,omitempty"` // what the node reported
	Awaits    []OutputWait `json:"awaits,omitempty"`
	Remark    string       `json:"remark,omitempty"` // what is not as it should be besides
	Position  string       `json:"position"`
	reference []engine.Reference
}

// Words for the health of what is declared, besides those of [health].
const (
	absentHealth  = "absent"  // it is not on the Master
	goneHealth    = "gone"    // neither is what is to be destroyed
	leavingHealth = "leaving" // what is to be destroyed is still there
	waitingHealth = "waiting"
)

// statusVersion is raised when a program that reads the JSON has to change.
const statusVersion = 1

// NewStatus returns the status of what a Config declares.
func NewStatus(c *engine.Config, s *engine.State, master string, now time.Time, hidden *mask.Filter) Status {
	st := Status{FormatVersion: statusVersion, Master: master, Well: c.More == nil, Resources: []ResourceStatus{}, Summary: map[string]int{},
		More: document.New(&engine.Plan{More: c.More}).More, hidden: hidden}
	for _, condition := range c.Conditions(s) {
		r := newResourceStatus(condition, now)
		st.Resources = append(st.Resources, r)
		st.Summary[r.Health]++
		st.Well = st.Well && r.Well
	}
	return st
}

func newResourceStatus(c engine.Condition, now time.Time) ResourceStatus {
	r := ResourceStatus{Ready: c.Ready, State: c.State, Computer: c.Computer, Message: c.Status.Text, Position: c.Resource.Declared().Position().String(), reference: c.Awaits}
	switch of := c.Resource.(type) {
	case *engine.Instance:
		r.Kind, r.Name, r.Declared = "instance", of.Name, of.State
	case *engine.Software:
		r.Kind, r.Name, r.Declared = "software", of.SoftwareRelease, of.State
	}
	for _, a := range c.Awaits {
		r.Awaits = append(r.Awaits, OutputWait{a.Instance, a.Kind, a.Key, a.Path})
	}
	if !c.Status.Reported.IsZero() {
		age := max(0, now.Sub(c.Status.Reported).Seconds())
		r.Reported, r.Age = c.Status.Reported.UTC().Format(time.RFC3339), &age
	}
	r.Health, r.Remark = declaredHealth(c)
	r.Well = r.Health == goneHealth || r.Remark == "" && c.Ready && len(c.Awaits) == 0 && slices.Contains([]string{"well", slap.Stopped, unknownHealth}, r.Health)
	return r
}

// declaredHealth is the health of what is declared, in a word, and what else is not as it
// should be.
func declaredHealth(c engine.Condition) (word, remark string) {
	switch {
	case c.Leaving:
		return leavingHealth, ""
	case c.Gone():
		return goneHealth, ""
	case !c.There:
		return absentHealth, ""
	case !c.Told:
		return waitingHealth, ""
	}
	i := c.Instance
	software, isSoftware := c.Resource.(*engine.Software)
	if isSoftware {
		i = slap.Instance{InstanceRequest: slap.InstanceRequest{State: c.State}, Status: c.Status, Allocation: slap.Allocated}
	}
	if word = health(i); word == "well" && len(c.Awaits) > 0 {
		word = waitingHealth
	}
	if !c.AsDeclared() {
		want := ""
		if isSoftware {
			want = software.State
		} else {
			want = c.Resource.(*engine.Instance).State
		}
		return word, fmt.Sprintf("declared %s, and the Master has %s: apply has yet to change that", want, c.State)
	}
	for _, m := range i.Members {
		if of := health(slap.Instance{InstanceRequest: slap.InstanceRequest{State: m.State}, Status: m.Status, Allocation: m.Allocation}); of == "failing" && word != of {
			return of, fmt.Sprintf("%s of its tree is failing: %s", m.Title, m.Status.Text)
		}
	}
	return word, ""
}

// WriteText writes a table, and how many are well.
func (s Status) WriteText(out, notes io.Writer) error {
	if len(s.Resources) == 0 && s.More == nil {
		_, err := fmt.Fprintln(notes, "slapstar: the files declare nothing")
		return err
	}
	instances := [][]string{{"NAME", "HEALTH", "READY", "NODE", "REPORTED", "MESSAGE"}}
	software := [][]string{{"SOFTWARE ON NODE", "HEALTH", "RELEASE", "REPORTED", "MESSAGE"}}
	for _, r := range s.Resources {
		if r.Kind == "software" {
			software = append(software, []string{r.Computer, r.Health, r.Name, orDash(r.age()), orDash(r.says(s.hidden))})
			continue
		}
		instances = append(instances, []string{r.Name, r.Health, yesNo(r.Ready), orDash(r.Computer), orDash(r.age()), orDash(r.says(s.hidden))})
	}
	if err := tables(out, instances, software); err != nil {
		return err
	}
	_, err := io.WriteString(out, s.summary()+"\n")
	return err
}

// says is what is to be known of a resource, for people.
func (r ResourceStatus) says(hidden *mask.Filter) string {
	var parts []string
	if r.Remark != "" {
		parts = append(parts, r.Remark)
	}
	if len(r.reference) > 0 {
		var names []string
		for _, a := range r.reference {
			names = append(names, orReady(a.Name()))
		}
		parts = append(parts, "awaits "+strings.Join(names, ", "))
	}
	if r.Message != "" {
		parts = append(parts, term.Cut(r.Message, mostStatus))
	}
	return strings.Join(parts, "; ")
}

func orReady(key string) string {
	if key == "" {
		return "that it is ready"
	}
	return key
}

// age is how long ago the node reported.
func (r ResourceStatus) age() string {
	if r.Age == nil {
		return ""
	}
	d := time.Duration(*r.Age * float64(time.Second))
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds ago", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm ago", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh ago", int(d.Hours()))
	}
	return fmt.Sprintf("%dd ago", int(d.Hours()/24))
}

// summary is the last line.
func (s Status) summary() string {
	well, other := 0, map[string]int{}
	for _, r := range s.Resources {
		if r.Well {
			well++
		} else {
			other[r.Health]++
		}
	}
	text := fmt.Sprintf("Status: %d of %s well", well, term.Counted(len(s.Resources), "resource"))
	var parts []string
	for _, word := range []string{"failing", absentHealth, waitingHealth, "starting", leavingHealth, slap.Stopped, unknownHealth, "well"} {
		if other[word] > 0 {
			name := word
			if word == "well" || word == slap.Stopped || word == unknownHealth {
				name = "not as declared or not ready: " + word
			}
			parts = append(parts, fmt.Sprintf("%d %s", other[word], name))
		}
	}
	if len(parts) > 0 {
		text += "; " + strings.Join(parts, ", ")
	}
	if s.More != nil {
		text += "; more is declared, behind a value that is not known yet"
	}
	return text + "."
}

// Changes says what has changed since an earlier status, a line each.
func (s Status) Changes(before Status) []string {
	was := map[string]string{}
	for _, r := range before.Resources {
		was[r.Kind+" "+r.Name+" "+r.Computer] = r.line(before.hidden)
	}
	var lines []string
	for _, r := range s.Resources {
		if line := r.line(s.hidden); was[r.Kind+" "+r.Name+" "+r.Computer] != line {
			lines = append(lines, fmt.Sprintf("%s %s: %s", r.Kind, s.hidden.Text(term.Name(r.Name)), s.hidden.Text(term.Escape(line))))
		}
	}
	if summary := s.summary(); summary != before.summary() {
		lines = append(lines, summary)
	}
	return lines
}

// line is the status of a resource without what changes by itself.
func (r ResourceStatus) line(hidden *mask.Filter) string {
	if says := r.says(hidden); says != "" {
		return r.Health + ": " + says
	}
	return r.Health
}

// WriteLine writes the status as JSON in one line.
func (s Status) WriteLine(w io.Writer) error { return writeJSON(w, s, "", s.own) }

// own is the [mask.Own] of a status.
func (s Status) own(member string, item int, text string) int {
	return ownWords(text, slices.Contains([]string{"kind", "health", "declared", "reported"}, member))
}
