package console

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"slapstar/engine"
	"slapstar/engine/document"
	"slapstar/slap"
	"slapstar/starlib"
)

// A fakeStaging plans against what a fakeMaster has.
type fakeStaging struct {
	*fakeMaster
	saved string
}

func (s *fakeStaging) Plan(_ context.Context, c *engine.Config) error {
	for _, r := range c.Resources {
		s.log = append(s.log, string(r.Address()))
	}
	return nil
}

func (s *fakeStaging) Apply(ctx context.Context, c *engine.Config) error { return s.Plan(ctx, c) }

func (s *fakeStaging) Save(_ context.Context, f File) error {
	s.saved = f.Source
	return nil
}

func stagedSession(t *testing.T) (*Session, *fakeStaging) {
	t.Helper()
	in := testInputs(t.TempDir())
	staging := &fakeStaging{fakeMaster: present()}
	s, err := New(in, Options{Staging: staging})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s, staging
}

func TestStagedSession(t *testing.T) {
	for _, c := range []struct {
		name    string
		entries []string
		want    string   // or a part of the error, behind "!"
		plan    []string // what is staged then
	}{
		{"requests are collected", []string{"request('u', 'a')", "supply('u', 'COMP-1')"}, "", []string{"instance a", "software u on COMP-1"}},
		{"a failed entry stages nothing", []string{"request('u', 'a')", "request('u', 'b'); fail('')"}, "!fail", []string{"instance a"}},
		{"and can be entered again", []string{"request('u', 'b'); fail('')", "request('u', 'b')"}, "instance b\n  software_release  u\n  software_type     default\n  state             started", []string{"instance b"}},
		{"undo", []string{"request('u', 'a')", "request('u', 'b'); request('u', 'c')", "undo()"}, "", []string{"instance a"}},
		{"undo twice", []string{"request('u', 'a')", "request('u', 'b')", "undo()", "undo()"}, "", nil},
		{"undo of nothing", []string{"undo()"}, "!undo: nothing is staged", nil},
		{"undo, and on", []string{"request('u', 'a')", "undo()", "request('v', 'a')", "undo(); request('w', 'a'); undo()"}, "", nil},
		{"undo in a script", []string{"request('u', 'a'); undo(); request('u', 'b')"}, "", []string{"instance b"}},
		{"reset", []string{"request('u', 'a')", "request('u', 'b')", "reset()"}, "", nil},
		{"a reset that fails", []string{"request('u', 'a')", "reset(); fail('')", "request('u', 'a').getState()"}, `"started"`, []string{"instance a"}},
		{"reset and request", []string{"request('u', 'a')", "reset(); request('v', 'a')", "request('x', 'b')", "undo()"}, "", []string{"instance a"}},
		{"looked up again", []string{"request('u', 'a', {'n': 1}, state = 'stopped')", "request('u', 'a').getState()"}, `"stopped"`, []string{"instance a"}},
		{"otherwise", []string{"request('u', 'a', {'n': 1})", "request('u', 'a', {'n': 2})"}, "!is declared already", []string{"instance a"}},
		{"what is not given is that of the Master", []string{"request('" + kvmURL + "', 'vm').getInstanceParameterDict()"}, `{"ram": "4096"}`, []string{"instance vm"}},
		{"a value of the Master", []string{"getInformation('vm').getConnectionParameter('url')"}, `"http://[::1]/"`, nil},
		{"a value that is not known", []string{"request('u', 'a').getConnectionParameter('url')"}, "(known after a)", []string{"instance a"}},
		{"a condition with it", []string{"x = request('u', 'a').getConnectionParameter('url')", "x == ''"}, "!== needs the value of connection parameter", []string{"instance a"}},
		{"the Master is not written to", []string{"getInformation('vm').bang('')"}, "!does not go with --staged", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, staging := stagedSession(t)
			shown, err := enter(s, c.entries...)
			if want, ok := strings.CutPrefix(c.want, "!"); ok {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, %v, want error %q", shown, err, want)
				}
			} else if err != nil || c.want != "" && shown != c.want {
				t.Errorf("got %q, %v, want %q", shown, err, c.want)
			}
			if _, err := enter(s, "plan()"); err != nil || !slices.Equal(staging.log, c.plan) {
				t.Errorf("staged: %q, %v, want %q", staging.log, err, c.plan)
			}
		})
	}
}

