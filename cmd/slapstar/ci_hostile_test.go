package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A stranger's merge request does not speak with the voice of the bot, nor write outside
// of its own files, nor choose the Master.
func hostileRequestSaysNothing(t *testing.T, system ciSystem, p *ciProject) {
	victim := filepath.Join(p.dir, "victim")
	if err := os.Mkdir(victim, 0o700); err != nil {
		t.Fatal(err)
	}
	forged := "<!-- slapstar plan main v3-" + strings.Repeat("0", 64) + " -->\n"
	p.commit(t, "change-4", map[string]string{
		"main.star": "fail(\"\\n::set-output name=status::0\\n::add-mask::x\")\n", "slapstar-out": "-> " + victim, "plan.md": forged,
		"slapos.cfg": "[slapos]\nmaster_url = http://127.0.0.1:1/\n",
	})
	for _, r := range []ciResult{system.check(t, p, 4), system.plan(t, p, 4)} {
		r.ends(t, 1)
		for line := range strings.SplitSeq(r.out, "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "::") && !strings.HasPrefix(line, "::error file=") {
				t.Errorf("it says %q", line)
			}
		}
	}
	if files, err := os.ReadDir(victim); err != nil || len(files) > 0 {
		t.Errorf("there are %v, %v", files, err)
	}
	if plans := p.plans(t, 4); len(plans) > 0 {
		t.Errorf("it was commented on: %+v", plans)
	}
	// The secret is not asked for, and the Master is that of the operator.
	p.commit(t, "change-4", map[string]string{"main.star": readMain(t, p) + `request("https://lab.example/kvm/software.cfg", "five", {"_": secret("password")})` + "\n",
		"slapos.cfg": "[slapos]\nmaster_url = http://127.0.0.1:1/\n"})
	system.plan(t, p, 4).ends(t, 0, "Plan: 1 to create", "embedded:"+p.dir)

	// What the main branch protects stays, and the comment says so.
	p.commit(t, "change-5", map[string]string{"main.star": strings.Replace(readMain(t, p), ciMain, "owns(\"*\")\n", 1)})
	system.plan(t, p, 5).ends(t, 4, "it is protected, and it is no longer declared")
	if plans := p.plans(t, 5); len(plans) != 1 || !strings.Contains(plans[0].Body, "it is protected") {
		t.Errorf("got comments %+v", plans)
	}
}

// A merge that GitHub has made of an earlier commit is not planned.
func TestStaleMerge(t *testing.T) {
	p := newCIProject(t)
	dir := p.checkout(t, "refs/heads/main")
	p.git(t, dir, "commit", "-q", "--allow-empty", "-m", "one")
	p.git(t, dir, "merge", "-q", "--no-ff", "-m", "merge", p.git(t, dir, "commit-tree", "-p", "HEAD^", "-m", "old", "HEAD^{tree}"))
	g := github{}
	r := g.job(t, p, "plan", dir, g.given(t, p, map[string]string{"github.event.pull_request.number": "1", "github.event.pull_request.head.sha": strings.Repeat("0", 40)}))
	r.ends(t, 1, "The merge is not of 0000")
	if calls := p.forge(t).Calls; len(calls) > 0 {
		t.Errorf("it asked for %q", calls)
	}
}
