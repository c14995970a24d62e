package policy_test

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"strings"
	"testing"

	"slapstar/engine"
	"slapstar/slap"
	"slapstar/starlib"
	"slapstar/starlib/lang"
	"slapstar/starlib/policy"
)

// sources are files in memory.
func sources(files map[string]string) *lang.Sources {
	return &lang.Sources{Text: maps.Clone(files), Read: func(string) ([]byte, error) { return nil, fs.ErrNotExist }}
}

// planOf plans a file against a Master that has these instances.
func planOf(t *testing.T, source, earlier string, has ...slap.Instance) *engine.Plan {
	t.Helper()
	state := engine.NewState()
	for _, i := range has {
		if i.State == "" {
			i.State = slap.Started
		}
		i.SoftwareRelease, i.SoftwareType = "u", slap.DefaultType
		state.Instances[i.Name] = i
	}
	evaluate := func(source string) *engine.Config {
		config, err := starlib.Exec(t.Context(), starlib.Inputs{
			Source: lang.Source{File: "main.star", Sources: sources(map[string]string{"main.star": source})},
			Secret: func(_ context.Context, name string) (string, error) { return "hush-" + name, nil },
			Lookup: state.Find,
		})
		if err != nil {
			t.Fatal(err)
		}
		return config
	}
	options := engine.Options{Master: "https://master.example/"}
	if earlier != "" {
		options.Since = &engine.Revision{Name: "HEAD", Config: evaluate(earlier)}
	}
	plan, err := engine.NewPlan(evaluate(source), state, options)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// judge returns what a policy says, a line each.
func judge(t *testing.T, source string, plan *engine.Plan, c engine.Circumstances) string {
	t.Helper()
	var printed strings.Builder
	p, err := policy.Read(t.Context(), "policy.star", lang.Source{File: "policy.star", Sources: sources(map[string]string{"policy.star": source}),
		Print: func(_ engine.Position, message string) { printed.WriteString(message + "\n") }})
	if err != nil {
		return "cannot be read: " + err.Error() + "\n"
	}
	verdicts, err := p.Judge(t.Context(), plan, c)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range verdicts {
		if v.Address != "" {
			printed.WriteString(string(v.Address) + ": ")
		}
		printed.WriteString(v.Message + "\n")
	}
	return printed.String()
}

func instance(name string, parameters slap.Parameters) slap.Instance {
	return slap.Instance{InstanceRequest: slap.InstanceRequest{Name: name, Parameters: parameters}}
}

// What a policy can ask of a plan.
func TestJudge(t *testing.T) {
	published := instance("db", nil)
	published.ConnectionParameters = slap.Parameters{"url": "mysql://db", "password": "opensesame"}
	tests := []struct {
		name, file, policy string
		has                []slap.Instance
		want               string
	}{
		{"nothing", `request("u", "a")`, `def deny_x(plan, context): return None`, nil, ""},
		{"an empty list", `request("u", "a")`, `def deny_x(plan, context): return []`, nil, ""},
		{"a text", `request("u", "a")`, `def deny_x(plan, context): return "no"`, nil, "no\n"},
		{"a tuple", `request("u", "a")`, `def deny_x(plan, context): return ("no", violation("not", plan.changes[0]))`, nil, "no\ninstance a: not\n"},
		{"a lambda", `request("u", "a")`, `deny_x = lambda plan, context: "no"`, nil, "no\n"},
		{"a parameter with a default", `request("u", "a")`, `def deny_x(plan, context, most = 3): return str(most)`, nil, "3\n"},
		{"counts", `request("u", "a"); request("u", "b", {"x": 2}); request("u", "c"); request("u", "d", state = "destroyed")`,
			`def deny_x(plan, context): return "%d %d %d %d %d %d" % (plan.create, plan.update, plan.destroy, plan.unchanged, len(plan.changes), len(plan.resources))`,
			[]slap.Instance{instance("b", slap.Parameters{"x": "1"}), instance("c", nil), instance("d", nil)}, "1 1 1 1 3 4\n"},
		{"unchanged values", `request("u", "a", {"ram": 4})`, `def deny_x(plan, context):
			c = plan.resources[0]
			return "%s %s %s %s" % (c.action, c.before.parameters, c.after.parameters, c.leaves)`,
			[]slap.Instance{instance("a", slap.Parameters{"ram": "4"})}, "no-op {\"ram\": \"4\"} {\"ram\": \"4\"} []\n"},
		{"leaves", `request("u", "a", {"ram": 8}, filter_kw = {"computer_guid": "C"})`, `def deny_x(plan, context):
			return ["%s %s %s" % (l.path, l.before, l.after) for l in plan.changes[0].leaves]`,
			[]slap.Instance{instance("a", slap.Parameters{"ram": "4", "old": "x"})}, "parameters.old x None\nparameters.ram 4 8\n"},
		{"leaves of a document", `request("u", "a", {"zope": {"threads": [1, 2.5, True, None, "x"]}}, serialisation = "json-in-xml")`, `def deny_x(plan, context):
			c = plan.changes[0]
			return [str(c.after.parameters), str(c.before.parameters)] + ["%s %r %r %r" % (l.path, l.keys, l.before, l.after) for l in c.leaves]`,
			[]slap.Instance{instance("a", slap.Parameters{"_": `{"zope": {"threads": [1, 2.5, true, null, "y"]}}`})},
			"{\"zope\": {\"threads\": [1, 2.5, True, None, \"x\"]}}\n{\"zope\": {\"threads\": [1, 2.5, True, None, \"y\"]}}\nparameters.zope.threads[4] (\"parameters\", \"zope\", \"threads\", 4) \"y\" \"x\"\n"},
		{"a destroyed one", `request("u", "a", state = "destroyed")`, `def deny_x(plan, context):
			c = plan.changes[0]
			return "%s %s %s %s" % (c.action, c.after, c.before.state, c.before.parameters["ram"])`,
			[]slap.Instance{instance("a", slap.Parameters{"ram": "4"})}, "destroy None started 4\n"},
		{"software", `supply("u", "COMP-1")`, `def deny_x(plan, context):
			c = plan.changes[0]
			return "%s %s %s %s %s %s" % (c.kind, c.name, c.before, c.after.node, c.after.state, c.address)`, nil, "software u None COMP-1 available software u on COMP-1\n"},
		{"what is not known yet", `request("u", "a", {"url": request("u", "new").getConnectionParameter("url")})`, `def deny_x(plan, context):
			url = plan.changes[1].after.parameters["url"]
			return "%s %s %s" % (is_known(url), is_secret(url), url)`, nil, "False False (known after new)\n"},
		{"a comparison with it", `request("u", "a", {"url": request("u", "new").getConnectionParameter("url")})`,
			`def deny_x(plan, context): return "no" if plan.changes[1].after.parameters["url"] == "x" else None`, nil,
			"the policy cannot judge: == needs the value of connection parameter \"url\" of instance \"new\", which is not known yet\n"},
		{"what was published", `request("u", "db"); request("u", "a", {"url": getInformation("db").getConnectionParameter("url")})`,
			`def deny_x(plan, context): return plan.changes[0].after.parameters["url"]`, []slap.Instance{published}, "mysql://db\n"},
		{"many", `request("u", "a")`, `def deny_x(plan, context): return ["no"] * 102`, nil, strings.Repeat("no\n", 99) + "no; and 2 more of the kind\n"},
		{"a long text", `request("u", "a")`, `def deny_x(plan, context): return "x" * 3000`, nil, strings.Repeat("x", 2000) + "… 1000 more bytes\n"},
		{"it cannot be changed", `request("u", "a", {"x": 1})`, `def deny_x(plan, context): plan.changes[0].after.parameters["x"] = "2"`, nil,
			"the policy cannot judge: cannot insert into frozen hash table\n"},
		{"nor can the list", `request("u", "a")`, `def deny_x(plan, context): plan.changes.clear()`, nil, "the policy cannot judge: clear: cannot clear frozen list\n"},
		{"more is to come", `if request("u", "a").getConnectionParameter("url") == "": pass`, `def deny_x(plan, context): return str(plan.more)`, nil, "True\n"},
		{"an empty file", `request("u", "a")`, ``, nil, "cannot be read: policy.star:1:1: got no function, want deny_NAME(plan, context), which refuses, or warn_NAME(plan, context), which warns\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := judge(t, test.policy, planOf(t, test.file, "", test.has...), engine.Circumstances{}); got != test.want {
				t.Errorf("%s\ngot  %q\nwant %q", test.policy, got, test.want)
			}
		})
	}
}

