package diagnosis

import (
	"fmt"
	"slices"
	"strings"
)

func (j *judging) me() {
	m := j.r.Me
	switch {
	case m == nil:
	case m.Error != "":
		j.add(Missing, "me", "cannot be asked: "+m.Error, "yours cannot be told from what others have", "look at the line about hateoas")
	case m.Document == "":
		j.add(Note, "me", "the Master does not tell who you are", "if it lists the instances of several persons, names come from JSON-RPC, or nothing can be planned", "send this report: the root document has no link me")
	case !m.Person:
		j.add(Missing, "me", m.Document+", which is no person", "it owns nothing, and cannot request", "use the certificate of a person: slapstar login gets one")
	default:
		j.ok("me", m.Document)
	}
}

func (j *judging) owners() {
	o := j.r.Owners
	if o == nil {
		return
	}
	found := fmt.Sprintf("%d of ours, %d of others, %d of which the owner is not told", o.Ours, o.Others, o.Unknown)
	const do = "send this report: the column getDestinationSection, or the link me, is not as expected"
	switch {
	case o.Error != "" && j.r.Read.Error == "":
		j.add(Note, "owners", "cannot be told apart: "+o.Error, "your instances are read one by one over JSON-RPC", do)
	case o.Error != "":
		j.add(Missing, "owners", "cannot be told apart: "+o.Error, "yours cannot be told from what others have, so nothing is planned", do)
	case !o.Works && o.Ours == 0 && o.Others == 0 && o.Unknown > 0:
		j.add(Note, "owners", found, "all that the Master lists counts as yours", do)
	case !o.Works:
		j.add(Note, "owners", found, "those without an owner are left out", do)
	default:
		j.ok("owners", found)
	}
}

func (j *judging) projects() {
	p := j.r.Projects
	if p == nil {
		return
	}
	list := strings.Join(p.List, ", ")
	const do = "project_reference in the configuration, or --project, names it"
	switch {
	case p.Error != "" && p.Selected == "":
		j.add(Missing, "projects", "cannot be listed: "+p.Error, "none is selected: the Master has to guess", do)
	case p.Error != "":
		j.add(Note, "projects", p.Selected+" is selected, and they cannot be listed: "+p.Error, "nobody knows whether it is there before something is requested", "")
	case p.Selected == "" && len(p.List) == 1:
		j.ok("projects", list+" is the only one")
	case p.Selected == "" && len(p.List) == 0:
		j.add(Note, "projects", "none is listed, and none is selected", "the Master has to guess the project of what is requested", do)
	case p.Selected == "":
		j.add(Missing, "projects", "none of "+list+" is selected", "the Master refuses requests of which it cannot guess the project", do)
	case len(p.List) > 0 && !slices.Contains(p.List, p.Selected):
		j.add(Missing, "projects", p.Selected+" is selected, and the Master lists "+list, "the Master refuses what is requested in it", do)
	case len(p.List) == 0:
		j.add(Note, "projects", p.Selected+" is selected, and none is listed", "nobody knows whether it is there before something is requested", "")
	default:
		j.ok("projects", p.Selected+" is selected, of "+list)
	}
}

func (j *judging) searches() {
	for _, s := range j.r.Searches {
		about := "search " + s.Name
		switch {
		case s.Skipped != "" && j.r.Nodes != nil && j.r.Nodes.Error != "":
			continue // the line about nodes says it
		case s.Skipped != "":
			j.ok(about, "not made: "+s.Skipped)
			continue
		case s.Error != "":
			j.add(j.needed(s.Name), about, "it fails: "+s.Error, searchMeans[s.Name], report)
			continue
		}
		if j.columns(s) && j.filtered(s) {
			j.ok(about, counted(s.Rows, "row")+", with all columns")
		}
	}
}

const report = "ask who runs the Master, with this report"

// columns says what is not as it should be with the columns of a search, and whether all is.
func (j *judging) columns(s Search) (whole bool) {
	about := "search " + s.Name
	whole = true
	for _, c := range s.Columns {
		null := c.Null
		if c.May {
			null = 0
		}
		if c.Error == "" && (null == 0 && c.Odd == 0 || s.Rows == 0) {
			continue
		}
		whole = false
		level, means := j.column(s.Name, c.Name)
		found := fmt.Sprintf("the column %s is null in %d of %s", c.Name, null, counted(s.Rows, "row"))
		switch {
		case c.Error != "":
			found = "it fails with the column " + c.Name + ": " + c.Error
		case null == s.Rows:
			found = fmt.Sprintf("the column %s is null in all of %s", c.Name, counted(s.Rows, "row"))
		case c.Odd > 0 && null == 0:
			found = fmt.Sprintf("the column %s is in another form than is read, in %d of %s", c.Name, c.Odd, counted(s.Rows, "row"))
		case c.Odd > 0:
			found += fmt.Sprintf(", and in another form than is read in %d", c.Odd)
		}
		if c.Error == "" && null+c.Odd < s.Rows {
			level, means = Note, "of these: "+means
		}
		j.add(level, about, found, means, report)
	}
	return whole
}

