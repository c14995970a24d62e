package run

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"slapstar/cmd/slapstar/internal/adopt"
	"slapstar/internal/tree"
	"slapstar/starlib/lang"
)

// A SecretFolder has a file for each secret, named as the secret, readable by its owner
// alone.
type SecretFolder struct{ Path string }

// Check refuses a folder that may be part of a repository: one in a git work tree, and the
// folder of the files that ask for the secrets, or one below that.
func (f SecretFolder) Check(entry string) error {
	folder, err := wholePath(f.Path)
	if err != nil {
		return err
	}
	files, err := wholePath(filepath.Dir(entry))
	if err != nil {
		return err
	}
	const hint = "name a folder outside of it, such as ~/.slapos/secrets"
	if within, err := filepath.Rel(files, folder); err == nil && filepath.IsLocal(within) {
		return lang.Hint(fmt.Errorf("%w: --secret-dir %s is in the folder of the files: what is secret would be beside them", ErrRefused, f.Path), hint)
	}
	for dir := folder; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return lang.Hint(fmt.Errorf("%w: --secret-dir %s is in the git work tree %s", ErrRefused, f.Path, dir), hint)
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("--secret-dir %s is no folder", f.Path)
	case info.Mode().Perm()&0o077 != 0:
		return lang.Hint(fmt.Errorf("%w: others can look into --secret-dir %s", ErrRefused, f.Path), "chmod 700 "+f.Path)
	}
	return nil
}

// wholePath is the absolute path of a folder, without links, as far as it exists.
func wholePath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	rest := ""
	for dir := path; ; dir = filepath.Dir(dir) {
		whole, err := filepath.EvalSymlinks(dir)
		switch {
		case err == nil:
			return filepath.Join(whole, rest), nil
		case !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir):
			return "", err
		}
		if _, err := os.Lstat(dir); err == nil { // a link that leads nowhere
			return "", fmt.Errorf("%s: it is a link that leads nowhere", dir)
		}
		rest = filepath.Join(filepath.Base(dir), rest)
	}
}

// Missing are the files of secrets that are not there yet. One that is there, with another
// value, is an error.
func (f SecretFolder) Missing(secrets []adopt.Secret) ([]NewFile, error) {
	var list []NewFile
	for _, s := range secrets {
		file := NewFile{Path: filepath.Join(f.Path, s.Name), Text: secretFile(s.Value), Mode: 0o600}
		there, err := tree.ReadNamed(file.Path, maxSecretFile)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			list = append(list, file)
		case err != nil:
			return nil, err
		case secretText(there) != s.Value:
			return nil, lang.Hint(fmt.Errorf("%s is there already, with another value", file.Path), "move it away, or name another folder")
		}
	}
	return list, nil
}

// Make makes the folder, for its owner alone.
func (f SecretFolder) Make() error { return os.MkdirAll(f.Path, 0o700) }

// secretFile is the text of a file that a secret is read back from.
func secretFile(value string) []byte {
	end := "\n"
	if strings.HasSuffix(value, "\r") {
		end = "\r\n"
	}
	if strings.HasPrefix(value, "\uFEFF") {
		value = "\uFEFF" + value
	}
	return []byte(value + end)
}
