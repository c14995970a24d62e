package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slapstar/proxy"
)

// selfSigned makes a certificate that ends after some time, and its key, both PEM.
func selfSigned(t *testing.T, left time.Duration) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-100 * 24 * time.Hour), NotAfter: time.Now().Add(left)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}))
}

// A site gives a person a new certificate for each token.
func newSite(t *testing.T, left time.Duration) (site *httptest.Server, asked *int) {
	asked = new(int)
	site = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked++
		if r.Header.Get("X-Access-Token") != "t0ken-of-mine" {
			http.Error(w, "no", http.StatusForbidden)
			return
		}
		certificate, key := selfSigned(t, left)
		json.NewEncoder(w).Encode(map[string]string{"certificate": certificate, "key": key})
	}))
	t.Cleanup(site.Close)
	return site, asked
}

func TestLogin(t *testing.T) {
	server, err := proxy.Open(proxy.Options{Computer: "local_computer", Simulator: proxy.DefaultSimulator{}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	master := httptest.NewServer(server)
	defer master.Close()
	site, asked := newSite(t, 400*24*time.Hour)
	dir := writeFolder(t, map[string]string{"token": "t0ken-of-mine\n", "wrong": "other", "empty": "\n", "two": "a\nb", "slapos.cfg": "[slapos]\nmaster_url = http://other.example/\n"})
	in := func(name string) string { return filepath.Join(dir, name) }
	t.Setenv("TOKEN", "t0ken-of-mine")
	cfg := in("new/%client.cfg")
	for _, test := range []struct {
		name   string
		args   []string
		code   int
		stderr string
		asks   int // of the site
	}{
		{"no token", nil, exitFailed, "there is nobody to ask", 0},
		{"the token itself", []string{"--token", "t0ken-of-mine"}, exitUsage, "--token: want env:VARIABLE or file:PATH", 0},
		{"no such variable", []string{"--token", "env:NOPE"}, exitFailed, "the environment has no variable NOPE", 0},
		{"nothing in it", []string{"--token", "file:" + in("empty")}, exitFailed, "got no text of one line", 0},
		{"two lines", []string{"--token", "file:" + in("two")}, exitFailed, "got no text of one line", 0},
		{"a token that is not valid", []string{"--token", "file:" + in("wrong")}, exitFailed, "the token is not valid", 1},
		{"for everybody to read", []string{"--token", "env:TOKEN", "--web-url", "http://panel.example"}, exitFailed, "want https://", 0},
		{"an embedded Master", []string{"--token", "env:TOKEN", "--master-url", "embedded:x"}, exitUsage, "an embedded Master knows everybody", 0},
		{"another configuration", []string{"--token", "env:TOKEN", "--cfg", in("slapos.cfg")}, exitFailed, "is not the configuration of this login", 0},
		{"first", []string{"--token", "env:TOKEN"}, exitDone, "has 0 instances of yours", 1},
		{"again", []string{"--token", "file:" + in("token")}, exitDone, "has 0 instances of yours", 1},
		{"beside another", []string{"--token", "env:TOKEN", "--cfg", in("new/other.cfg")}, exitFailed, "client.crt is there already", 0},
		{"replaced", []string{"--token", "env:TOKEN", "--cfg", in("new/other.cfg"), "--replace"}, exitDone, "wrote", 1},
		{"a Master that is away", []string{"--token", "env:TOKEN", "--cfg", in("away/c.cfg"), "--master-url", "http://127.0.0.1:1/"}, exitFailed, "the certificate is written, and trying it failed", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			*asked = 0
			var c screen
			code := c.run(context.Background(), "", append([]string{"login", "--web-url", site.URL, "--master-url", master.URL, "--cfg", cfg}, test.args...)...)
			if code != test.code || !strings.Contains(c.err.String(), test.stderr) || *asked != test.asks {
				t.Errorf("got exit code %d, the site was asked %d times, want %d, %d and %q\n%s", code, *asked, test.code, test.asks, test.stderr, &c.err)
			}
			if strings.Contains(c.err.String()+c.out.String(), "t0ken") {
				t.Errorf("the token is shown:\n%s", &c.err)
			}
		})
	}
	for _, name := range []string{"new/%client.cfg", "new/client.crt", "new/client.key", "away/client.key"} {
		info, err := os.Stat(in(name))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v, want mode 0600", name, info.Mode(), err)
		}
	}
	if text, err := os.ReadFile(in("slapos.cfg")); err != nil || string(text) != "[slapos]\nmaster_url = http://other.example/\n" {
		t.Errorf("the other configuration is %q now, %v", text, err)
	}
}

// A certificate that ends soon, or has ended, is said by each command.
func TestCertificateEnds(t *testing.T) {
	for _, test := range []struct {
		left time.Duration
		want string
	}{
		{400 * 24 * time.Hour, ""},
		{10*24*time.Hour + time.Hour, ", in 10 days: slapstar login --replace gets a new one"},
		{-time.Hour, " ended on "},
	} {
		certificate, key := selfSigned(t, test.left)
		dir := writeFolder(t, map[string]string{"crt": certificate, "key": key})
		var c screen
		c.run(context.Background(), "", "--master-url", "http://127.0.0.1:1/", "--cert-file", filepath.Join(dir, "crt"), "--key-file", filepath.Join(dir, "key"), "list")
		if !strings.Contains(c.err.String(), test.want) || test.want == "" && strings.Contains(c.err.String(), "certificate") {
			t.Errorf("%s left: got %q, want %q", test.left, &c.err, test.want)
		}
	}
}
