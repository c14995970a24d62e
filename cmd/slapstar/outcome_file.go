package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"slapstar/internal/tree"
	"slapstar/starlib/lang"
)

// maxOutcome is the longest file that is read to see whether it is an outcome, in bytes.
const maxOutcome = 512 << 20

// checkOutcomeFile returns an error for a path that no outcome is written to. It is found
// before anything is done: afterwards there would be no report of it.
func checkOutcomeFile(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(path)); err != nil {
			return fmt.Errorf("--outcome: %w", err)
		}
		return nil
	case err != nil:
		return fmt.Errorf("--outcome: %w", err)
	case !info.Mode().IsRegular():
		return lang.Hint(fmt.Errorf("--outcome: %s is no regular file", path), "give the name of a new file; --format json writes to standard output")
	}
	text, err := tree.ReadNamed(path, maxOutcome)
	if err != nil {
		return fmt.Errorf("--outcome: %w", err)
	}
	if len(text) > 0 && !isOutcome(text) {
		return lang.Hint(fmt.Errorf("--outcome: %s exists and is no outcome of apply: it is left as it is", path), "give another name")
	}
	return nil
}

func isOutcome(text []byte) bool {
	var outcome struct {
		Done       *[]any `json:"done"`
		NotStarted *[]any `json:"not_started"`
		ExitCode   *int   `json:"exit_code"`
	}
	return json.Unmarshal(text, &outcome) == nil && outcome.Done != nil && outcome.NotStarted != nil && outcome.ExitCode != nil
}
