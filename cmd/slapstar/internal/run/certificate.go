package run

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"time"
)

// soon is how long before its end a certificate is worth a word.
const soon = 30 * 24 * time.Hour

// endsSoon says that the certificate in a PEM file ends soon, or has ended; nothing where
// that is not so, or cannot be read.
func endsSoon(path string, now time.Time) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return ""
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return ""
	}
	end := certificate.NotAfter
	const hint = "slapstar login --replace gets a new one from a full Master"
	switch left := end.Sub(now); {
	case left <= 0:
		return fmt.Sprintf("the certificate %s ended on %s: %s", path, end.Format(time.DateOnly), hint)
	case left < soon:
		return fmt.Sprintf("the certificate %s ends on %s, in %d days: %s", path, end.Format(time.DateOnly), int(left.Hours()/24), hint)
	}
	return ""
}
