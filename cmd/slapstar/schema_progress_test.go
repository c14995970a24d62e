package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// On a terminal, reading schemas is shown once it takes a while; the line is gone when
// they are read.
func TestSchemaProgress(t *testing.T) {
	t.Parallel()
	answer := make(chan struct{})
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-answer
		if r.URL.Path == "/in.json" {
			fmt.Fprint(w, `{"type": "object", "properties": {"size": {"type": "integer"}}}`)
			return
		}
		fmt.Fprint(w, `{"serialisation": "xml", "software-type": {"default": {"request": "in.json"}}}`)
	}))
	defer host.Close()
	release := sync.OnceFunc(func() { close(answer) })
	defer release()
	dir := writeFolder(t, map[string]string{
		"slapos.cfg": "[slapos]\nmaster_url = embedded:master.sqlite\n[slapstar]\nschema_hosts = " + strings.TrimPrefix(host.URL, "http://") + "\n",
		"main.star":  fmt.Sprintf("request(%q, 'vm', {'size': 'many'})\n", host.URL+"/software.cfg"),
	})
	y := watch(t, dir, []string{"XDG_CACHE_HOME=" + dir}, "plan")
	y.expect(`… reading schemas: 0 of 1`)
	release()
	y.expect(`size: got text, want a whole number`)
	y.ends(exitRefused)
}

// At the prompt, Tab lists the parameters of a release from the schemas at hand.
func TestConsoleCompletesParameters(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "schemas/lab.example/kvm"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"slapos.cfg": "[slapos]\nmaster_url = embedded:master.sqlite\n[slapproxy]\nsoftware_product_list =\n  kvm https://lab.example/kvm/software.cfg\n",
		"schemas/lab.example/kvm/software.cfg.json": `{"serialisation": "xml", "software-type": {"default": {"request": "in.json"}}}`,
		"schemas/lab.example/kvm/in.json":           `{"properties": {"ram-size": {"type": "integer", "default": 4096}, "ram-max": {"type": "integer"}, "disk-type": {"enum": ["virtio", "ide"]}}}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	y := newTypist(t, dir, nil, "--schema-dir", "schemas")
	y.expect(`>>> $`)
	y.send(`request(product.kvm, "vm", {"ram-` + "\t")
	y.expect(`(?s)ram-max.*ram-size`)
	y.send(ctrlC)
	y.expect(`>>> $`)
	y.send(`request(product.kvm, "vm", {"di` + "\t")
	y.expect(`disk-type`)
	y.send(ctrlC)
	y.expect(`>>> $`)
	y.send(ctrlD)
	y.ends(0)
}
