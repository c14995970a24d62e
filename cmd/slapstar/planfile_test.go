package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"slapstar/bench/sample"
)

// A disk that is full under the plan file: it is said, the old file stays, and
// nothing half-written is left.
func TestPlanFileOnAFullDisk(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no shell to limit the size of files with")
	}
	const oldPlan = `{"kind": "slapstar plan", "format_version": 0}`
	dir := writeFolder(t, map[string]string{"slapos.cfg": testConfig, "main.star": sample.Fleet(100, 0), "plan.json": oldPlan})
	cmd := exec.Command(shell, "-c", "trap '' XFSZ; ulimit -f 8; exec slapstar plan --out plan.json main.star")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(string(out), "slapstar: saving the plan: writing plan.json: ") {
		t.Errorf("exit code %d, %v\n%s", code, err, lastLines(string(out)))
	}
	if text, err := os.ReadFile(filepath.Join(dir, "plan.json")); err != nil || string(text) != oldPlan {
		t.Errorf("plan.json is %q, %v", text, err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".plan.json*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}
