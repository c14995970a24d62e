package proxy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"time"
)

// certificateAge is how long a certificate holds.
const certificateAge = 365 * 24 * time.Hour

// certificateRoutes are what a person trades a token for: the web site of a full Master
// gives a new certificate each time, and tokens for nodes no more.
func (s *Server) certificateRoutes(mux *http.ServeMux) {
	handle := func(pattern string, h func(*http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			answer, err := h(r)
			if err != nil {
				s.erp5Error(w, err)
				return
			}
			writeJSON(w, http.StatusOK, answer)
		})
	}
	for _, base := range []string{"/", "/erp5/", hateoasBase} {
		handle("POST "+base+"Person_getCertificate", s.personCertificate)
	}
	for _, method := range []string{"GET ", "POST "} {
		handle(method+hateoasBase+"computer_module/Base_getComputerToken", func(*http.Request) (any, error) {
			return nil, &goneError{"Base_getComputerToken is no longer supported."}
		})
	}
}

// personCertificate makes a certificate for the person who has a token. Its authority is
// itself: no Master here asks for one.
func (s *Server) personCertificate(r *http.Request) (any, error) {
	token := r.Header.Get("X-Access-Token")
	n := slices.IndexFunc(s.options.Persons, func(p Person) bool { return p.Token != "" && p.Token == token })
	if n < 0 {
		return nil, &forbiddenError{"The token is not valid."}
	}
	key, certificate, err := newCertificate(s.options.Persons[n].Name, s.options.Now())
	return object{"key": key, "certificate": certificate}, err
}

// newCertificate makes a key and a certificate for a name, both PEM.
func newCertificate(name string, now time.Time) (key, certificate string, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", fmt.Errorf("making a key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return "", "", fmt.Errorf("making a serial number: %w", err)
	}
	template := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(certificateAge),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		return "", "", fmt.Errorf("making a certificate: %w", err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return "", "", fmt.Errorf("writing a key: %w", err)
	}
	block := func(kind string, bytes []byte) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: bytes}))
	}
	return block("PRIVATE KEY", pkcs8), block("CERTIFICATE", der), nil
}
