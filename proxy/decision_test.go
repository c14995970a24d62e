package proxy

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A published release is the answer of the next look-up, and reaches a tree when its
// person has accepted the decision that the daily alarm made.
func TestFullUpgrade(t *testing.T) {
	c := newClock()
	ctx := context.Background()
	const next = "https://lab.example/kvm/2/software.cfg"
	s := newFull(t, Options{Now: c.Now, CatalogDelay: time.Second, SoftwareProducts: []Product{{Project: defaultProject, Name: "kvm", Releases: []string{kvm}}}})
	s.want(t, "", "a")
	c.advance(time.Minute)
	product := func() string {
		_, answer := s.as(t, "", "GET", legacyBase+"getSoftwareReleaseListFromSoftwareProduct?project_reference=PROJ-1&software_product_reference=kvm", "", "")
		return answer
	}
	const form = "application/x-www-form-urlencoded"
	said(t, "a product that there is not", 404, "")(s.as(t, "", "POST", "/panel/publish", form, url.Values{"product": {"nothing"}, "release": {next}}.Encode()))
	said(t, "publish", 200, "Published")(s.as(t, "", "POST", "/panel/publish", form, url.Values{"product": {"kvm"}, "release": {next}}.Encode()))
	if answer := product(); !strings.Contains(answer, next) || strings.Index(answer, next) > strings.Index(answer, kvm) {
		t.Errorf("look-up: got %s", answer)
	}
	const decisions = `portal_type:"Upgrade Decision"`
	s.works(t)
	s.finds(t, "before the alarm", "", decisions, "simulation_state")
	said(t, "a request with the new release", 500, "You can not change")(s.want(t, "", "a", "software_release", next))
	c.advance(daily)
	s.works(t)
	s.finds(t, "at once", "", decisions, "simulation_state")
	c.advance(time.Second)
	s.finds(t, "after the alarm", "", decisions, "simulation_state aggregate_title url_string destination_section", "planned a "+next+" person_module/default")
	if err := s.AcceptUpgrade(ctx, defaultPerson, "a"); err == nil {
		t.Error("one that is planned: got no error")
	}
	c.advance(time.Second)
	s.finds(t, "later", "", decisions+` AND simulation_state:("planned", "confirmed", "started")`, "simulation_state", "confirmed")
	s.finds(t, "by state", "", decisions+` AND simulation_state:planned`, "simulation_state")
	said(t, "accept of somebody else", 404, "")(s.as(t, "bob", "POST", "/panel/accept", form, "title=a"))
	said(t, "accept", 200, "Accepted")(s.as(t, "", "POST", "/panel/accept", form, "title=a"))
	s.finds(t, "accepted", "", treesOf, "url_string", kvm)
	c.advance(time.Second)
	s.works(t)
	s.finds(t, "carried out", "", decisions, "simulation_state")
	for _, query := range []string{treesOf, membersOf} {
		s.finds(t, "carried out", "", query, "url_string", next)
	}
}

// Once a day what no supply and no partition uses is removed.
func TestFullCleanUp(t *testing.T) {
	c := newClock()
	s := newFull(t, Options{Now: c.Now, AllocationSupplies: []Supply{{Project: defaultProject, Releases: []string{"allowed"}}, {Project: defaultProject, Releases: []string{"elsewhere"}, Nodes: []string{"COMP-7"}}}})
	s.format(t, "local_computer", "slappart0")
	for _, release := range []string{"allowed", "elsewhere", "unused"} {
		s.supplied(t, "local_computer", release)
	}
	const installations = `portal_type:"Software Installation"`
	s.works(t)
	s.finds(t, "on the same day", "", installations, "url_string slap_state", "allowed start_requested", "elsewhere start_requested", "unused start_requested")
	c.advance(daily)
	s.works(t)
	s.finds(t, "the day after", "", installations, "url_string slap_state", "allowed start_requested", "elsewhere destroy_requested", "unused destroy_requested")
}

// A decision that nobody has to accept is carried out by itself.
func TestFullUpgradeAccepted(t *testing.T) {
	c := newClock()
	const next = "https://lab.example/kvm/2/software.cfg"
	s := newFull(t, Options{Now: c.Now, AcceptUpgrades: true, SoftwareProducts: []Product{{Project: defaultProject, Name: "kvm", Releases: []string{kvm, next}}}})
	s.want(t, "", "a")
	s.works(t)
	c.advance(daily)
	s.works(t)
	s.finds(t, "the day after", "", treesOf, "url_string", next)
}
