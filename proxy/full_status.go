package proxy

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// What the full Master tells of the last report about something: its news. The
// reference, section (b), has the keys of the dictionary. Reports are kept in memory
// there: after a restart nothing has been reported.

// maxErrorText is how much of an error text is kept, in characters, from its end.
const maxErrorText = 80

// errorStatus is the status that an error report about an instance leaves.
func errorStatus(message string) string {
	text := []rune(strings.TrimSpace(message))
	return "#error while instanciating: " + string(text[max(0, len(text)-maxErrorText):])
}

// forgetReports is what a restart does. Simulated nodes have reported again at once.
func (s *Server) forgetReports(tx *store.Tx) error {
	if s.options.Simulator != nil {
		return nil
	}
	_, err := tx.Exec("UPDATE instance SET reported = 0")
	if err == nil {
		_, err = tx.Exec("UPDATE software SET reported = 0")
	}
	return err
}

// noData is what is said of something before its node has reported. It does not mean
// that anything is wrong.
func noData(reference string) string { return "#error no data found for " + reference }

// statusText is what is said of an instance, also before its node has reported.
func statusText(i *instance) string {
	if i.status == "" || i.reported == 0 {
		return noData(i.reference())
	}
	return i.status
}

// news is what was said last of something.
type news struct {
	portalType, reference string
	user                  string // the node that reported
	state                 string // as it reported it
	text                  string // empty: it has reported nothing
	since                 float64
}

func (i instance) portalType() string {
	if i.shared {
		return "Slave Instance"
	}
	return "Software Instance"
}

// news is what a node said of an instance.
func (s *Server) news(i *instance) object {
	n := news{portalType: i.portalType(), reference: i.reference(), user: i.computer, since: i.reported}
	if i.reported > 0 {
		n.text = i.status
	}
	if strings.HasPrefix(n.text, "#access") {
		n.state = i.state
	}
	return n.dictionary(s.timestamp())
}

// instanceNews is news as the HATEOAS interface has it: of shared and of stopped
// instances it does not tell what their node said.
func (s *Server) instanceNews(i *instance) object {
	dict := s.news(i)
	quiet := func(text, flag string) object {
		dict["user"], dict["text"], dict["colour"], dict[flag] = masterName, "#nodata is "+text+" "+i.reference(), "none", 1
		return dict
	}
	switch {
	case i.shared:
		return quiet("a slave", "is_slave")
	case i.state == slap.Stopped:
		return quiet("an stopped", "is_stopped")
	case i.state == slap.Destroyed:
		dict["is_destroyed"] = 1
	}
	return dict
}

func (s *Server) softwareNews(w software) object {
	n := news{portalType: "Software Installation", reference: w.reference(), user: w.Computer, since: w.reported}
	switch {
	case w.status == "", w.reported == 0:
	case w.status == slap.Available:
		n.state, n.text = w.status, "#access software release "+w.SoftwareRelease+" available"
	case w.status == "building":
		n.state, n.text = w.status, "#building software release "+w.SoftwareRelease
	default:
		n.text = w.status
	}
	return n.dictionary(s.timestamp())
}

func (w software) reference() string { return fmt.Sprintf("SOFTINSTALL-%d", w.id) }

// nodeNews is about a node itself, of which no report is kept.
func nodeNews(reference string, now float64) object {
	return news{portalType: "Compute Node", reference: reference}.dictionary(now)
}

// masterName is who says what no node has said.
const masterName = "SlapOS Master"

func (n news) dictionary(now float64) object {
	if n.text == "" {
		n.since = now
	}
	since := time.UnixMicro(int64(n.since * 1e6)).UTC().Format(http.TimeFormat)
	dict := object{
		"portal_type": n.portalType,
		"reference":   n.reference,
		"user":        n.user,
		"state":       n.state,
		"text":        n.text,
		"created_at":  since,
		"since":       since,
	}
	if n.text == "" {
		dict["user"], dict["text"], dict["no_data"] = masterName, noData(n.reference), 1
	} else {
		dict["no_data_since_5_minutes"] = older(now, n.since, 5*time.Minute)
		dict["no_data_since_15_minutes"] = older(now, n.since, 15*time.Minute)
	}
	dict["colour"] = colour(dict["text"].(string))
	return dict
}

// older is 1 when a report is older than that, else 0.
func older(now, reported float64, than time.Duration) int {
	if now-reported > than.Seconds() {
		return 1
	}
	return 0
}

// colour is that in which the panel shows a status.
func colour(text string) string {
	switch {
	case strings.HasPrefix(text, "#access"):
		return "green"
	case strings.HasPrefix(text, "#error"):
		return "red"
	}
	return "orange"
}

// treeNews is what the nodes said of the members of a tree.
func (s *Server) treeNews(q store.Reader, t *tree) (object, error) {
	list, err := findInstances(q, "tree = ?", t.id)
	if err != nil {
		return nil, err
	}
	all := make([]object, len(list))
	for n := range list {
		all[n] = s.instanceNews(&list[n])
	}
	news := object{"portal_type": "Instance Tree", "reference": t.reference(), "title": t.title, "monitor_url": "", "instance": all}
	switch {
	case t.state == slap.Stopped:
		news["is_stopped"] = 1
	case t.state == slap.Destroyed:
		news["is_destroyed"] = 1
	case t.shared:
		news["is_slave"] = 1
	}
	return news, nil
}
