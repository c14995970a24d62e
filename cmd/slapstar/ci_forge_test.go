package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A forge is what a GitLab or a GitHub knows. It is a file, which $FORGE names, that the
// stubs of glab and gh and the test share.
type forge struct {
	Time     int // seconds
	Comments []forgeComment
	Merged   []forgeMerge
	Calls    []string
}

type forgeComment struct {
	ID, Number int // its own, that of the merge request
	Author     string
	Body       string
	Updated    int
}

type forgeMerge struct {
	Number int
	Commit string // that the main branch has since
	At     int
}

// forgeBot is who the token of the jobs belongs to.
const forgeBot = "github-actions[bot]"

func readForge() (*forge, error) {
	data, err := os.ReadFile(os.Getenv("FORGE"))
	if err != nil {
		return nil, err
	}
	f := &forge{}
	return f, json.Unmarshal(data, f)
}

func (f *forge) save(path string) error {
	data, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o600)
}

// at is a time as both forges write it.
func at(seconds int) string { return fmt.Sprintf("2026-01-01T%02d:%02d:00Z", seconds/60, seconds%60) }

// accountID is the number of an account.
func accountID(name string) int {
	if name == forgeBot {
		return 42
	}
	return 100 + len(name)
}

// An apiCall is a command line of glab api or gh api.
type apiCall struct {
	method, path string
	body         string
	query        string // --jq; gh only
	paginate     bool
}

func parseAPI(args []string) (apiCall, error) {
	c := apiCall{method: "GET"}
	if len(args) == 0 || args[0] != "api" {
		return c, fmt.Errorf("got %q, want api", args)
	}
	for args = args[1:]; len(args) > 0; args = args[1:] {
		switch word := args[0]; {
		case word == "--paginate":
			c.paginate = true
		case slices.Contains([]string{"--method", "--jq", "--field"}, word) && len(args) > 1:
			args = args[1:]
			switch word {
			case "--method":
				c.method = args[0]
			case "--jq":
				c.query = args[0]
			case "--field":
				file, ok := strings.CutPrefix(args[0], "body=@")
				if !ok {
					return c, fmt.Errorf("got --field %q", args[0])
				}
				data, err := os.ReadFile(file)
				if err != nil {
					return c, err
				}
				c.body = string(data)
			}
		case strings.HasPrefix(word, "-") || c.path != "":
			return c, fmt.Errorf("what is %q?", word)
		default:
			c.path, _, _ = strings.Cut(word, "?")
		}
	}
	return c, nil
}

var (
	gitlabNotes = regexp.MustCompile(`^projects/7/merge_requests/([0-9]+)/notes(?:/([0-9]+))?$`)
	gitlabMerge = regexp.MustCompile(`^projects/7/repository/commits/([0-9a-f]{40})/merge_requests$`)
	githubNotes = regexp.MustCompile(`^repos/team/services/issues/([0-9]+)/comments$`)
	githubNote  = regexp.MustCompile(`^repos/team/services/issues/comments/([0-9]+)$`)
	githubMerge = regexp.MustCompile(`^repos/team/services/commits/([0-9a-f]{40})/pulls$`)
)

// answer carries a call out. A list is one of objects.
func (f *forge) answer(program string, c apiCall) (any, error) {
	f.Time++
	f.Calls = append(f.Calls, c.method+" "+c.path)
	number := func(s string) int { n, _ := strconv.Atoi(s); return n }
	switch {
	case program == "glab" && c.path == "user":
		return map[string]any{"id": accountID(forgeBot), "username": "project_7_bot"}, nil
	case program == "glab" && gitlabNotes.MatchString(c.path):
		m := gitlabNotes.FindStringSubmatch(c.path)
		return f.notes(c, number(m[1]), number(m[2]), "PUT")
	case program == "gh" && githubNotes.MatchString(c.path):
		return f.notes(c, number(githubNotes.FindStringSubmatch(c.path)[1]), 0, "")
	case program == "gh" && githubNote.MatchString(c.path):
		return f.notes(c, 0, number(githubNote.FindStringSubmatch(c.path)[1]), "PATCH")
	case program == "glab" && gitlabMerge.MatchString(c.path):
		return f.merged(gitlabMerge.FindStringSubmatch(c.path)[1]), nil
	case program == "gh" && githubMerge.MatchString(c.path):
		return f.merged(githubMerge.FindStringSubmatch(c.path)[1]), nil
	}
	return nil, fmt.Errorf("404: %s %s", c.method, c.path)
}

