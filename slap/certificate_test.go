package slap

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A token of the web site is traded for a certificate, and neither is said.
func TestUserCertificate(t *testing.T) {
	for _, test := range []struct {
		name, token, answer string
		code                int
		want                Certificate
		is                  error
	}{
		{"good", "T", `{"certificate": "C", "key": "K"}`, 200, Certificate{"C", "K"}, nil},
		{"bad token", "other", "", 403, Certificate{}, ErrUnauthorized},
		{"page that repeats the token", "hush-token", "", 401, Certificate{}, ErrUnauthorized},
		{"busy", "T", "", 503, Certificate{}, ErrBusy},
		{"error page", "T", erp5Page("TypeError", "oops"), 500, Certificate{}, errAny},
		{"given before", "T", "false\n", 200, Certificate{}, ErrRefused},
		{"no key", "T", `{"certificate": "hush"}`, 200, Certificate{}, ErrNotAMaster},
		{"web page", "T", "<html><title>hush</title>", 200, Certificate{}, ErrNotAMaster},
		{"redirect", "T", "", 302, Certificate{}, errAny},
	} {
		requests := 0
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			requests++
			if r.Method != http.MethodPost || r.URL.Path != "/site/Person_getCertificate" {
				t.Errorf("got %s %s", r.Method, r.URL)
			}
			if r.Header.Get("X-Access-Token") != "T" {
				w.WriteHeader(http.StatusForbidden)
				w.Write([]byte(erp5Page("Unauthorized", "bad token "+r.Header.Get("X-Access-Token"))))
				return
			}
			w.Header().Set("Location", "https://elsewhere.example/")
			w.WriteHeader(test.code)
			w.Write([]byte(test.answer))
		}))
		got, err := UserCertificate(context.Background(), nil, s.URL+"/site", test.token)
		s.Close()
		if requests != 1 {
			t.Errorf("%s: %d requests, and each makes a certificate", test.name, requests)
		}
		if got != test.want || !isError(err, test.is) {
			t.Errorf("%s: got %v, %v, want %v, %v", test.name, got, err, test.want, test.is)
		}
		if err != nil && strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: the error holds what was answered: %v", test.name, err)
		}
	}
	// Not even a client that follows redirects takes the token elsewhere.
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("another host got %s with token %q", r.Method, r.Header.Get("X-Access-Token"))
	}))
	defer other.Close()
	for _, code := range []int{302, 307} {
		s := httptest.NewServer(http.RedirectHandler(other.URL, code))
		if _, err := UserCertificate(context.Background(), http.DefaultClient, s.URL, "T"); err == nil {
			t.Errorf("%d: got no error", code)
		}
		s.Close()
	}
	if _, err := UserCertificate(context.Background(), nil, "panel.rapid.space", "T"); err == nil || !strings.Contains(err.Error(), "web URL") {
		t.Errorf("got error %v", err)
	}
}
