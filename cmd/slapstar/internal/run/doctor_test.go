package run

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"slapstar/cmd/slapstar/internal/diagnosis"
	"slapstar/slap"
)

// Of a URL only what is no secret is told.
func TestPlace(t *testing.T) {
	for text, want := range map[string]string{
		"https://m.example/erp5/portal_slap":           "https://m.example/erp5/portal_slap",
		"https://user:pass@m.example:8443/a?token=t#k": "https://m.example:8443/a",
		"HTTPS://u@m.example/?":                        "https://m.example/",
		"embedded:dir/master.sqlite":                   "embedded:dir/master.sqlite",
		"git+ssh://u:p@h/x?t=1":                        "git+ssh://h/x",
		"software.cfg?t=1":                             "software.cfg",
		"https://user:pass@h:port/":                    "a URL that cannot be parsed",
		"":                                             "",
	} {
		if got := place(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// What a Master says in an error is told with --names alone; what went wrong with the
// connection always is.
func TestTold(t *testing.T) {
	const hush = "hush-hush"
	status := slap.NewStatusError(http.MethodGet, "https://u:"+hush+"@m.example/x?query="+hush, http.StatusInternalServerError)
	status.Type, status.Value = "KeyError", hush
	for _, test := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{fmt.Errorf("reading %s: %w", hush, status), "GET https://m.example/x: 500 Internal Server Error: KeyError"},
		{&slap.ContentError{URL: "https://m.example/?x=" + hush, Want: "JSON", Message: hush}, "https://m.example/: the answer is not JSON"},
		{fmt.Errorf("%w: %w", slap.ErrTLS, &url.Error{Op: "Get", URL: hush, Err: errors.New("x509: unknown authority")}), "no secure connection: x509: unknown authority"},
		{fmt.Errorf("instance %q: %w", hush, slap.ErrNotFound), "not found"},
		{fmt.Errorf("instance %q: parameters: %s", hush, hush), "the answer cannot be read"},
	} {
		if got := (Doctor{}).told(test.err); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
		if got := (Doctor{Names: true}).told(test.err); strings.Contains(fmt.Sprint(test.err), hush) && !strings.Contains(got, hush) {
			t.Errorf("with names: got %q", got)
		}
	}
}

// Without a Master there is no report; an interrupted one is none.
func TestDoctorEnds(t *testing.T) {
	t.Chdir(t.TempDir())
	if _, err := (Doctor{}).Report(context.Background()); err == nil || !strings.Contains(err.Error(), "there is no configuration file") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := (Doctor{Connection: Connection{MasterURL: "http://127.0.0.1:1/"}}).Report(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestOddities(t *testing.T) {
	list := []slap.Oddity{{Kind: slap.OddNoInstance, Name: "b"}, {Kind: slap.OddNoInstance, Name: "a"}, {Kind: slap.OddColumn, Detail: "url_string"}, {Kind: slap.OddText, Name: "a", Detail: "hush"}}
	for _, test := range []struct {
		names bool
		want  string
	}{
		{false, "[{column url_string true 1 []} {text  false 1 []} {no-instance  false 2 []}]"},
		{true, "[{column url_string true 1 []} {text  false 1 [a]} {no-instance  false 2 [a b]}]"},
	} {
		if got := fmt.Sprint(Doctor{Names: test.names}.oddities(list)); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
	for kind := slap.OddColumn; kind <= slap.OddReports; kind++ {
		if o := (Doctor{}).oddities([]slap.Oddity{{Kind: kind}}); o[0].Kind == "" {
			t.Errorf("kind %d has no name", kind)
		} else if f := diagnosis.Judge(&diagnosis.Report{Oddities: o}); !strings.Contains(fmt.Sprint(f), string(diagnosis.Note)+" listing ") {
			t.Errorf("kind %d: got %v", kind, f)
		}
	}
}
