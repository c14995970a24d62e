package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"slapstar/proxy"
)

// A Master over TLS: verified unless --insecure, which is loud.
func TestMasterOverTLS(t *testing.T) {
	server, err := proxy.Open(proxy.Options{Computer: "local_computer", Simulator: proxy.DefaultSimulator{}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	s := httptest.NewUnstartedServer(server)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // the handshakes that fail on purpose
	s.StartTLS()
	defer s.Close()
	dir := writeFolder(t, map[string]string{
		"main.star": `request("https://lab.example/kvm/software.cfg", "vm")`,
		"ca.pem":    string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})),
		"empty.pem": "",
	})
	ca, empty, file := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "empty.pem"), filepath.Join(dir, "main.star")
	for _, test := range []struct {
		name   string
		flags  []string
		code   int
		stderr []string
	}{
		{"unknown authority", nil, exitFailed, []string{"no secure connection", "certificate signed by unknown authority", "hint: --ca-file"}},
		{"known authority", []string{"--ca-file", ca}, exitDone, nil},
		{"not verified", []string{"--insecure"}, exitDone, []string{"slapstar: WARNING: --insecure:"}},
		{"no authority in the file", []string{"--ca-file", empty}, exitFailed, []string{"there is no certificate in PEM form"}},
		{"half a client certificate", []string{"--ca-file", ca, "--cert-file", ca}, exitFailed, []string{"cert_file and key_file go together"}},
		{"no client key in the file", []string{"--ca-file", ca, "--cert-file", ca, "--key-file", empty}, exitFailed, []string{"reading the client certificate"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var c screen
			code := c.run(context.Background(), "", append([]string{"--master-url", s.URL, "plan", file}, test.flags...)...)
			if code != test.code {
				t.Errorf("got exit code %d, want %d\n%s", code, test.code, &c.err)
			}
			for _, want := range test.stderr {
				if !strings.Contains(c.err.String(), want) {
					t.Errorf("stderr does not contain %q:\n%s", want, &c.err)
				}
			}
			if test.stderr == nil && c.err.Len() > 0 {
				t.Errorf("got\n%s", &c.err)
			}
		})
	}
}

// The user's certificate and key of the configuration are what a Master that
// demands them sees; without them there is one clear message.
func TestClientCertificate(t *testing.T) {
	server, err := proxy.Open(proxy.Options{Computer: "local_computer", Simulator: proxy.DefaultSimulator{}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	s := httptest.NewUnstartedServer(server)
	s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // the handshakes that fail on purpose
	s.StartTLS()
	defer s.Close()
	key, err := x509.MarshalPKCS8PrivateKey(s.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := writeFolder(t, map[string]string{
		"main.star": `request("https://lab.example/kvm/software.cfg", "vm")`,
		"cert.pem":  string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})),
		"key.pem":   string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
	})
	cert, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	base := "[slapos]\nmaster_url = " + s.URL + "/\nca_file = " + cert + "\n"
	for name, test := range map[string]struct {
		config string
		code   int
		stderr string
	}{
		"with":    {base + "[slapconsole]\ncert_file = " + cert + "\nkey_file = " + keyFile + "\n", exitDone, ""},
		"without": {base, exitFailed, "slapstar: reading the instances: no secure connection: "},
	} {
		if err := os.WriteFile(filepath.Join(dir, "slapos.cfg"), []byte(test.config), 0o600); err != nil {
			t.Fatal(err)
		}
		var c screen
		code := c.run(context.Background(), "", "apply", "--auto-approve", filepath.Join(dir, "main.star"))
		if code != test.code || !strings.Contains(c.err.String(), test.stderr) {
			t.Errorf("%s a certificate: got exit code %d, want %d\n%s", name, code, test.code, &c.err)
		}
	}
}
