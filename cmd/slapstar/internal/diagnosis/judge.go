package diagnosis

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A judging collects findings.
type judging struct {
	r    *Report
	list []Finding
}

func (j *judging) ok(about, found string) { j.add(OK, about, found, "", "") }

func (j *judging) add(level Level, about, found, means, do string) {
	j.list = append(j.list, Finding{level, about, found, means, do})
}

// Judge says what the facts of a report mean, a finding for each, in the order of the
// report. docs/reference/protocol.md says what is relied on.
func Judge(r *Report) []Finding {
	j := &judging{r: r}
	j.master()
	j.interfaces()
	j.read()
	if r.Master.Kind == Full {
		j.me()
		j.owners()
		j.projects()
		j.searches()
	}
	j.products()
	j.upgrades()
	j.nodes()
	j.oddities()
	j.lags()
	j.clock()
	j.tls()
	j.certificate()
	return j.list
}

func (j *judging) master() {
	m := j.r.Master
	switch {
	case m.Error != "":
		j.add(Missing, "Master", m.URL+": "+m.Error, "nothing can be planned", "look at master_url, at the certificate, and whether the Master is up")
	case m.Kind == Unknown:
		j.add(Missing, "Master", m.URL+": no interface answers", "nothing can be planned", "look at master_url: that of a full Master ends in /portal_slap")
	default:
		j.ok("Master", fmt.Sprintf("%s, %s", m.URL, map[Kind]string{Slapproxy: "a slapproxy", Embedded: "an embedded Master", Full: "a full Master"}[m.Kind]))
	}
}

// answering reports whether an interface answers.
func (r *Report) answering(name string) bool {
	return slices.ContainsFunc(r.Interfaces, func(i Interface) bool { return i.Name == name && i.Answers })
}

func (j *judging) interfaces() {
	full := j.r.Master.Kind == Full
	for _, i := range j.r.Interfaces {
		found := i.URL + " does not answer: " + i.Error
		if i.URL == "" {
			found = "nobody says where it is: " + i.Error
		}
		switch {
		case i.Answers:
			j.ok(i.Name, i.URL+" answers")
		case i.Name == "json-rpc" && i.Absent:
			level := OK
			means, do := "", ""
			if full {
				level, means = Note, "what the listing leaves out of an instance is not known, and is not asked for one by one"
				do = "name its base with master_jsonrpc_url"
			}
			j.add(level, i.Name, "this Master has none that was found", means, do)
		case i.Name == "hateoas" && i.Absent:
			j.add(Note, i.Name, "this Master has none", "instances are read one by one over JSON-RPC", "name its root with master_rest_url, if there is one")
		case i.Name == "json-rpc":
			j.add(Note, i.Name, found, "what the listing leaves out of an instance is not known", "name its base with master_jsonrpc_url, or ask who runs the Master")
		case i.Name == "hateoas":
			j.add(Missing, i.Name, found, "the account cannot be read in bulk", "name its root with master_rest_url, or ask who runs the Master")
		default:
			j.add(Missing, i.Name, found, "nothing can be requested", "look at master_url and at the certificate")
		}
	}
}

func (j *judging) read() {
	r := j.r.Read
	took := fmt.Sprintf("%.1f s, %s", r.Seconds, counted(int(r.Requests), "request"))
	switch {
	case j.r.Master.Error != "":
	case r.Error != "":
		j.add(Missing, "bulk read", "it failed: "+r.Error, "nothing can be planned", "the lines about searches and about who you are may say why")
	case r.Seconds > 30:
		j.add(Note, "bulk read", took+", "+counted(r.Instances, "instance"), "each plan takes as long", "list fewer instances in an account, or plan with --target")
	case r.Unread > 0 && j.r.Master.Kind == Full:
		j.add(Note, "bulk read", fmt.Sprintf("%s, %s, of %d not all", took, counted(r.Instances+r.Unread, "instance"), r.Unread), "each of these is asked for by itself, which takes longer", "the lines about searches and oddities say what is missing")
	default:
		j.ok("bulk read", took+", "+counted(r.Instances+r.Unread, "instance"))
	}
}

