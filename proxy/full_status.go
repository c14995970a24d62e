package proxy

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// What the full Master tells of the last report about something: its news. The
// reference, section (b), has the keys of the dictionary.

// maxErrorText is how much of an error text is kept, in characters, from its end.
const maxErrorText = 80

// errorStatus is the status that an error report leaves.
func errorStatus(message string) string {
	text := []rune(strings.TrimSpace(message))
	return "#error " + string(text[max(0, len(text)-maxErrorText):])
}

// statusText is what is said of an instance, also before its node has reported.
func (i instance) statusText() string {
	return cmp.Or(i.status, "#nodata no data found for "+i.reference())
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

// news is what a node said of an instance. When it did is not kept: the last
// change stands for it.
func (i instance) news() object {
	n := news{portalType: i.portalType(), reference: i.reference(), user: i.computer, text: i.status, since: i.timestamp}
	if strings.HasPrefix(i.status, "#access") {
		n.state = i.state
	}
	return n.dictionary()
}

func (w software) news() object {
	n := news{portalType: "Software Installation", reference: w.reference(), user: w.Computer, since: w.created}
	switch w.status {
	case "":
	case slap.Available:
		n.state, n.text = w.status, "#access software release "+w.SoftwareRelease+" available"
	case "building":
		n.state, n.text = w.status, "#building software release "+w.SoftwareRelease
	default:
		n.text = w.status
	}
	return n.dictionary()
}

func (w software) reference() string { return fmt.Sprintf("SOFTINSTALL-%d", w.id) }

// nodeNews is about a node itself, of which no report is kept.
func nodeNews(reference string, now float64) object {
	return news{portalType: "Compute Node", reference: reference, since: now}.dictionary()
}

func (n news) dictionary() object {
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
		dict["user"], dict["text"], dict["no_data"] = "SlapOS Master", "#nodata no data found for "+n.reference, 1
	} else {
		dict["no_data_since_5_minutes"], dict["no_data_since_15_minutes"] = 0, 0
	}
	return dict
}

// treeNews is what the nodes said of the instances of a tree. head stands for it.
func treeNews(q store.Reader, head *instance) (object, error) {
	list, err := findInstances(q, "title = ?1 AND root = '' AND NOT archived OR root <> '' AND root = ?1 AND NOT archived", head.rootTitle())
	if err != nil {
		return nil, err
	}
	all := make([]object, len(list))
	for n, i := range list {
		all[n] = i.news()
	}
	news := object{"portal_type": "Instance Tree", "reference": head.treeReference(), "title": head.rootTitle(), "monitor_url": "", "instance": all}
	if head.state == slap.Stopped {
		news["is_stopped"] = 1
	}
	if head.shared {
		news["is_slave"] = 1
	}
	return news, nil
}

// treeReference is the identifier of the tree that an instance stands for.
func (i instance) treeReference() string { return fmt.Sprintf("HOSTSUBS-%d", i.id) }