// The context of a run.
func TestContext(t *testing.T) {
	plan := planOf(t, `request("u", "a")`, "")
	const all = `def deny_x(plan, context):
		return " ".join([str(v) for v in (context.environment, context.branch, context.weekday, context.date, context.hour, context.minute, context.time, context.master, context.project, context.entry, context.command)])`
	c := engine.Circumstances{Environment: "prod", Branch: "main", Command: "apply", Time: "2026-11-27T16:30:00+01:00", Master: "https://m/", Project: "P-1", Entry: "main.star"}
	if got, want := judge(t, all, plan, c), "prod main Friday 2026-11-27 16 30 2026-11-27T16:30:00+01:00 https://m/ P-1 main.star apply\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := judge(t, all, plan, engine.Circumstances{}), "None None None None\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// tell writes all that a policy can get at.
const tell = `
def _values(v):
    seen = []
    todo = [v]
    for _ in range(100):
        if not todo:
            return seen
        v = todo.pop()
        if type(v) == "dict":
            seen += v.keys()
            todo += v.values()
        elif type(v) == "list":
            todo += v
        else:
            seen += [str(v), "%s" % v, v if type(v) == "string" else repr(v), is_secret(v), is_known(v)]
    return "too much"

def deny_x(plan, context):
    print(plan, context)
    for c in plan.resources:
        print(c, c.name, c.depends_on, c.used_by)
        for side in (c.before, c.after):
            if side:
                print(_values(side.parameters), side.sla)
        for l in c.leaves:
            print(l.path, l.keys, _values(l.before), _values(l.after), l)
    return [violation(p[1], c) for c in plan.resources for p in c.after.parameters.items() if type(p[1]) != "dict" and type(p[1]) != "list" and type(p[1]) != "int"]
`

// No value of a secret, of a credential, or of what was one, is seen.
func TestSecrets(t *testing.T) {
	published := instance("db", nil)
	published.ConnectionParameters = slap.Parameters{"url": "mysql://db", "password": "opensesame"}
	tests := []struct {
		name, file, earlier string
		has                 []slap.Instance
		mustNot             []string
		want                string
	}{
		{"a secret", `request("u", "a", {"pin": secret("pin")})`, "", nil, []string{"hush"}, "instance a: (secret)"},
		{"in text", `request("u", "a", {"pin": "x-" + secret("pin")})`, "", nil, []string{"hush"}, "(secret)"},
		{"changed", `request("u", "a", {"pin": secret("pin")})`, "", []slap.Instance{instance("a", slap.Parameters{"pin": "earlier"})}, []string{"hush", "earlier"}, "parameters.pin"},
		{"unchanged", `request("u", "a", {"pin": secret("pin")})`, "", []slap.Instance{instance("a", slap.Parameters{"pin": "hush-pin"})}, []string{"hush"}, "(secret)"},
		{"under another key", `request("u", "a", {"pin": secret("pin")})`, "", []slap.Instance{instance("a", slap.Parameters{"old": "hush-pin"})}, []string{"hush"}, "parameters.old"},
		{"ignored", `request("u", "a", {"pin": secret("pin"), "x": "2"}, ignore_changes = ["parameters.pin"])`, "", []slap.Instance{instance("a", slap.Parameters{"pin": "theirs"})}, []string{"hush", "theirs"}, "(secret)"},
		{"no longer one", `request("u", "a", {"pin": "public"})`, `request("u", "a", {"pin": secret("pin")})`, []slap.Instance{instance("a", slap.Parameters{"pin": "earlier"})}, []string{"hush", "earlier"}, "public"},
		{"in a document", `request("u", "a", {"zope": {"pin": secret("pin"), "threads": 4}}, serialisation = "json-in-xml")`, "",
			[]slap.Instance{instance("a", slap.Parameters{"_": `{"zope": {"pin": "earlier", "threads": 2}}`})}, []string{"hush", "earlier"}, "parameters.zope.threads"},
		{"in a list", `request("u", "a", {"pins": [secret("pin"), "open"]}, serialisation = "json-in-xml")`, "",
			[]slap.Instance{instance("a", slap.Parameters{"_": `{"pins": ["open", "hush-pin"]}`})}, []string{"hush"}, "open"},
		{"an ignored document", `request("u", "a", {"pin": secret("pin"), "n": 1}, serialisation = "json-in-xml", ignore_changes = ["parameters"])`, "",
			[]slap.Instance{instance("a", slap.Parameters{"_": `{"pin": "theirs", "n": 1}`})}, []string{"hush", "theirs"}, "(secret)"},
		{"a document that was none", `request("u", "a", {"pin": secret("pin")}, serialisation = "json-in-xml")`, "",
			[]slap.Instance{instance("a", slap.Parameters{"pin": "hush-pin", "password": "opensesame"})}, []string{"hush", "opensesame"}, "(secret)"},
		{"a number", `request("u", "a", {"password": 123456}, serialisation = "json-in-xml")`, "", nil, []string{"123456"}, "(secret)"},
		{"a credential by its key", `request("u", "a", {"admin-password": "opensesame"})`, "", nil, []string{"opensesame"}, "instance a: (secret)"},
		{"a credential by its value", `request("u", "a", {"url": "https://me:opensesame@lab.example/"})`, "", nil, []string{"opensesame"}, "instance a: (secret)"},
		{"a published one", `request("u", "db"); request("u", "a", {"x": "pw=" + getInformation("db").getConnectionParameter("password")})`, "", []slap.Instance{published}, []string{"opensesame"}, "instance a: (secret)"},
		{"one that the Master has", `request("u", "a", {"x": "1"})`, "", []slap.Instance{instance("a", slap.Parameters{"x": "1", "token": "opensesame"})}, []string{"opensesame"}, "parameters.token"},
		{"a derived one", `request("u", "a", {"x": base64.encode(secret("pin"))})`, "", nil, []string{"hush", "aHVza"}, "(secret)"},
		{"a key", `request("u", "a", {"zope": {"x": 1}}, serialisation = "json-in-xml"); request("u", "b", {"pin": secret("pin")})`, "",
			[]slap.Instance{instance("a", slap.Parameters{"_": `{"zope": {"hush-pin": 1}}`})}, []string{"hush"}, "(secret)"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := judge(t, tell, planOf(t, test.file, test.earlier, test.has...), engine.Circumstances{})
			for _, text := range test.mustNot {
				if strings.Contains(got, text) {
					t.Errorf("%q is seen:\n%s", text, got)
				}
			}
			if !strings.Contains(got, test.want) {
				t.Errorf("want %q in\n%s", test.want, got)
			}
		})
	}
}

