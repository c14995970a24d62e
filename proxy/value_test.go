package proxy

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"slapstar/slap"
)

// newHost returns a Master with a host for shared instances.
func newHost(t *testing.T) *site {
	t.Helper()
	s := newSite(t, Options{})
	s.formatNode(t, "local_computer", 2)
	if _, err := s.RequestInstance(context.Background(), vm("host")); err != nil {
		t.Fatal(err)
	}
	return s
}

// requestShared asks for a shared instance over the legacy interface with
// marshalled parameters.
func (s *site) requestShared(t *testing.T, name, parameters string) (int, string) {
	t.Helper()
	return s.post(t, "requestComputerPartition", "application/x-www-form-urlencoded", url.Values{
		"software_release":        {kvm},
		"partition_reference":     {name},
		"software_type":           {slap.DefaultType},
		"partition_parameter_xml": {parameters},
		"filter_xml":              {"<marshal><dictionary/></marshal>"},
		"state":                   {"<marshal><none/></marshal>"},
		"shared_xml":              {"<marshal><bool>1</bool></marshal>"},
	}.Encode())
}

func dictionary(value string) string {
	return "<marshal><dictionary><string>k</string>" + value + "</dictionary></marshal>"
}

// The parameters of a shared instance keep their types, whichever interface they
// came over, and are texts in the answer to the request.
func TestTypedParameters(t *testing.T) {
	for _, test := range []struct {
		name, marshal, json string // how it is sent; one may be missing
		text, read          string // what is stored, and read over JSON-RPC
	}{
		{"text", "<string>1</string>", `"1"`, "1", `"1"`},
		{"empty text", "<string/>", `""`, "", `""`},
		{"number", "<int>1</int>", `1`, "1", `1`},
		{"large number", "<long>100000000000000000000</long>", `100000000000000000000`, "100000000000000000000", `100000000000000000000`},
		{"fraction", "<float>1.5</float>", `1.50`, "1.5", `1.5`},
		{"exponent", "<float>1e+16</float>", `1e16`, "1e+16", `1e+16`},
		{"whole fraction", "<float>2.0</float>", `2.0`, "2.0", `2.0`},
		{"infinite", "<float>inf</float>", "", "inf", `"inf"`},
		{"truth", "<bool>1</bool>", `true`, "True", `true`},
		{"none", "<none/>", `null`, "None", `null`},
		{"list", "<list><int>1</int><string>a</string></list>", `[1, "a"]`, "[1, 'a']", `[1,"a"]`},
		{"tuple", "<tuple><int>1</int></tuple>", "", "(1,)", `[1]`},
		{"set", "<set><int>1</int></set>", "", "{1}", `[1]`},
		{"dictionary", "<dictionary><string>b</string><list/></dictionary>", `{"b": []}`, "{'b': []}", `{"b":[]}`},
		{"order of a dictionary", "", `{"b": 1, "a": {"d": "\"", "c": "'"}, "b": 2}`, `{'b': 2, 'a': {'d': '"', 'c': "'"}}`, `{"a":{"c":"'","d":"\""},"b":2}`},
		{"keys that are no text", "<dictionary><int>1</int><string>a</string></dictionary>", "", "", `{"1":"a"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newHost(t)
			want := `"parameters":{"k":` + test.read + `}`
			check := func(way string, code int, answer string) {
				t.Helper()
				if code != 200 {
					t.Errorf("%s: got %d %s", way, code, answer)
				}
				code, answer = s.post(t, "slapos.get.v0.instance_tree", "application/json", `{"title": "`+way+`"}`)
				if code != 200 || !strings.Contains(answer, want) {
					t.Errorf("%s: got %d %s, want %s", way, code, answer, want)
				}
				i, err := findInstance(s.db, "title = ?", way)
				if err != nil || i == nil {
					t.Fatal(i, err)
				}
				if p, err := slap.ParseParameters(i.parameters); err != nil || p["k"] != test.text && test.text != "" {
					t.Errorf("%s: stored %q, %v, want %q", way, p["k"], err, test.text)
				}
				if _, err := s.Partition(context.Background(), "local_computer", "slappart0"); err != nil {
					t.Errorf("%s: %v", way, err)
				}
			}
			if test.marshal != "" {
				code, answer := s.requestShared(t, "legacy", dictionary(test.marshal))
				check("legacy", code, answer)
			}
			if test.json != "" {
				code, answer := s.post(t, "slapos.post.v0.software_instance", "application/json", fmt.Sprintf(
					`{"title": "call", "software_release_uri": %q, "software_type": "default", "shared": true, "parameters": {"k": %s}}`, kvm, test.json))
				check("call", code, answer)
			}
		})
	}
}

// What cannot be stored and read again is refused, and nothing is stored.
func TestRefusedValues(t *testing.T) {
	deep := strings.Repeat("<list>", 50) + strings.Repeat("</list>", 50)
	deepJSON := strings.Repeat("[", 50) + strings.Repeat("]", 50)
	digits := strings.Repeat("1", 5000)
	for _, test := range []struct{ name, marshal, json, want string }{
		{"nested too deep", deep, deepJSON, "nested more than 32 deep"},
		{"a number without end", "<long>" + digits + "</long>", digits, "more than 4300 digits"},
		{"a number out of range", "", "1e999", "out of range"},
		{"an object", `<object module="slapos.slap.slap" class="Computer"><tuple><string>x</string></tuple><dictionary/></object>`, "", "object of class Computer"},
		{"a control character", "", `"\u0001"`, "U+0001"},
		{"a control character in a key", "", `{"\u0001": 1}`, "U+0001"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newHost(t)
			check := func(code int, answer string) {
				t.Helper()
				if code != 400 || !strings.Contains(answer, test.want) {
					t.Errorf("got %d %s, want 400 with %q", code, answer, test.want)
				}
			}
			if test.marshal != "" {
				check(s.requestShared(t, "legacy", dictionary(test.marshal)))
			}
			if test.json != "" {
				check(s.post(t, "slapos.post.v0.software_instance", "application/json", fmt.Sprintf(
					`{"title": "call", "software_release_uri": %q, "software_type": "default", "shared": true, "parameters": {"k": %s}}`, kvm, test.json)))
			}
			if list, err := findInstances(s.db, "1"); err != nil || len(list) != 1 {
				t.Errorf("got %v, %v, want the host alone", list, err)
			}
		})
	}
}

func TestFormWithControlCharacter(t *testing.T) {
	s := newHost(t)
	code, answer := s.requestShared(t, "a\x01b", "<marshal><dictionary/></marshal>")
	if code != 400 || !strings.Contains(answer, "partition_reference") {
		t.Errorf("got %d %s", code, answer)
	}
}
