package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"slapstar/cmd/slapstar/internal/view"
)

// part are the outputs of one environment of several, as files that begin with path.
func (f outputFlags) part(path, name string, of int) outputFlags {
	for suffix, to := range f.files() {
		if *to != "" {
			*to = path + suffix
		}
	}
	if f.report != "" {
		f.report = gitlabReport + path + reportPart
	}
	if f.title != "" {
		name = f.title + ", " + name
	}
	f.title, f.limit = name, max(leastLimit, f.limit/of)
	return f
}

// Names of the parts that are joined.
const (
	markdownPart = ".md"
	jsonPart     = ".json"
	htmlPart     = ".html"
	reportPart   = ".report.json"
)

// files are the paths of the outputs, by how the names of their parts end.
func (f *outputFlags) files() map[string]*string {
	return map[string]*string{markdownPart: &f.markdown, jsonPart: &f.json, htmlPart: &f.html}
}

// join makes the files that are asked for of those of all environments, which are in a
// folder under their numbers. One that could not be planned has none.
func (f *outputFlags) join(e *env, folder string, all []ended) error {
	var errs []error
	for suffix, to := range f.files() {
		if *to == "" {
			continue
		}
		parts, err := readParts(folder, suffix, all)
		if err != nil {
			return err
		}
		errs = append(errs, e.writeFile(*to, func(w io.Writer) error {
			switch suffix {
			case jsonPart:
				if err := e.endJSON(w, parts); !isA[*endedError](err) {
					return err
				}
				return nil
			case htmlPart:
				return writeKept(w, joined("plan", "html", parts))
			}
			return writeKept(w, joined("plan", "markdown", parts))
		}))
	}
	if to := strings.TrimPrefix(f.report, gitlabReport); f.report != "" {
		parts, err := readParts(folder, reportPart, all)
		if err != nil {
			return err
		}
		errs = append(errs, e.writeFile(to, func(w io.Writer) error { return sumReports(w, parts) }))
	}
	return errors.Join(errs...)
}

// readParts reads what each environment has written under an ending.
func readParts(folder, suffix string, all []ended) ([]ended, error) {
	parts := make([]ended, len(all))
	for n, of := range all {
		data, err := os.ReadFile(filepath.Join(folder, strconv.Itoa(n)+suffix))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		of.out, of.notes = data, nil
		parts[n] = of
	}
	return parts, nil
}

// sumReports adds the counts of all environments up.
func sumReports(w io.Writer, parts []ended) error {
	sum := map[string]int{"create": 0, "update": 0, "delete": 0}
	for _, part := range parts {
		counts := map[string]int{}
		if err := json.Unmarshal(part.out, &counts); len(part.out) > 0 && err != nil {
			return fmt.Errorf("the counts of %s: %w", part.target.name(), err)
		}
		for name, n := range counts {
			sum[name] += n
		}
	}
	return view.JSON(w, sum)
}