func (j *judging) lags() {
	if len(j.r.Lags) == 0 {
		if j.r.Master.Kind == Full {
			j.ok("lag", "nothing was seen listed late, or nothing was written from here yet")
		}
		return
	}
	longest, all := 0.0, make([]string, len(j.r.Lags))
	for n, l := range j.r.Lags {
		longest = max(longest, l.Seconds)
		all[n] = fmt.Sprintf("%.1f s", l.Seconds)
	}
	found := "what was written was listed at most so late, the last time at the end: " + strings.Join(all, ", ")
	if longest > 30 {
		j.add(Note, "lag", found, "the Master is busy: apply waits up to two minutes, and then reports a failure", "wait until it is idle, or give apply a longer --timeout")
		return
	}
	j.ok("lag", found)
}

// mostOff is how far two clocks may differ, in seconds.
const mostOff = 60

func (j *judging) clock() {
	if j.r.Clock == nil {
		return
	}
	off := time.Duration(j.r.Clock.Seconds) * time.Second
	switch {
	case off.Abs() <= mostOff*time.Second:
		j.ok("clock", fmt.Sprintf("%s from the Master's", off.Abs()))
	case off > 0:
		j.add(Note, "clock", fmt.Sprintf("%s behind the Master's", off), clockMeans, clockDo)
	default:
		j.add(Note, "clock", fmt.Sprintf("%s ahead of the Master's", off.Abs()), clockMeans, clockDo)
	}
}

const (
	clockMeans = "certificates may count as ended or as not valid yet, and ages of reports are wrong"
	clockDo    = "set the clock of this machine; if it is right, tell who runs the Master"
)

func (j *judging) tls() {
	switch j.r.TLS {
	case TLSVerified:
		j.ok("TLS", "the Master's certificate is verified")
	case TLSInsecure:
		j.add(Note, "TLS", "--insecure: the Master's certificate is not verified", "anybody on the way can read and change what is sent", "name the authority that signed it with ca_file, and leave --insecure out")
	case TLSNone:
		if j.r.Master.Kind == Full {
			j.add(Note, "TLS", "the connection is not encrypted", "anybody on the way can read and change what is sent", "use https in master_url, unless this is a Master for tests")
		} else {
			j.ok("TLS", "none: the connection is not encrypted")
		}
	}
}

// fewDays is when the end of a certificate is worth a word.
const fewDays = 30

func (j *judging) certificate() {
	c := j.r.Certificate
	if c == nil {
		if j.r.Master.Kind == Full && (j.r.TLS == TLSVerified || j.r.TLS == TLSInsecure) {
			j.add(Missing, "certificate", "none is configured", "a certificate is the only login of a full Master", "slapstar login gets one; cert_file and key_file name it")
		}
		return
	}
	const login = "slapstar login --replace gets a new one from a full Master"
	found := fmt.Sprintf("%s of %q ends on %s", c.File, c.Subject, c.Ends.Format(time.DateOnly))
	switch {
	case c.Error != "":
		j.add(Missing, "certificate", c.Error, "the Master cannot know who you are", login)
	case j.r.Time.After(c.Ends):
		j.add(Missing, "certificate", fmt.Sprintf("%s of %q ended on %s", c.File, c.Subject, c.Ends.Format(time.DateOnly)), "the Master refuses it", login)
	case c.DaysLeft < fewDays:
		j.add(Note, "certificate", fmt.Sprintf("%s, in %s", found, counted(c.DaysLeft, "day")), "after that the Master refuses it", login)
	default:
		j.ok("certificate", fmt.Sprintf("%s, in %s", found, counted(c.DaysLeft, "day")))
	}
	switch {
	case c.KeyMode == "":
	case len(c.KeyMode) == 4 && strings.HasSuffix(c.KeyMode, "00"):
		j.ok("key file", c.KeyFile+" has mode "+c.KeyMode)
	default:
		j.add(Note, "key file", c.KeyFile+" has mode "+c.KeyMode, "others on this machine may read it", "chmod 600 it; if others could read it, get a new certificate")
	}
}

// counted is a number of things.
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
