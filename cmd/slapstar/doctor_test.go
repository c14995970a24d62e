package main

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"slapstar/proxy"
	"slapstar/slap"
	"slapstar/slap/jsonschema"
)

// A liar is a full Master between a client and one that tells the truth.
type liar struct {
	truth http.Handler
	fails []string      // what is in the URL of a request that gets an error page
	null  []string      // columns that are null, as SEARCH.COLUMN with the start of the portal type
	some  bool          // only in the first row
	me    string        // in place of who we are; "-" for nobody
	gone  string        // a path below which there is nothing
	ahead time.Duration // of its clock
}

const (
	doctorRelease = "https://lab.example/kvm/software.cfg"
	doctorSecret  = "v4lue-of-a-parameter"
	doctorName    = "instance-of-somebody"
)

func (l *liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Date", time.Now().Add(l.ahead).UTC().Format(http.TimeFormat))
	query := r.URL.Query().Get("query")
	switch {
	case l.gone != "" && strings.Contains(r.URL.Path, l.gone):
		http.NotFound(w, r)
		return
	case slices.ContainsFunc(l.fails, func(text string) bool {
		return strings.Contains(query, text) || strings.Contains(r.URL.Path, text) || slices.Contains(r.URL.Query()["select_list"], text)
	}):
		w.WriteHeader(http.StatusInternalServerError)
		w.Write([]byte(`<html><body><p class="clear"></p><p><strong>Error Type: TypeError</strong><br /> <strong>Error Value: ` + doctorName + ` ` + doctorSecret + `</strong></p></body></html>`))
		return
	}
	record := httptest.NewRecorder()
	l.truth.ServeHTTP(record, r)
	body := record.Body.Bytes()
	var doc map[string]any
	if json.Unmarshal(body, &doc) == nil && strings.Contains(r.URL.Path, "hateoas") {
		l.bend(doc, query)
		body, _ = json.Marshal(doc)
	}
	for name, values := range record.Header() {
		if name != "Content-Length" && name != "Date" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(record.Code)
	w.Write(body)
}

func (l *liar) bend(doc map[string]any, query string) {
	if links, ok := doc["_links"].(map[string]any); ok && l.me != "" && links["me"] != nil {
		links["me"] = map[string]any{"href": "urn:jio:get:" + l.me}
		if l.me == "-" {
			delete(links, "me")
		}
	}
	embedded, _ := doc["_embedded"].(map[string]any)
	rows, _ := embedded["contents"].([]any)
	for _, column := range l.null {
		kind, name, _ := strings.Cut(column, ".")
		for n, row := range rows {
			if strings.HasPrefix(query, `portal_type:"`+kind) || strings.HasPrefix(query, `portal_type:("`+kind) {
				if row := row.(map[string]any); !l.some || n == 0 {
					row[name] = nil
				}
			}
		}
	}
}

// newTruth is a full Master with instances of two persons.
func newTruth(t *testing.T) *proxy.Server {
	t.Helper()
	server, err := proxy.Open(proxy.Options{
		Profile: proxy.Full, Computer: "COMP-1", Simulator: proxy.DefaultSimulator{}, NoDelays: true, CatalogDelay: -1, SubscriptionDelay: -1, AllocationDelay: -1,
		Persons:          []proxy.Person{{Name: "alice", Manages: []string{"PROJ-1"}}, {Name: "bob", Projects: []string{"PROJ-1"}}},
		SoftwareProducts: []proxy.Product{{Project: "PROJ-1", Name: "kvm", Releases: []string{doctorRelease}, Types: []string{"default", "cluster"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	for _, who := range []string{"alice", "bob"} {
		site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Set("Remote-User", who)
			server.ServeHTTP(w, r)
		}))
		t.Cleanup(site.Close)
		client, err := slap.NewClient(slap.Options{MasterURL: site.URL + "/erp5/portal_slap", Project: "PROJ-1"})
		if err != nil {
			t.Fatal(err)
		}
		if who == "alice" {
			if err := client.Supply(t.Context(), slap.SoftwareInstallation{SoftwareRelease: doctorRelease, Computer: "COMP-1"}); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range []string{doctorName, doctorName + "-2"} {
			_, err := client.RequestInstance(t.Context(), slap.InstanceRequest{Name: name + "-" + who, SoftwareRelease: doctorRelease, Parameters: slap.Parameters{"password": doctorSecret}})
			if err != nil && !slap.MeaningOf(err).Taken() {
				t.Fatal(err)
			}
		}
		for range 500 { // the steps of a tree take no time, and one after the other
			list, err := client.Instances(t.Context())
			if err == nil && len(list.Odd) == 0 && len(list.Instances) == 2 {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	return server
}

// What a Master tells otherwise than it should is found, said with what it means, and does
// not end the report.
func TestDoctor(t *testing.T) {
	truth := newTruth(t)
	schema, err := jsonschema.Compile("../../docs/doctor.schema.json", os.ReadFile)
	if err != nil {
		t.Fatal(err)
	}
	const rpc, all = "slapos_master_api", "Instance Tree"
	for _, test := range []struct {
		name string
		l    liar
		args []string
		code int
		want []string
	}{
		{"the truth", liar{}, nil, exitDone, []string{
			"a full Master", "ok       legacy: http", "ok       hateoas: http", "ok       json-rpc: http", "/erp5/portal_web_services/slapos_master_api/ answers", "requests, 2 instances",
			"ok       me: person_module/alice", "owners: 2 of ours, 2 of others, 0 of which", "projects: PROJ-1 is the only one", "search trees: 4 rows, with all columns",
			"search members: 4 rows, with all columns", "search installations: 1 row, with all columns", "product kvm: releases " + doctorRelease + "; types cluster, default; in PROJ-1",
			"no decision is pending", "nothing is odd", "ok       clock", "note     TLS: the connection is not encrypted", ", 0 missing\n"}},
		{"the project", liar{}, []string{"--project", "PROJ-7"}, exitFailed, []string{"missing  projects: PROJ-7 is selected, and the Master lists PROJ-1"}},
		{"columns of trees", liar{null: []string{"Instance Tree.url_string"}}, nil, exitDone, []string{
			"note     search trees: the column url_string is null in all of 4 rows\n         means: each instance is read by itself over JSON-RPC\n         do: ask", "listing: the Master does not tell url_string of any instance\n", "of 2 not all"}},
		{"and no JSON-RPC", liar{null: []string{"Instance Tree.url_string"}, gone: rpc}, nil, exitFailed, []string{"missing  search trees: the column url_string is null in all", "note     json-rpc: this Master has none that was found"}},
		{"one row", liar{null: []string{"Instance Tree.slap_state"}, some: true}, nil, exitDone, []string{"note     search trees: the column slap_state is null in 1 of 4 rows"}},
		{"columns of members", liar{null: []string{"Software Instance.specialise", "Software Instance.SoftwareInstance_getNewsDict"}}, nil, exitDone, []string{
			"note     search members: the column specialise is null in all of 4 rows", "note     search members: the column SoftwareInstance_getNewsDict is null"}},
		{"owners", liar{null: []string{"Instance Tree.getDestinationSection"}}, nil, exitDone, []string{"the column getDestinationSection is null in all", "means: yours are asked for once more"}},
		{"some owners", liar{null: []string{"Instance Tree.getDestinationSection"}, some: true}, nil, exitDone, []string{"1 of which the owner is not told", "listing: the owner is not told (1)"}},
		{"nobody", liar{me: "-"}, nil, exitDone, []string{"note     me: the Master does not tell who you are", "owners: cannot be told apart", "your instances are read one by one over JSON-RPC"}},
		{"a node", liar{me: "compute_node_module/1"}, nil, exitFailed, []string{"missing  me: compute_node_module/1, which is no person", "do: use the certificate of a person", "missing  bulk read: it failed"}},
		{"a search of trees", liar{fails: []string{all}}, nil, exitFailed, []string{"missing  search trees: it fails: GET http", "500 Internal Server Error: TypeError", "ok       search projects: 1 row"}},
		{"a search of members", liar{fails: []string{"Software Instance"}}, nil, exitFailed, []string{"missing  search members: it fails"}},
		{"a search of decisions", liar{fails: []string{"Upgrade Decision"}}, nil, exitDone, []string{"note     search decisions: it fails", "note     upgrades: decisions cannot be listed"}},
		{"a search of products", liar{fails: []string{"Software Product"}}, nil, exitDone, []string{"note     search products: it fails", "note     products: cannot be listed", "ok       nodes: 1 node"}},
		{"a search of projects", liar{fails: []string{"Project"}}, nil, exitFailed, []string{"note     search projects: it fails", "missing  projects: cannot be listed"}},
		{"nodes of all kinds", liar{fails: []string{"Remote Node"}}, nil, exitDone, []string{"note     search nodes: it fails", "means: computers lists compute nodes alone", "ok       nodes: 1 node"}},
		{"all nodes", liar{fails: []string{"Compute Node"}}, nil, exitFailed, []string{"missing  search nodes: it fails", "missing  nodes: cannot be listed"}},
		{"a script", liar{fails: []string{"SoftwareInstance_getNewsDict"}}, nil, exitDone, []string{"note     search members: it fails with the column SoftwareInstance_getNewsDict: GET", "means: what nodes have reported is not known"}},
		{"all", liar{fails: []string{"/"}}, nil, exitFailed, []string{"missing  Master: ", "missing  legacy: ", "missing  hateoas: ", "missing  bulk read: "}},
		{"HATEOAS", liar{gone: "hateoas"}, nil, exitFailed, []string{"ok       legacy", "missing  hateoas: "}},
		{"ahead", liar{ahead: time.Hour}, nil, exitDone, []string{"note     clock: 1h0m0s behind the Master's\n         means: certificates may count as ended"}},
		{"behind", liar{ahead: -time.Hour}, nil, exitDone, []string{"note     clock: 1h0m0s ahead of the Master's"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.l.truth = truth
			master := httptest.NewServer(&test.l)
			defer master.Close()
			args := append([]string{"--master-url", master.URL + "/erp5/portal_slap"}, test.args...)
			run := func(code int, more ...string) screen {
				t.Helper()
				var c screen
				if got := c.run(context.Background(), "", append(append(slices.Clone(args), "doctor"), more...)...); got != code {
					t.Errorf("exit code %d, want %d\n%s%s", got, code, &c.out, &c.err)
				}
				return c
			}
			text, data := run(test.code), run(test.code, "--format", "json")
			for _, want := range test.want {
				if !strings.Contains(text.out.String(), want) {
					t.Errorf("it does not say %q:\n%s%s", want, &text.out, &text.err)
				}
			}
			all := text.out.String() + text.err.String() + data.out.String() + data.err.String()
			if strings.Contains(all, doctorName) || strings.Contains(all, doctorSecret) {
				t.Errorf("it names an instance, or shows a value:\n%s", all)
			}
			checkOutput(t, schema, test.name, data.out.Bytes())
		})
	}
}

// With --names it names what is odd.
func TestDoctorNames(t *testing.T) {
	master := httptest.NewServer(&liar{truth: newTruth(t), null: []string{"Instance Tree.slap_state"}, some: true})
	defer master.Close()
	var c screen
	c.run(context.Background(), "", "--master-url", master.URL+"/erp5/portal_slap", "doctor", "--names")
	if !strings.Contains(c.out.String(), "the Master does not tell slap_state (1): "+doctorName+"-alice\n") || strings.Contains(c.out.String(), doctorSecret) {
		t.Errorf("got %s", &c.out)
	}
}

// The certificate and how the Master's is verified are told, and no key.
func TestDoctorCertificate(t *testing.T) {
	master := httptest.NewTLSServer(&liar{truth: newTruth(t)})
	defer master.Close()
	for _, test := range []struct {
		name string
		left time.Duration // 0: no certificate
		mode os.FileMode
		trim bool // the key is not one
		args []string
		code int
		want []string
	}{
		{"good", 400*24*time.Hour + time.Hour, 0o600, false, []string{"--insecure"}, exitDone, []string{"in 400 days", "ok       key file", "has mode 0600", "note     TLS: --insecure"}},
		{"soon", 10*24*time.Hour + time.Hour, 0o644, false, []string{"--insecure"}, exitDone, []string{"note     certificate: ", "in 10 days\n         means: after that the Master refuses it\n         do: slapstar login --replace", "note     key file", "has mode 0644"}},
		{"over", -time.Hour, 0o600, false, []string{"--insecure"}, exitFailed, []string{"missing  certificate: ", " ended on "}},
		{"none", 0, 0, false, []string{"--insecure"}, exitFailed, []string{"missing  certificate: none is configured"}},
		{"not verified", time.Hour, 0o600, false, nil, exitFailed, []string{"missing  legacy", "no secure connection", "x509", "ok       TLS"}},
		{"no key", time.Hour, 0o600, true, []string{"--insecure"}, exitFailed, []string{"missing  Master: ", "there is no connection", "missing  certificate: the certificate and its key do not go together"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			args := append([]string{"--master-url", master.URL + "/erp5/portal_slap"}, test.args...)
			certificate, key := selfSigned(t, test.left)
			if test.left != 0 {
				if test.trim {
					key = "k3y"
				}
				dir := writeFolder(t, map[string]string{"crt": certificate, "key": key})
				if err := os.Chmod(filepath.Join(dir, "key"), test.mode); err != nil {
					t.Fatal(err)
				}
				args = append(args, "--cert-file", filepath.Join(dir, "crt"), "--key-file", filepath.Join(dir, "key"))
			}
			var c screen
			code := c.run(context.Background(), "", append(args, "doctor")...)
			for _, want := range test.want {
				if !strings.Contains(c.out.String(), want) {
					t.Errorf("it does not say %q", want)
				}
			}
			if code != test.code || t.Failed() || strings.Contains(c.out.String(), key) {
				t.Errorf("exit code %d, want %d\n%s%s", code, test.code, &c.out, &c.err)
			}
		})
	}
}
