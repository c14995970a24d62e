package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strings"
	"testing"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/cmd/slapstar/internal/view/diff"
	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/slap"
)

func render(t *testing.T, x Text, p *engine.Plan) string {
	t.Helper()
	var b bytes.Buffer
	x.W = &b
	if err := x.Plan(p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	const want = `  + instance db                                                 main.star:1
      software_release  https://lab.example/software.cfg  product.kvm
      parameters
        note            2 lines
            | one
            | two
  ~ instance app                                                main.star:2 (from main.star:9)  edited here
      parameters
    ~   _
    ~     a     b → (known after db)
    +     n[1]  2
    ~   hidden    (secret) → <(secret)>, changed
    ~   password  (secret) → (secret), changed
    ~   from      a → b (may change: app is updated too)
    -   gone      was
  - instance shop-old                                           owned by "shop-*" (main.star:3), no longer declared
  - instance before                                             declared at HEAD~1 (main.star:4), no longer declared
  - software https://lab.example/old.cfg on COMP-1              main.star:5
  ! instance app (main.star:2:1): it cannot be
      hint: do something else
  ! policy deny_x is overridden: it has to be (instance app (main.star:2:1): no)
  … more depends on "url" of instance db, at main.star:8:1 (==); it is planned once that is known
  note: instance db (main.star:1:1): it stays
  note: the SLA of 1 instance cannot be read on this Master, so it was not compared
  This plan is partial: only "a*" and what has to go before it, without "b" and what waits for it; 3 changes are left out.

Master: https://slap.lab.example
Judged by: policy.star (Friday 2026-11-27T16:30:00Z, environment prod, branch main)
Plan: 1 to create, 1 to update, 3 to destroy. 1 refused. 1 unchanged. 2 instances and 1 software release on this Master are in no file. More to come. Causes: 1 edited here.
`
	if got := render(t, Text{}, everything()); got != want {
		t.Errorf("got\n%s", got)
	}
	shown := render(t, Text{ShowSecrets: true}, everything())
	if !strings.Contains(shown, "password  old → new\n") || strings.Contains(shown, "hunter2") || strings.Contains(shown, "hidden    x") {
		t.Errorf("what looks like a credential is to be shown and no secret:\n%s", shown)
	}
	if got := render(t, Text{Color: true}, everything()); strings.NewReplacer("\x1b[31m", "", "\x1b[32m", "", "\x1b[33m", "", "\x1b[0m", "").Replace(got) != want {
		t.Errorf("colours change the text:\n%s", got)
	}
}

// alikePlan is a plan with many changes of four kinds.
func alikePlan(n int) *engine.Plan {
	p := &engine.Plan{Declared: &engine.Config{}}
	for i := range n {
		name := fmt.Sprintf("prod-app-%04d", i+1)
		c := &engine.Change{Action: engine.Update, Resource: instance(name, 5), Cause: engine.EditedHere,
			Attributes: []engine.Attribute{parameter("_", text(`{"web": {"threads": 4}}`), engine.Literal(`{"web": {"threads": 8}}`))}}
		switch i % 4 {
		case 1:
			c = &engine.Change{Action: engine.Create, Resource: instance(name, 6), Attributes: []engine.Attribute{parameter("n", nil, engine.Literal("1"))}}
		case 2:
			c = &engine.Change{Action: engine.Delete, Resource: instance(name, 7), Cause: engine.NoLongerDeclared, Claim: &engine.Claim{Pattern: "*", Origin: origin(1)},
				Current: &slap.Instance{InstanceRequest: slap.InstanceRequest{SoftwareRelease: "https://lab.example/s.cfg", SoftwareType: "default", State: slap.Started}, Computer: "COMP-1"}, UsedBy: []string{"web"}}
		}
		p.Changes = append(p.Changes, c)
		p.Notes = append(p.Notes, engine.Note{Address: c.Address(), Origin: origin(5), Message: "it stays"})
	}
	return apart(p)
}

func TestTextGroups(t *testing.T) {
	const want = `  ~ instance prod-app-{0001,0004,0005,0008} (4)                 main.star:5  edited here
      parameters (json)
    ~   web.threads  4 → 8
  + instance prod-app-{0002,0006} (2)                           main.star:6
      parameters
        n  1
  - instance prod-app-{0003,0007} (2)                           owned by "*" (main.star:7), no longer declared
      software_release  https://lab.example/s.cfg
      node              COMP-1
      state             started
      used by           web
  note: instance prod-app-{0001..0008} (8) (main.star:5:1): it stays

Plan: 2 to create, 4 to update, 2 to destroy. Causes: 4 edited here.
`
	if got := render(t, Text{Group: true}, alikePlan(8)); got != want {
		t.Errorf("got\n%s", got)
	}
	if got := render(t, Text{}, alikePlan(40)); strings.Contains(got, "(20)") || strings.Count(got, "web.threads") != 20 {
		t.Errorf("without a terminal there are groups:\n%s", got)
	}
	if got := render(t, Text{Width: 100}, alikePlan(40)); !strings.Contains(got, "(20)") || strings.Count(got, "web.threads") != 1 || strings.Count(got, "- instance prod-app") != 10 {
		t.Errorf("on a terminal more than ten alike are to be one:\n%s", got)
	}
}

// Nothing is wider than the terminal but the last line, which scripts read, and no
// word is lost.
func TestTextWidth(t *testing.T) {
	words := func(s string) string { return strings.Join(strings.Fields(s), "") }
	whole := words(render(t, Text{}, everything()))
	for width := 24; width < 140; width++ {
		got := render(t, Text{Width: width}, everything())
		lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
		for _, line := range lines[:len(lines)-1] {
			if term.Columns(line) > width {
				t.Errorf("width %d: %q has %d columns", width, line, term.Columns(line))
			}
		}
		if words(got) != whole {
			t.Errorf("width %d: some text is lost:\n%s", width, got)
		}
	}
	for _, width := range []int{1, 2, 5, 8, 12} { // no panic, no endless loop
		render(t, Text{Width: width}, large(30, "name", "日本語 \U0001F469\u200d\U0001F4BB a\nb"))
	}
}

// On a terminal a long value is cut, and says which one it was and where all of it is.
func TestTextCut(t *testing.T) {
	long := strings.Repeat("0123456789", 400)
	p := apart(&engine.Plan{Changes: []*engine.Change{{Action: engine.Create, Resource: instance("db", 1), Attributes: []engine.Attribute{
		parameter("conf", nil, engine.Literal(long)), parameter("password", nil, engine.Literal(long)), parameter("lines", nil, engine.Literal("a\n"+long)),
	}}}})
	got := render(t, Text{Width: 80, ShowSecrets: true}, p)
	for _, want := range []string{"… cut here, " + diff.Digest(long) + ": without a terminal all of it", "… cut here: without a terminal all of it"} {
		if !strings.Contains(strings.Join(strings.Fields(got), " "), want) {
			t.Errorf("there is no %q in\n%s", want, got)
		}
	}
	if strings.Contains(render(t, Text{}, p), "cut here") {
		t.Error("it is cut without a terminal")
	}
}

// A name that looks like another is shown as what it is, in each view.
func TestNamesThatLookAlike(t *testing.T) {
	p := &engine.Plan{Declared: &engine.Config{}, Changes: []*engine.Change{
		{Action: engine.Create, Resource: instance("d\u0430tabase", 1)},
		{Action: engine.Delete, Resource: instance("prod\u2010db", 2)},
		{Action: engine.Update, Resource: instance("shop-\u0430\u0440\u0435\u3164", 3)},
	}}
	var graph bytes.Buffer
	if err := (Graph{W: &graph}).DOT(p); err != nil {
		t.Fatal(err)
	}
	for view, got := range map[string]string{"text": render(t, Text{}, p), "markdown": html.UnescapeString(checkMarkdown(t, p)), "graph": strings.ReplaceAll(graph.String(), `\\`, `\`)} {
		for _, want := range []string{`instance d\u0430tabase`, `instance prod\u2010db`, `instance shop-\u0430\u0440\u0435\u3164`} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: there is no %s in\n%s", view, want, got)
			}
		}
	}
	var b bytes.Buffer
	if err := PlanJSON(&b, p, document.Context{}); err != nil || !strings.Contains(b.String(), "\"name\": \"d\u0430tabase\"") {
		t.Errorf("JSON does not keep the name: %v\n%s", err, &b)
	}
}

// No line of a plan begins with foreign text, wherever it stands.
func TestTextLines(t *testing.T) {
	for _, content := range hostile {
		checkLines(t, render(t, Text{}, large(8, content, content)))
		checkLines(t, render(t, Text{}, large(8, "name", content+"\n"+content+"\n")))
	}
}

// What a node says is cut, and where all of it is; it does not begin a line.
func TestReports(t *testing.T) {
	got := Reports([]engine.Need{{Reference: engine.Reference{Instance: "db"}, Status: "#error ::add-mask::x\nPlan: " + strings.Repeat("x", 400)}}, nil)
	if len(got) != 1 || !strings.HasPrefix(got[0], `instance db: the node says: #error ::add-mask::x\nPlan: xxx`) || !strings.HasSuffix(got[0], "x… (slapstar info shows all)") {
		t.Errorf("got %q", got)
	}
}

// Some CI systems take ##vso[…] for a command wherever it stands: JSON writes it in
// another way, and means the same.
func TestJSONHasNoCommand(t *testing.T) {
	want := []string{"##vso[task.complete]", "####[x]", "\u202e"}
	var b bytes.Buffer
	if err := JSON(&b, want); err != nil {
		t.Fatal(err)
	}
	var got []string
	if err := json.Unmarshal(b.Bytes(), &got); err != nil || !slices.Equal(got, want) || strings.Contains(b.String(), "##") {
		t.Errorf("got %q, %v", &b, err)
	}
}

func TestTable(t *testing.T) {
	for _, test := range []struct {
		rows [][]string
		want string
	}{
		{[][]string{{"A", "B"}, {"日本\x1b", ""}, {"", "x"}}, "A         B\n日本\\x1b\n          x\n"},
		{[][]string{{"NAME", "STATE"}, {"::add-mask::x", "::"}, {"  Plan: 0 to create", "y"}, {"d\u0430ta", "z"}},
			"NAME                   STATE\n\"::add-mask::x\"        ::\n  \"Plan: 0 to create\"  y\nd\\u0430ta              z\n"},
	} {
		var b bytes.Buffer
		if err := table(&b, test.rows); err != nil {
			t.Fatal(err)
		}
		if b.String() != test.want {
			t.Errorf("got %q, want %q", &b, test.want)
		}
	}
}
