package slapstar_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// testName is a test that SECURITY.md names; what follows a slash is a part of it.
var testName = regexp.MustCompile("`(Test\\w+)(?:/(\\w+))?`")

// SECURITY.md names a test for each promise: it is there.
func TestSecurityTests(t *testing.T) {
	page, err := os.ReadFile("SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("git", "grep", "-hoE", "^func (Test\\w+)", "--", "*_test.go").Output()
	if err != nil {
		t.Skipf("git cannot list the tests: %v", err)
	}
	tests := map[string]bool{}
	for name := range strings.FieldsSeq(strings.ReplaceAll(string(out), "func ", "")) {
		tests[name] = true
	}
	for _, m := range testName.FindAllStringSubmatch(string(page), -1) {
		if !tests[m[1]] {
			t.Errorf("SECURITY.md names %s, and there is no such test", m[1])
		}
		if script := "cmd/slapstar/testdata/script/" + m[2] + ".txtar"; m[1] == "TestScripts" && m[2] != "" {
			if _, err := os.Stat(script); err != nil {
				t.Errorf("SECURITY.md names the script %s: %v", m[2], err)
			}
		}
	}
	for line := range strings.Lines(string(page)) {
		if strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| promise") && !testName.MatchString(line) {
			t.Errorf("SECURITY.md promises something without a test: %s", line)
		}
	}
}