func (f *forge) notes(c apiCall, number, id int, change string) (any, error) {
	switch {
	case c.method == "GET" && id == 0:
		list := []any{}
		for _, n := range f.Comments {
			if n.Number == number {
				account := map[string]any{"login": n.Author, "username": n.Author, "id": accountID(n.Author)}
				list = append(list, map[string]any{"id": n.ID, "body": n.Body, "author": account, "user": account, "updated_at": at(n.Updated)})
			}
		}
		return list, nil
	case c.method == "POST" && id == 0:
		f.Comments = append(f.Comments, forgeComment{ID: 1000 + len(f.Comments), Number: number, Author: forgeBot, Body: c.body, Updated: f.Time})
		return map[string]any{}, nil
	case c.method == change && id != 0:
		for i := range f.Comments {
			if n := &f.Comments[i]; n.ID == id && n.Author == forgeBot {
				n.Body, n.Updated = c.body, f.Time
				return map[string]any{}, nil
			}
		}
	}
	return nil, fmt.Errorf("404: %s %s", c.method, c.path)
}

func (f *forge) merged(commit string) []any {
	list := []any{
		map[string]any{"iid": 99, "number": 99, "state": "opened", "target_branch": "main", "base": map[string]any{"ref": "main"}, "merged_at": nil, "merge_commit_sha": commit},
		map[string]any{"iid": 98, "number": 98, "state": "merged", "target_branch": "other", "base": map[string]any{"ref": "other"}, "merged_at": at(0), "merge_commit_sha": commit},
	}
	for _, m := range f.Merged {
		if m.Commit == commit {
			list = append(list[1:], map[string]any{"iid": m.Number, "number": m.Number, "state": "merged", "target_branch": "main", "base": map[string]any{"ref": "main"},
				"merged_at": at(m.At), "merge_commit_sha": commit, "squash_commit_sha": nil, "sha": strings.Repeat("0", 40)})
		}
	}
	return list
}

// pageSize is how many objects a page has: fewer than the real one, so that who does not
// ask for all pages does not get them.
const pageSize = 2

// forgeCommand is the stub of glab or gh: it reads and changes the forge.
func forgeCommand(program string) func() {
	return func() {
		fail := func(err error) {
			if err != nil {
				fmt.Fprintln(os.Stderr, program+":", err)
				os.Exit(1)
			}
		}
		c, err := parseAPI(os.Args[1:])
		fail(err)
		f, err := readForge()
		fail(err)
		answer, err := f.answer(program, c)
		fail(errors.Join(err, f.save(os.Getenv("FORGE"))))
		pages := []any{answer}
		if list, ok := answer.([]any); ok {
			pages = nil
			for page := range slices.Chunk(list, pageSize) {
				pages = append(pages, page)
			}
			if len(pages) == 0 {
				pages = []any{[]any{}}
			}
			if !c.paginate {
				pages = pages[:1]
			}
		}
		for _, page := range pages {
			if c.query != "" {
				fail(writeQuery(os.Stdout, c.query, page, true, nil))
				continue
			}
			fail(json.NewEncoder(os.Stdout).Encode(page))
		}
	}
}

func (p *ciProject) forge(t *testing.T) *forge {
	t.Helper()
	data, err := os.ReadFile(p.forgePath)
	if err != nil {
		t.Fatal(err)
	}
	f := &forge{}
	if err := json.Unmarshal(data, f); err != nil {
		t.Fatal(err)
	}
	return f
}

// changeForge changes what the forge knows.
func (p *ciProject) changeForge(t *testing.T, change func(*forge)) {
	t.Helper()
	f := p.forge(t)
	f.Time++
	change(f)
	if err := f.save(p.forgePath); err != nil {
		t.Fatal(err)
	}
}