// What would tell something of a value is refused.
func TestOracles(t *testing.T) {
	plan := planOf(t, `request("u", "a", {"pin": secret("pin"), "password": "opensesame"})`, "")
	for _, use := range []string{
		`v == "hush-pin"`, `v != ""`, `v in ["hush-pin"]`, `v < "i"`, `len(v)`, `v[0]`, `v.startswith("h")`, `bool(v)`, `"x" if v else "y"`,
		`{v: 1}`, `sorted([v, "a"])`, `max(v, "a")`, `hash(v)`, `int(v)`, `re.match("h.*", v)`, `json.decode(v)`, `v.elems()`, `ord(v)`, `"h" in v`, `[v] == ["hush-pin"]`, `v.index("h")`,
	} {
		for _, key := range []string{"pin", "password"} {
			got := judge(t, "def deny_x(plan, context):\n    v = plan.changes[0].after.parameters[\""+key+"\"]\n    return str("+use+")", plan, engine.Circumstances{})
			if !strings.HasPrefix(got, "the policy cannot judge: ") && got != "(secret)\n" {
				t.Errorf("%s of %s: got %q, want that it is refused", use, key, got)
			}
		}
	}
}

// An interruption is no verdict.
func TestInterrupted(t *testing.T) {
	p, err := policy.Read(t.Context(), "policy.star", lang.Source{File: "policy.star", Sources: sources(map[string]string{"policy.star": "def deny_x(plan, context):\n    for _ in range(1000000): pass"})})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Judge(ctx, planOf(t, `request("u", "a")`, ""), engine.Circumstances{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was canceled", err)
	}
}
