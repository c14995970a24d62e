package engine

import (
	"fmt"
	"strings"
	"testing"

	"slapstar/slap"
)

// A plan refuses what was found wrong, unless that goes or is not selected, and counts what
// was not compared of what it writes.
func TestJudgement(t *testing.T) {
	gone := instance("gone", nil)
	gone.State = slap.Destroyed
	c := &Config{Resources: []Resource{instance("same", map[string]Text{"a": Literal("1")}), gone, instance("wrong", nil)}}
	judged := Judgement{Unchecked: map[string]string{"same": "not shown"}}
	for _, name := range []string{"gone", "wrong", "nobody"} {
		judged.Wrong = append(judged.Wrong, Refusal{Address: InstanceAddress(name), Message: "port: got text"})
	}
	for n := range 30 {
		i := instance(fmt.Sprintf("new-%02d", n), map[string]Text{"a": Literal("1")})
		c.Resources = append(c.Resources, i)
		judged.Unchecked[i.Name] = fmt.Sprintf("reason %d", min(n/2, 7))
		judged.Remarks = append(judged.Remarks, Note{Address: i.Address(), Message: "odd"})
	}
	s := state(current("same", slap.Parameters{"a": "1"}), current("gone", nil))
	p, err := NewPlan(c, s, Options{Judged: judged})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Refusals) != 1 || p.Refusals[0].Address != InstanceAddress("wrong") {
		t.Errorf("got the refusals %v", p.Refusals)
	}
	var unchecked, remarks []string
	for _, n := range p.Notes {
		if strings.HasPrefix(n.Message, "a rename of") { // the first new one, perhaps
			continue
		}
		if strings.HasSuffix(n.Message, "odd") || strings.HasPrefix(n.Message, "odd") {
			remarks = append(remarks, n.Message)
		} else {
			unchecked = append(unchecked, n.Message)
		}
	}
	if len(unchecked) != 6 || unchecked[0] != "its parameters were not checked, nor were those of 1 more: reason 0" ||
		unchecked[5] != "its parameters were not checked, nor were those of 19 more: for other reasons" {
		t.Errorf("got the notes %q", unchecked)
	}
	if len(remarks) != 20 || remarks[19] != "odd; and 10 more of the kind" {
		t.Errorf("got the remarks %q", remarks)
	}
	if p, err = NewPlan(c, s, Options{Judged: judged, Selection: Selection{Excludes: []string{"wrong", "new-*"}}}); err != nil || len(p.Refusals)+len(p.Notes) > 0 {
		t.Errorf("of the selection: got %v, %v, error %v", p.Refusals, p.Notes, err)
	}
}

// Parameters that are sent in another form than before are said to be.
func TestOtherForm(t *testing.T) {
	flat, document := slap.Parameters{"a": "1"}, slap.Parameters{"_": `{"a": 1}`}
	for _, test := range []struct {
		there slap.Parameters
		want  map[string]Text
		said  string
	}{
		{flat, map[string]Text{"_": Literal(`{"a": 1}`)}, "are sent as JSON"},
		{document, map[string]Text{"a": Literal("1")}, "are sent each as its own text"},
		{document, map[string]Text{"_": Literal(`{"a": 2}`)}, ""},
		{flat, map[string]Text{"a": Literal("2")}, ""},
		{nil, map[string]Text{"_": Literal(`{"a": 1}`)}, ""},
	} {
		p, err := NewPlan(&Config{Resources: []Resource{instance("i", test.want)}}, state(current("i", test.there)), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if (test.said == "") != (len(p.Notes) == 0) || test.said != "" && !strings.Contains(p.Notes[0].Message, test.said) {
			t.Errorf("%v → %v: got the notes %v", test.there, test.want, p.Notes)
		}
	}
}
