package release

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func write(t *testing.T, folder, name, text string) {
	t.Helper()
	path := filepath.Join(folder, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A path stays below the root, and nobody learns what is elsewhere.
func TestPaths(t *testing.T) {
	top := t.TempDir()
	root := filepath.Join(top, "root")
	write(t, top, "secret.json", `{"enum": ["hush"]}`)
	write(t, root, "a/software.cfg.json", `{"software-type": {"default": {"request": "in.json", "response": "out.json"},
		"up": {"request": "../../secret.json", "response": "out.json"}, "ref": {"request": "ref.json", "response": "out.json"},
		"root": {"request": "`+top+`/secret.json", "response": "out.json"}, "file": {"request": "file.json", "response": "out.json"}}}`)
	write(t, root, "a/in.json", `{"$ref": "../b/common.json"}`)
	write(t, root, "a/ref.json", `{"$ref": "../../secret.json"}`)
	write(t, root, "a/file.json", `{"$ref": "file://`+top+`/secret.json"}`)
	write(t, root, "b/common.json", `{"required": ["x"]}`)
	write(t, root, "long.json", strings.Repeat(" ", maxSchema+1))
	for link, to := range map[string]string{"out.json": "../secret.json", "absolute.json": top + "/secret.json", "nothing.json": "../nothing.json", "in.json": "b/common.json", "folder": ".."} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(root, "pipe.json"), 0o600); err != nil {
		t.Fatal(err)
	}
	schemas := &Schemas{Root: root}
	for location, want := range map[string]string{
		"a/in.json": "", "./a/../a/in.json": "", "in.json": "", root + "/a/in.json": "", "file://" + root + "/a/in.json": "",
		"../secret.json": "../secret.json: " + errOutside.Error(), "../nothing.json": "../nothing.json: " + errOutside.Error(),
		top + "/secret.json": errOutside.Error(), top + "/nothing.json": errOutside.Error(), "/etc/passwd": "/etc/passwd: " + errOutside.Error(), "/nothing": "/nothing: " + errOutside.Error(),
		"out.json": "out.json: " + errOutside.Error(), "absolute.json": "absolute.json: " + errOutside.Error(), "nothing.json": "nothing.json: " + errOutside.Error(), "folder/secret.json": "folder/secret.json: " + errOutside.Error(),
		"pipe.json": "pipe.json: it is no regular file", "a": "a: it is no regular file", "long.json": "longer than 4 MiB", "x.json": "x.json: not found",
	} {
		got, err := schemas.text(location)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) || strings.Contains(got, "hush") {
			t.Errorf("%s: got %q, error %v, want %q", location, got, err, want)
		}
	}
	for kind, want := range map[string]string{"default": "", "up": errOutside.Error(), "root": errOutside.Error(), "ref": "not found", "file": "not found"} {
		v, err := schemas.Validate(context.Background(), ParameterCheck{Release: "a/software.cfg", SoftwareType: kind})
		err = allErrors(v, err)
		if want != "" && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush")) {
			t.Errorf("%s: got %v, error %v, want one that contains %q", kind, v, err, want)
		}
		if want == "" && (err != nil || len(v.Violations) != 1) {
			t.Errorf("%s: got %v, error %v", kind, v, err)
		}
	}
	if got, err := (&Schemas{}).text("a/in.json"); err == nil || !strings.Contains(err.Error(), errOutside.Error()) {
		t.Errorf("without a root: got %q, error %v", got, err)
	}
	mirror := &Schemas{Dir: root}
	if got, err := mirror.text("https://folder/secret.json"); err == nil || strings.Contains(got, "hush") {
		t.Errorf("a link out of the folder of schemas: got %q, error %v", got, err)
	}
}

// allErrors is the error of a validation with those of the parts that could not be had.
func allErrors(v *Validation, err error) error {
	if v != nil {
		for _, part := range v.Unchecked {
			err = errors.Join(err, part.Err)
		}
	}
	return err
}
