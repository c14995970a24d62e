package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slapstar/cmd/slapstar/internal/term"
	"slapstar/proxy"
)

// certificate makes a certificate and its key, both PEM, signed by an authority
// (its own when there is none).
func certificate(t *testing.T, name string, ca *x509.Certificate, caKey *ecdsa.PrivateKey) (cert *x509.Certificate, key *ecdsa.PrivateKey, certPEM, keyPEM string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: ca == nil, BasicConstraintsValid: true,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if ca == nil {
		template.KeyUsage = x509.KeyUsageCertSign
		ca, caKey = template, key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca, &key.PublicKey, caKey)
	if err != nil {
		t.Fatal(err)
	}
	if cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

// With an authority of clients, slapstar proxy serves those whose certificate it
// signed, on any address, and nobody else.
func TestProxyClientCA(t *testing.T) {
	ca, caKey, caPEM, _ := certificate(t, "our authority", nil, nil)
	_, _, serverPEM, serverKey := certificate(t, "the Master", ca, caKey)
	_, _, userPEM, userKey := certificate(t, "a user", ca, caKey)
	_, _, strangerPEM, strangerKey := certificate(t, "a stranger", nil, nil)
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	dir := writeFolder(t, map[string]string{
		"ca.pem": caPEM, "server.pem": serverPEM, "server.key": serverKey, "user.pem": userPEM, "user.key": userKey,
		"stranger.pem": strangerPEM, "stranger.key": strangerKey, "main.star": `request("https://lab.example/kvm/software.cfg", "vm")`,
	})
	in := func(name string) string { return filepath.Join(dir, name) }
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan int)
	var server screen
	go func() {
		ended <- server.run(ctx, "", "proxy", "--port", fmt.Sprint(port), "--database", in("data.sqlite"), "--host", "0.0.0.0",
			"--tls-cert", in("server.pem"), "--tls-key", in("server.key"), "--client-ca", in("ca.pem"))
	}()
	for {
		if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			conn.Close()
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	for _, test := range []struct {
		who    string
		code   int
		stderr string
	}{
		{"user", exitDone, ""},
		{"stranger", exitFailed, "no secure connection"},
		{"", exitFailed, "no secure connection"},
	} {
		args := []string{"--master-url", fmt.Sprintf("https://127.0.0.1:%d/", port), "--ca-file", in("ca.pem"), "plan", in("main.star")}
		if test.who != "" {
			args = append([]string{"--cert-file", in(test.who + ".pem"), "--key-file", in(test.who + ".key")}, args...)
		}
		var c screen
		if code := c.run(ctx, "", args...); code != test.code || !strings.Contains(c.err.String(), test.stderr) {
			t.Errorf("%q: got exit code %d, want %d\n%s", test.who, code, test.code, &c.err)
		}
	}
	stop()
	if code := <-ended; code != exitDone {
		t.Errorf("the Master ended with code %d\n%s", code, &server.err)
	}
}

// A client that does not read its answer does not keep the Master from ending,
// which is no failure.
func TestProxyEndsWithSlowClient(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	begun := make(chan struct{})
	endless := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		for r.Context().Err() == nil {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	})
	var c screen
	served := make(chan error, 1)
	go func() {
		served <- serve(ctx, &env{Streams: term.Streams{Err: &c.err}}, l, endless, 10*time.Millisecond)
	}()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	<-begun
	stop()
	if err := <-served; err != nil || !strings.Contains(c.err.String(), "requests that were under way for more than 10ms were cut off") {
		t.Errorf("got error %v, %q", err, &c.err)
	}
}

// A Master that only reads, and has nothing to read, does not say that its data
// is in the folder where it was started.
func TestProxyDataIn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "none.sqlite")
	for _, readOnly := range []bool{true, false} {
		o := proxy.Options{Database: file, ReadOnly: readOnly}
		s, err := proxy.Open(o)
		if err != nil {
			t.Fatal(err)
		}
		want := file
		if readOnly {
			want = "memory, as of " + file
		}
		if got := dataIn(s, o); got != want {
			t.Errorf("read-only %v: got %q, want %q", readOnly, got, want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
