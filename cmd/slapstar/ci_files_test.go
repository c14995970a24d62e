package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// pinned is an action at a commit: a tag can be moved.
var pinned = regexp.MustCompile(`^[\w-]+/[\w-]+@[0-9a-f]{40}$`)

// TestPipelineFiles looks at what the schedules, rights and conditions of examples/ci are:
// the scripts cannot hold what these do not.
func TestPipelineFiles(t *testing.T) {
	files, err := filepath.Glob("../../examples/ci/github/*.yml")
	if err != nil || len(files) != 4 {
		t.Fatalf("got %q, %v", files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yml")
		t.Run(name, func(t *testing.T) { checkWorkflow(t, name) })
	}
	t.Run("gitlab", checkGitLab)
}

func checkWorkflow(t *testing.T, name string) {
	var w workflow
	readYAML(t, "github/"+name+".yml", &w)
	for right, value := range w.Permissions {
		if value != "read" && (name != "plan" || right != "pull-requests") {
			t.Errorf("it has the right %s: %s", right, value)
		}
	}
	_, privileged := w.On["pull_request_target"]
	_, ofStrangers := w.On["pull_request"]
	if w.Name != name || len(w.Permissions) == 0 || privileged != (name == "plan") || ofStrangers != (name == "check") {
		t.Errorf("got %+v", w)
	}
	for _, job := range w.Jobs {
		if (job.Environment == "") != (name == "check") {
			t.Errorf("the environment is %q", job.Environment)
		}
		for _, step := range job.Steps {
			if step.Uses != "" && !pinned.MatchString(step.Uses) {
				t.Errorf("%s is not pinned", step.Uses)
			}
			if strings.HasPrefix(step.Uses, "actions/checkout@") && step.With["persist-credentials"] != "false" {
				t.Error("the checkout keeps its token")
			}
			// What an expression becomes is a part of the script: a title may end it.
			if strings.Contains(step.Run, "${{") {
				t.Errorf("there is an expression in the script of %s", step.Name)
			}
			for _, value := range step.Env {
				if ofStrangers && strings.Contains(value, "secrets.") {
					t.Errorf("the step %s has a secret", step.Name)
				}
			}
		}
	}
	text := readFileOf(t, "../../examples/ci/github", name+".yml")
	if name == "apply" && !strings.Contains(text, "concurrency: # one at a time\n  group: slapstar-main\n  cancel-in-progress: false\n") {
		t.Error("several can run at a time")
	}
}

func checkGitLab(t *testing.T) {
	var file map[string]yaml.Node
	readYAML(t, "gitlab-ci.yml", &file)
	type rule struct{ If string }
	type job struct {
		Rules         []rule
		Environment   struct{ Name string }
		ResourceGroup string `yaml:"resource_group"`
		Script        []string
	}
	jobs := map[string]job{}
	for _, name := range []string{"check", "plan", "apply", "drift"} {
		node := file[name]
		var j job
		if err := node.Decode(&j); err != nil || len(j.Rules) == 0 {
			t.Fatalf("%s: got %+v, %v", name, j, err)
		}
		jobs[name] = j
	}
	if jobs["apply"].ResourceGroup == "" || jobs["apply"].ResourceGroup != jobs["drift"].ResourceGroup {
		t.Error("several can run at a time")
	}
	for _, r := range jobs["apply"].Rules {
		if !strings.Contains(r.If, "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH") {
			t.Errorf("apply runs where %s", r.If)
		}
	}
	if jobs["check"].Environment.Name != "" || jobs["plan"].Environment.Name != "plan" || jobs["apply"].Environment.Name != "production" {
		t.Error("a job has the variables of another environment")
	}
	var workflow struct{ Rules []rule }
	node := file["workflow"]
	if err := node.Decode(&workflow); err != nil {
		t.Fatal(err)
	}
	for _, r := range workflow.Rules { // a branch of somebody's choice would be the base
		if strings.Contains(r.If, "merge_request_event") && !strings.Contains(r.If, "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME == $CI_DEFAULT_BRANCH") {
			t.Errorf("merge requests are planned where %s", r.If)
		}
	}
}

// TestMergeRequestPage compares what the page says of the pipelines with them.
func TestMergeRequestPage(t *testing.T) {
	page := readFileOf(t, "../../docs/howto/merge-requests.md")
	for _, name := range []string{"gitlab-ci.yml", "github/plan.yml", "github/apply.yml"} {
		text := readFileOf(t, "../../examples/ci", name)
		for _, call := range regexp.MustCompile(`(?:glab|gh) api [^|)>]*?--method (?:PUT|PATCH)`).FindAllString(text, -1) {
			if !strings.Contains(page, call) {
				t.Errorf("the page does not call %q", call)
			}
		}
	}
	for _, name := range []string{"check", "plan", "apply", "drift"} {
		if !strings.Contains(page, "| `"+name+"` |") {
			t.Errorf("the page does not tell of the job %s", name)
		}
		if _, err := os.Stat("../../examples/ci/github/" + name + ".yml"); err != nil {
			t.Error(err)
		}
	}
}
