package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"slapstar/internal/mask"
	"slapstar/slap"
	"slapstar/slap/config"
	"slapstar/starlib/lang"
)

// A Login gets the certificate of a person from the web site of a full Master, as slapos
// configure client does.
type Login struct {
	WebURL    string // of the site that knows the token, such as https://panel.rapid.space
	MasterURL string
	CAFile    string // of the authority that signed the certificates of both; may be empty
	Insecure  bool   // neither certificate is verified
	Token     string // env:VARIABLE or file:PATH; empty: Ask
	Ask       func(context.Context) (string, error)
	File      string // the configuration to write; the certificate and its key go beside it
	Replace   bool   // another configuration, or another certificate, that is there
}

// The addresses of the service for which slapos configure client is made.
const (
	DefaultMasterURL = "https://slap.vifib.com"
	DefaultWebURL    = "https://panel.rapid.space"
)

// The names of what slapos configure client writes beside its configuration.
const (
	certificateFile = "client.crt"
	keyFile         = "client.key"
)

// Run gets the certificate and writes it, with its key and a configuration. Each file
// is written whole or not at all, for its owner alone; nothing is asked of the site before
// it is known that they may be written.
func (l Login) Run(ctx context.Context, hidden *mask.Filter) error {
	certificate, key, text := l.files()
	if err := l.check(certificate, key, text); err != nil {
		return err
	}
	client, err := l.client()
	if err != nil {
		return err
	}
	token, err := l.token(ctx)
	if err != nil {
		return err
	}
	hidden.Add(token)
	given, err := slap.UserCertificate(ctx, client, l.WebURL, token)
	if err != nil {
		return err
	}
	hidden.Add(given.Key)
	if err := os.MkdirAll(filepath.Dir(l.File), 0o700); err != nil {
		return err
	}
	for _, file := range []struct{ path, text string }{{key, given.Key}, {certificate, given.Certificate}, {l.File, text}} {
		if err := ReplaceFile(file.path, []byte(file.text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// client is what the token is sent with: not to anybody who listens.
func (l Login) client() (*http.Client, error) {
	site, err := url.Parse(l.WebURL)
	if err == nil && site.Scheme == "http" && !l.Insecure && !loopback(site.Hostname()) {
		return nil, fmt.Errorf("%s: the token would be sent to where everybody on the way can read it: want https://", l.WebURL)
	}
	transport, err := slap.NewTransport(slap.Options{CAFile: l.CAFile, Insecure: l.Insecure})
	return &http.Client{Transport: transport, Timeout: loginTimeout}, err
}

// loginTimeout is how long the site may take.
const loginTimeout = time.Minute

func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// files are where the certificate and the key are written, and the text of the configuration.
func (l Login) files() (certificate, key, text string) {
	folder := filepath.Dir(l.File)
	if absolute, err := filepath.Abs(folder); err == nil {
		folder = absolute // its paths are relative to the working folder otherwise
	}
	certificate, key = filepath.Join(folder, certificateFile), filepath.Join(folder, keyFile)
	double := strings.NewReplacer("%", "%%") // which begins a reference
	authority := ""
	if file, err := filepath.Abs(l.CAFile); l.CAFile != "" && err == nil {
		authority = "ca_file = " + double.Replace(file) + "\n"
	}
	text = fmt.Sprintf("[slapos]\nmaster_url = %s\n%s\n[slapconsole]\ncert_file = %s\nkey_file = %s\n",
		double.Replace(l.MasterURL), authority, double.Replace(certificate), double.Replace(key))
	return certificate, key, text
}

// check refuses to write over what is not the same login.
func (l Login) check(certificate, key, text string) error {
	there, err := config.Read(l.File)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case l.Replace:
		return nil
	case err != nil, there.MasterURL != l.MasterURL, there.CertFile != certificate, there.KeyFile != key:
		return lang.Hint(fmt.Errorf("%s is there already, and is not the configuration of this login", l.File),
			"--cfg FILE writes another one; --replace writes over it")
	case !onlyLogin(l.File, text):
		return lang.Hint(fmt.Errorf("%s says more than a login does, and would be written over", l.File),
			"--cfg FILE writes another one; --replace writes over it")
	default:
		return nil // a new certificate for the same
	}
	for _, path := range []string{certificate, key} {
		if Exists(path) && !l.Replace {
			return lang.Hint(fmt.Errorf("%s is there already", path), "--cfg FILE writes beside another file; --replace writes over it")
		}
	}
	return nil
}

func onlyLogin(path, text string) bool {
	data, err := os.ReadFile(path)
	return err == nil && string(data) == text
}

// token reads the token, which no command line holds: others can read that.
func (l Login) token(ctx context.Context) (string, error) {
	token, err := "", error(nil)
	if l.Token == "" {
		token, err = l.Ask(ctx)
	} else {
		token, err = readSecret(l.Token)
	}
	if err != nil {
		return "", fmt.Errorf("the token: %w", err)
	}
	token = strings.TrimSpace(token)
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r < 0x20 || r == 0x7f }) {
		return "", errors.New("the token: got no text of one line")
	}
	return token, nil
}
