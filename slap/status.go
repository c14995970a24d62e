package slap

import (
	"encoding/json"
	"strings"
	"time"
)

// A Status is the last report about an instance or about software, or what the Master
// says as long as there is none. Its zero value is that it cannot be known.
type Status struct {
	Kind     StatusKind
	Text     string    // as it was reported; empty where it cannot be known
	Colour   string    // that the Master's panel gives it; empty where it does not tell
	Since    time.Time // since when it has been reported; zero where it is not told
	Reported time.Time // when it was reported last; zero where it is not told
}

// A StatusKind is what a report says.
type StatusKind int

// The kinds of reports.
const (
	StatusUnknown StatusKind = iota // cannot be known: the Master does not tell
	NotReported                     // nothing has been reported, or the Master has forgotten it since its start
	NeverReports                    // shared, or stopped: its node has nothing to report
	Building                        // software that is being built
	Processing                      // somebody asked for it to be processed again
	Running                         // well
	Failing                         // an error
	OtherStatus                     // something else
)

var statusKinds = [...]string{"not known", "has not reported", "nothing to report", "being built", "to be processed again", "well", "failing", "other"}

func (k StatusKind) String() string {
	if k < 0 || int(k) >= len(statusKinds) {
		return statusKinds[StatusUnknown]
	}
	return statusKinds[k]
}

// statusTexts are how the texts of reports begin, the first that fits. Source: the code
// and the tests of the full Master; a slapproxy has none.
var statusTexts = []struct {
	prefix string
	kind   StatusKind
}{
	{"#error no data found for", NotReported}, // nothing is wrong
	{"#nodata no data found for", NotReported},
	{"#nodata", NeverReports}, // "is a slave", "is an stopped"
	{"#access", Running},
	{"#building", Building},
	{"#error bang called", Processing},
	{"#error", Failing},
	{"while installing", Failing},
}

// ParseStatus tells what the text of a report says.
func ParseStatus(text string) Status {
	text = strings.TrimSpace(text)
	if text == "" {
		return Status{}
	}
	for _, known := range statusTexts {
		if strings.HasPrefix(text, known.prefix) {
			return Status{Kind: known.kind, Text: text}
		}
	}
	return Status{Kind: OtherStatus, Text: text}
}

// newsStatus reads the dictionary of SoftwareInstance_getNewsDict and of
// SoftwareInstallation_getNewsDict. What cannot be read is not known.
func newsStatus(news cell) Status {
	dict, ok := news.dict()
	if !ok {
		return Status{}
	}
	text := func(key string) string {
		s, _ := dict[key].(string)
		return s
	}
	s := ParseStatus(text("text"))
	for _, flag := range []struct {
		key  string
		kind StatusKind
	}{{"no_data", NotReported}, {"is_slave", NeverReports}, {"is_stopped", NeverReports}} {
		if set, told := dict[flag.key]; told && isTrue(set) && (s.Kind == StatusUnknown || s.Kind == NotReported && flag.kind == NeverReports || s.Kind == OtherStatus) {
			s.Kind = flag.kind
		}
	}
	for _, key := range []string{"color", "colour"} {
		if s.Colour == "" {
			s.Colour = text(key)
		}
	}
	s.Since, s.Reported = moment(dict["since"]), moment(dict["created_at"])
	if s.Kind == NotReported || s.Kind == NeverReports { // the time of the question
		s.Since, s.Reported = time.Time{}, time.Time{}
	}
	return s
}

// isTrue is the truth of a value of JSON, as Python has it for scalars.
func isTrue(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case json.Number:
		return v.String() != "0"
	case string:
		return v != ""
	}
	return v != nil
}
