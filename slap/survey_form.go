package slap

import "strings"

// wellFormed reports whether a column has the form in which it is read here; of most that
// is a text.
func wellFormed(column string, c cell) bool {
	text, isText := c.text()
	switch column {
	case "root_slave": // any truth
		return true
	case "getConnectionXmlAsDict":
		_, ok := c.dict()
		return ok
	case "SoftwareInstance_getNewsDict", "SoftwareInstallation_getNewsDict":
		return newsFormed(c)
	case "slap_state":
		return slapStates[text] != ""
	case "text_content", "sla_xml":
		_, err := ParseParameters(text)
		return isText && err == nil
	case "getDestinationSection":
		return strings.HasPrefix(strings.TrimPrefix(text, jioPrefix), persons)
	case "specialise", "aggregate":
		return strings.Contains(text, "_module/")
	case "SoftwareInstance_getAllocationInformation":
		return text == "Not allocated" || text == "Restricted information" || placeText.MatchString(text)
	}
	return isText
}

// newsFormed reports whether a dictionary of news has a text, and times that can be read.
func newsFormed(c cell) bool {
	dict, ok := c.dict()
	if _, isText := dict["text"].(string); !ok || !isText {
		return false
	}
	for _, key := range []string{"created_at", "since"} {
		if when, _ := dict[key].(string); when != "" && moment(when).IsZero() {
			return false
		}
	}
	return true
}