// A saved session is a file with the same plan.
func TestGenerate(t *testing.T) {
	s, staging := stagedSession(t)
	entries := []string{
		`db = request(product.erp5, "shop-db", {"password": secret("password"), "empty": ""}, filter_kw = {"computer_guid": "COMP-1", "group": "a\"b"})`,
		`app = request(product.kvm, "9 app", {"url": "x/" + db.getConnectionParameter("url") + "/y", "line": "a\nb"}, "small", state = "stopped", depends_on = [db], protect = True)`,
		`request("u", "request", {"_": json.encode({"a": [db.getConnectionParameter("url")], "p": secret("password")})}, shared = True, wait_for = ["url"], timeout = 90, ignore_changes = ["state", "parameters.a"])`,
		`request("u", "user", {"k": getInformation("vm").getConnectionParameter("later"), "l": app.getConnectionParameter("a")})`,
		`u, p = db.getConnectionParameter("url"), db.getConnectionParameter("port")`,
		`request("u", "made", {"a": int(p), "b": "x%05d" % int(p), "c": u.split(":", 1)[1].strip("/")[1:-1], "d": u.replace("a", "b").partition("/")[0], "e": float(p),
			"f": "%s" % [u, secret("password")], "g": hashlib.sha256(secret("password")) + base64.encode(u, url = True), "h": re.sub("a", "\\0", u), "i": texts.rjust(u, 9, ".")[3],
			"j": urls.host(u) + u.split()[0].rsplit("/", 2)[-1].splitlines()[0] + texts.indent(u, "> ")[::-1]})`,
		`request("u", "numbers", {"a": int(p), "b": [float(p)]}, serialisation = "json-in-xml")`,
		`request("` + kvmURL + `", "vm")`,
		`supply(product.kvm, "COMP-1"); supply("u", "COMP-2", "destroyed")`,
		`owns("*", protect = ["b*", "q"], but = ["data-*"])`,
		`save("x.star")`,
	}
	for _, entry := range entries {
		if _, err := enter(s, entry); err != nil {
			t.Fatalf("%s: %v", entry, err)
		}
	}
	if strings.Contains(staging.saved, "hush-hush") {
		t.Errorf("a secret is in the file:\n%s", staging.saved)
	}
	if want := `owns("*", protect = ["b*", "q"], but = ["data-*"])`; !strings.Contains(staging.saved, want) {
		t.Errorf("there is no %s in the file:\n%s", want, staging.saved)
	}
	in := testInputs("")
	in.Vars, in.File = nil, filepath.Join(t.TempDir(), "x.star")
	in.Instance = func(name string) (slap.Instance, bool) { i, ok := present().instances[name]; return i, ok }
	in.Lookup = func(r engine.Reference) (string, bool) {
		v, ok := present().instances[r.Instance].ConnectionParameters[r.Key]
		return v, ok
	}
	if err := os.WriteFile(in.File, []byte(staging.saved), 0o600); err != nil {
		t.Fatal(err)
	}
	config, err := starlib.Exec(context.Background(), in)
	if err != nil {
		t.Fatalf("%v\n%s", err, staging.saved)
	}
	digest := func(c *engine.Config) string {
		state, err := engine.Observe(context.Background(), reader{present()})
		if err != nil {
			t.Fatal(err)
		}
		plan, err := engine.NewPlan(c, state, engine.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return document.Digest(plan)
	}
	if got, want := digest(config), digest(s.Declared()); got != want {
		t.Errorf("the plan of the file is another one:\n%s", staging.saved)
	}
	if got, want := starlib.Generate(config), starlib.Generate(s.Declared()); got != want {
		t.Errorf("the file declares something else: got\n%s\nwant\n%s", got, want)
	}
}

// A reader is an engine.Reader over a fakeMaster.
type reader struct{ *fakeMaster }

func (reader) SoftwareInstallations(context.Context, string) ([]slap.SoftwareInstallation, error) {
	return nil, nil
}

// Of an entry that failed nothing is shown, since nothing of it is left.
func TestStagedFailureShowsNothing(t *testing.T) {
	s, _ := stagedSession(t)
	if shown, err := s.Entry(t.Context(), `request("u", "a"); fail("no")`); err == nil || shown != "" {
		t.Errorf("got %q, %v", shown, err)
	}
	if shown, err := s.Entry(t.Context(), `request("u", "a")`); err != nil || shown == "" {
		t.Errorf("got %q, %v", shown, err)
	}
}

// What an instance has published is written as that, and text that is merely equal as text.
// A credential is not in the file.
func TestGenerateOrigins(t *testing.T) {
	s, staging := stagedSession(t)
	staging.instances["db"] = slap.Instance{InstanceRequest: slap.InstanceRequest{Name: "db", SoftwareRelease: "u", SoftwareType: slap.DefaultType, State: slap.Started}, GUID: "SOFTINST-1",
		ConnectionParameters: slap.Parameters{"user": "admin", "password": "hush-hush", "_": `{"url": "http://[::1]/", "n": ["x", "y"]}`}}
	for _, entry := range []string{
		`db = getInformation("db")`,
		`user = db.getConnectionParameter("user")`,
		`request("u", "other", {"group": "administrators", "same": "admin", "user": user, "joined": "<%s>" % user.upper(), "doc": json.encode({"u": [user]}),
			"password": "p=" + db.getConnectionParameter("password"), "url": json.decode(db.getConnectionParameter("_"))["url"], "n": db.output("n", 1)}, shared = True, filter_kw = {"instance_guid": db.getInstanceGuid()})`,
		`save("x.star")`,
	} {
		if _, err := enter(s, entry); err != nil {
			t.Fatalf("%s: %v", entry, err)
		}
	}
	for _, want := range []string{
		`"group": "administrators",`, `"same": "admin",`, `"user": db.getConnectionParameter("user"),`, `"joined": "<" + (db.getConnectionParameter("user")).upper() + ">",`,
		`"doc": "{\"u\":[" + json.encode(db.getConnectionParameter("user")) + "]}",`, `"password": "p=" + db.getConnectionParameter("password"),`, `"instance_guid": db.getInstanceGuid()`,
	} {
		if !strings.Contains(staging.saved, want) {
			t.Errorf("want %s in\n%s", want, staging.saved)
		}
	}
	for _, not := range []string{"hush-hush", "istrators\"", "[::1]", `"n": "y"`} {
		if strings.Contains(strings.ReplaceAll(staging.saved, `"administrators"`, ""), not) {
			t.Errorf("want no %s in\n%s", not, staging.saved)
		}
	}
}