// pageRows is how many rows of a search are looked at.
const pageRows = 200

// filtered says whether the search for what is ours, or for a name that there is not, finds
// that and no more.
func (j *judging) filtered(s Search) bool {
	o := j.r.Owners
	switch {
	case s.Name == "quoted" && s.Rows > 0:
		j.add(Note, "search quoted", fmt.Sprintf("a name that there is not is found %d times", s.Rows), "an instance is never taken for another one, and looking one up takes longer", report)
	case s.Name == "owned" && o != nil && o.Works && min(o.Ours, pageRows) != s.Rows:
		j.add(Note, "search owned", fmt.Sprintf("%d of %d instances of yours are found by their owner", s.Rows, o.Ours), "that is used only where the column getDestinationSection is not told, and would leave some out or take some of others", report)
	default:
		return true
	}
	return false
}

// needed is how bad it is that a search fails.
func (j *judging) needed(search string) Level {
	switch search {
	case "products", "variations", "decisions", "projects", "owned", "quoted":
		return Note
	case "nodes":
		if j.r.Nodes != nil && j.r.Nodes.Error == "" { // the compute nodes are listed
			return Note
		}
	}
	return Missing
}

// searchMeans says what it means that a search fails.
var searchMeans = map[string]string{
	"trees":         "instances can only be read one by one over JSON-RPC, if at all",
	"members":       "what instances have published, and where they are, can only be read one by one over JSON-RPC, if at all",
	"installations": "whether software is supplied has to be asked over JSON-RPC, if it can be",
	"nodes":         "computers lists compute nodes alone, if at all",
	"products":      "a plan does not say that a release or a type cannot be allocated",
	"variations":    "a plan does not say that a release or a type cannot be allocated",
	"decisions":     "pending upgrade decisions are not known",
	"projects":      "projects cannot be listed",
	"owned":         "where the column getDestinationSection is not told, yours cannot be told from what others have",
	"quoted":        "instances with a quote in their name cannot be looked up one by one",
}

// column says what it means that nothing has a column, and whether that is something that
// slapstar needs. Where JSON-RPC answers, an instance is read whole by itself.
func (j *judging) column(search, column string) (Level, string) {
	needed := Missing
	if j.r.answering("json-rpc") {
		needed = Note
	}
	byOne := "each instance is read by itself over JSON-RPC"
	if needed == Missing {
		byOne = "instances cannot be read whole: it takes JSON-RPC, which does not answer"
	}
	switch search + "." + column {
	case "trees.title":
		return Missing, "instances have no names, so none is known"
	case "trees.relative_url":
		return Note, "the document is that of the link of the row"
	case "owned.relative_url", "quoted.title":
		return Note, searchMeans[search]
	case "trees.url_string", "trees.source_reference", "trees.text_content", "trees.slap_state", "trees.root_slave", "trees.sla_xml":
		return needed, byOne
	case "members.specialise":
		return needed, "no instance is known to be of a tree: " + byOne
	case "members.getConnectionXmlAsDict":
		return needed, "what is published is not in the listing: " + byOne
	case "members.title":
		return needed, "the root instance of a tree is not known, so nothing counts as published"
	case "trees.getDestinationSection":
		return Note, "yours are asked for once more, by their owner; if that finds none, names come from JSON-RPC, or nothing is planned"
	case "trees.getFollowUpReference":
		return Note, "a tree counts as in the project that is worked in"
	case "members.aggregate", "members.aggregate_reference", "members.SoftwareInstance_getAllocationInformation":
		return Note, "where instances are is not known"
	case "members.SoftwareInstance_getNewsDict", "installations.SoftwareInstallation_getNewsDict":
		return Note, "what nodes have reported is not known"
	case "installations.url_string", "installations.slap_state":
		return needed, "what software a node has is asked over JSON-RPC, if at all"
	case "nodes.reference":
		return Missing, "no node can be named"
	case "projects.reference":
		return Note, "projects cannot be listed"
	case "decisions.simulation_state", "decisions.aggregate", "decisions.aggregate_title":
		return Note, "pending upgrade decisions are not told of the instance"
	case "products.getFollowUpReference":
		return Note, "products count for every project"
	}
	if search == "products" || search == "variations" {
		return Note, searchMeans[search]
	}
	return Note, "it is not known"
}
