package main

import (
	"encoding/json"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	ciMain = `request("https://lab.example/kvm/software.cfg", "one", {"password": secret("password")}, protect = True)
`
	// What a policy is told is the same in the merge request and after it.
	ciPolicy = `def deny_elsewhere(plan, context):
    """This is about the main branch, and about production."""
    if context.environment != "production" or context.branch != "main":
        return "this is %s of %s" % (context.branch, context.environment)
    return None
`
	ciTests = `def test_plan():
    assert.eq(plan("main.star", secrets = {"password": "x"}).create >= 1, True)
`
)

// newCIProject is a repository whose main branch is applied.
func newCIProject(t *testing.T) *ciProject {
	t.Helper()
	for _, program := range []string{"git", "sh"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(err)
		}
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := &ciProject{dir: dir, origin: filepath.Join(dir, "origin.git"), cfg: filepath.Join(dir, "operator.cfg"), forgePath: filepath.Join(dir, "forge.json")}
	if err := (&forge{}).save(p.forgePath); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.cfg, []byte("[slapos]\nmaster_url = embedded:"+filepath.Join(dir, "master.sqlite")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	first := filepath.Join(dir, "first")
	if err := os.Mkdir(first, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"main.star": ciMain, "main_test.star": ciTests, "policy.star": ciPolicy} {
		if err := os.WriteFile(filepath.Join(first, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.git(t, dir, "init", "-q", "--bare", "-b", "main", p.origin)
	p.git(t, first, "init", "-q", "-b", "main")
	p.git(t, first, "add", "-A")
	p.git(t, first, "commit", "-q", "-m", "first")
	p.git(t, first, "push", "-q", p.origin, "main")
	p.slapstar(t, first, "apply", "--auto-approve", "--environment", "production", "--branch", "main", "--secret", "password=env:SHOP_PASSWORD")
	return p
}

// slapstar runs it on the Master, as the operator.
func (p *ciProject) slapstar(t *testing.T, dir string, args ...string) string {
	t.Helper()
	out, code := p.shell(t, dir, `exec slapstar "--cfg" "`+p.cfg+`" `+strings.Join(args, " "), nil)
	if code != 0 {
		t.Fatalf("slapstar %q: exit code %d\n%s", args, code, out)
	}
	return out
}

// has reports whether the Master has an instance.
func (p *ciProject) has(t *testing.T, name string) bool {
	t.Helper()
	return strings.Contains(p.slapstar(t, p.dir, "list", "--format", "json"), `"name": "`+name+`"`)
}

func (r ciResult) ends(t *testing.T, code int, want ...string) {
	t.Helper()
	if r.code != code {
		t.Fatalf("exit code %d, want %d\n%s", r.code, code, r.out)
	}
	for _, text := range want {
		if !strings.Contains(r.out, text) {
			t.Errorf("there is no %q in\n%s", text, r.out)
		}
	}
	if strings.Contains(r.out, "hunter22") {
		t.Errorf("it shows a secret:\n%s", r.out)
	}
}

// plans are the comments of the bot that have the marker.
func (p *ciProject) plans(t *testing.T, number int) []forgeComment {
	t.Helper()
	var list []forgeComment
	for _, c := range p.forge(t).Comments {
		if c.Author == forgeBot && c.Number == number && strings.HasPrefix(c.Body, "<!-- slapstar plan main v3-") {
			list = append(list, c)
		}
	}
	return list
}

var markedDigest = regexp.MustCompile(`^<!-- slapstar plan main (v3-[0-9a-f]{64}) -->\n`)

func digestOf(t *testing.T, markdown string) string {
	t.Helper()
	m := markedDigest.FindStringSubmatch(markdown)
	if m == nil {
		t.Fatalf("there is no digest in\n%s", markdown)
	}
	return m[1]
}

func ciInstance(name string) string {
	return `request("https://lab.example/kvm/software.cfg", "` + name + `")` + "\n"
}

func readFileOf(t *testing.T, parts ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestMergeRequests takes changes through the pipelines of examples/ci, as
// docs/howto/merge-requests.md tells it: the scripts in them are run by a shell.
func TestMergeRequests(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it is concurrent")
	}
	for name, system := range map[string]ciSystem{"gitlab": gitlab{}, "github": github{}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newCIProject(t)
			t.Run("merged", func(t *testing.T) { mergedIsApplied(t, system, p) })
			t.Run("moved", func(t *testing.T) { movedIsRefused(t, system, p) })
			t.Run("edited", func(t *testing.T) { editedCommentIsNoApproval(t, system, p) })
			t.Run("staged", func(t *testing.T) { stagesAreApprovedOneByOne(t, system, p) })
			t.Run("hostile", func(t *testing.T) { hostileRequestSaysNothing(t, system, p) })
			t.Run("drift", func(t *testing.T) { driftIsFound(t, system, p) })
		})
	}
}

// A merge request is checked and planned, its comment is updated in place, and what was
// merged is applied, once.
func mergedIsApplied(t *testing.T, system ciSystem, p *ciProject) {
	for number := range 3 { // others write the marker, too, and there is more than a page
		p.changeForge(t, func(f *forge) {
			f.Comments = append(f.Comments, forgeComment{ID: 10 + number, Number: 1, Author: "mallory", Body: "<!-- slapstar plan main v3-" + strings.Repeat("0", 64) + " -->\n"})
		})
	}
	p.commit(t, "change-1", map[string]string{"main.star": ciMain + ciInstance("draft")})
	system.plan(t, p, 1).ends(t, 0, "Plan: 1 to create")
	first := p.plans(t, 1)
	if len(first) != 1 || !strings.Contains(first[0].Body, "draft") {
		t.Fatalf("got comments %+v", p.forge(t).Comments)
	}

	p.commit(t, "change-1", map[string]string{"main.star": ciMain + ciInstance("two")})
	checked := system.check(t, p, 1)
	checked.ends(t, 0)
	if err := xml.Unmarshal([]byte(readFileOf(t, system.outputs(checked), "junit.xml")), new(struct {
		XMLName xml.Name `xml:"testsuites"`
	})); err != nil {
		t.Error(err)
	}
	planned := system.plan(t, p, 1)
	planned.ends(t, 0, "Plan: 1 to create")
	plans := p.plans(t, 1)
	if len(plans) != 1 || plans[0].ID != first[0].ID || strings.Contains(plans[0].Body, "draft") || digestOf(t, plans[0].Body) == digestOf(t, first[0].Body) {
		t.Fatalf("got comments %+v", plans)
	}
	if _, onGitLab := system.(gitlab); onGitLab {
		var widget map[string]int
		if err := json.Unmarshal([]byte(readFileOf(t, system.outputs(planned), "report.json")), &widget); err != nil || widget["create"] != 1 {
			t.Errorf("the widget has %v, %v", widget, err)
		}
		var issues []any
		if err := json.Unmarshal([]byte(readFileOf(t, system.outputs(checked), "codequality.json")), &issues); err != nil {
			t.Error(err)
		}
	}

	p.merge(t, 1)
	if p.has(t, "two") {
		t.Fatal("it was created before the merge")
	}
	system.apply(t, p, "").ends(t, 0, "Apply: 1 done")
	if !p.has(t, "two") || p.has(t, "draft") {
		t.Error("the Master does not have what was merged")
	}
	system.apply(t, p, "").ends(t, 0, "No changes.")
}

// A Master that has changed since the plan is not written to, until somebody approves the
// plan that there is now.
func movedIsRefused(t *testing.T, system ciSystem, p *ciProject) {
	p.commit(t, "change-2", map[string]string{"three.star": "", "main.star": ciMain + ciInstance("two") + `request("https://lab.example/kvm/software.cfg", "three", {"size": 2})` + "\n"})
	system.plan(t, p, 2).ends(t, 0, "Plan: 1 to create")
	by := filepath.Join(p.dir, "byhand.star")
	if err := os.WriteFile(by, []byte(`request("https://lab.example/kvm/software.cfg", "three", {"size": 1})`), 0o600); err != nil {
		t.Fatal(err)
	}
	p.slapstar(t, p.dir, "apply", "--auto-approve", "byhand.star")
	p.merge(t, 2)
	refused := system.apply(t, p, "")
	refused.ends(t, 4, "the plan is not the one that was approved", "Not all of this was approved", "Plan: 0 to create, 1 to update")
	digest := digestOf(t, readFileOf(t, system.outputs(refused), "left.md"))
	system.apply(t, p, "v3-"+strings.Repeat("0", 64)).ends(t, 4, "the plan is not the one that was approved")
	system.apply(t, p, digest).ends(t, 0, "Apply: 1 done")
}

// A comment that was changed after the merge approves nothing, and neither does one of
// somebody else; what nobody has planned is not applied.
func editedCommentIsNoApproval(t *testing.T, system ciSystem, p *ciProject) {
	p.commit(t, "change-3", map[string]string{"main.star": readMain(t, p) + ciInstance("four")})
	p.merge(t, 3)
	unplanned := system.apply(t, p, "")
	unplanned.ends(t, 4, "Not all of this was approved")
	left := readFileOf(t, system.outputs(unplanned), "left.md")
	p.changeForge(t, func(f *forge) {
		f.Comments = append(f.Comments, forgeComment{ID: 501, Number: 3, Author: "mallory", Body: left, Updated: 0}, forgeComment{ID: 502, Number: 3, Author: forgeBot, Body: left, Updated: f.Time})
	})
	system.apply(t, p, "").ends(t, 4, "Not all of this was approved")
	// Two plans of the bot leave open which one was approved.
	p.changeForge(t, func(f *forge) {
		other := strings.Replace(left, digestOf(t, left), "v3-"+strings.Repeat("f", 64), 1) // which comes last, however they are sorted
		f.Comments[len(f.Comments)-1].Updated = 0
		f.Comments = append(f.Comments, forgeComment{ID: 503, Number: 3, Author: forgeBot, Body: other, Updated: 0})
	})
	system.apply(t, p, "").ends(t, 4, "Not all of this was approved")
	if p.has(t, "four") {
		t.Error("it was applied")
	}
	p.changeForge(t, func(f *forge) { f.Comments = f.Comments[:len(f.Comments)-1] })
	system.apply(t, p, "").ends(t, 0, "Apply: 1 done")
}

// What comes after a value that is not known yet has an approval of its own.
func stagesAreApprovedOneByOne(t *testing.T, system ciSystem, p *ciProject) {
	staged := `stage = request("https://lab.example/kvm/software.cfg", "stage-a")
if stage.getConnectionParameter("url"):
    request("https://lab.example/kvm/software.cfg", "stage-b")
`
	p.commit(t, "change-6", map[string]string{"main.star": readMain(t, p) + staged})
	system.plan(t, p, 6).ends(t, 0, "Plan: 1 to create")
	p.merge(t, 6)
	first := system.apply(t, p, "")
	first.ends(t, 4, "Apply: 1 done", "Not all of this was approved")
	if !p.has(t, "stage-a") || p.has(t, "stage-b") {
		t.Error("the Master has something else than the first stage")
	}
	system.apply(t, p, digestOf(t, readFileOf(t, system.outputs(first), "left.md"))).ends(t, 0, "Apply: 1 done")
}

// readMain is the entry file of the main branch.
func readMain(t *testing.T, p *ciProject) string {
	t.Helper()
	return readFileOf(t, p.checkout(t, "refs/heads/main"), "main.star")
}

// What somebody changes by hand is found at night.
func driftIsFound(t *testing.T, system ciSystem, p *ciProject) {
	system.drift(t, p).ends(t, 0)
	by := filepath.Join(p.dir, "byhand.star")
	if err := os.WriteFile(by, []byte(`request("https://lab.example/kvm/software.cfg", "three", {"size": 7})`), 0o600); err != nil {
		t.Fatal(err)
	}
	p.slapstar(t, p.dir, "apply", "--auto-approve", "byhand.star")
	system.drift(t, p).ends(t, 5, "three")
}
