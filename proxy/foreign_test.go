package proxy

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
	"slapstar/slap/marshal"
)

// foreign is what a stranger writes wherever a text is taken.
const foreign = `'"></title><script>alert(1)</script><!-- {{.}} `

// storeForeign fills a Master with it: each text that it keeps is foreign.
func storeForeign(t *testing.T, s *Server) {
	t.Helper()
	text := slap.Parameters{foreign: foreign}.XML()
	err := s.update(context.Background(), func(tx *store.Tx) error {
		for _, i := range []instance{
			{title: foreign, computer: foreign, partition: foreign},
			{title: foreign + "child", root: foreign, shared: true, computer: foreign, partition: foreign},
			{title: foreign + "waiting"},
		} {
			i.release, i.kind, i.state, i.status = foreign, foreign, foreign, "#error "+foreign
			i.parameters, i.sla, i.connection = text, text, sql.NullString{String: text, Valid: true}
			if i.computer != "" && !i.shared {
				for _, statement := range []string{
					"INSERT INTO computer (reference, title, address, netmask) VALUES (?1, ?1, ?1, ?1)",
					"INSERT INTO partition (computer, reference, addresses) VALUES (?1, ?1, json_array(json_array(?1, ?1, ?1)))",
					"INSERT INTO software (computer, release, state, status) VALUES (?1, ?1, ?1, ?1)",
				} {
					if _, err := tx.Exec(statement, foreign); err != nil {
						return err
					}
				}
			}
			if _, err := insertInstance(tx, &i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What others wrote is no markup on the page, wherever it stands.
func TestPanelEscapes(t *testing.T) {
	s, base := serveTest(t, Options{Computer: foreign})
	storeForeign(t, s)
	resp, err := http.Get(base + "/?q=" + url.QueryEscape(foreign))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range []string{"<script", `'"`, "<!--", "</title><"} {
		if strings.Contains(string(page), raw) {
			t.Errorf("the page has %q in it:\n%s", raw, page)
		}
	}
	if n := strings.Count(string(page), "&lt;script&gt;alert(1)&lt;/script&gt;"); n < 35 {
		t.Errorf("the page shows the foreign text %d times, want it in each column:\n%s", n, page)
	}
}

// An answer is of a kind in which what others wrote is no markup, and says that no
// browser may guess another one. That of a supply ran the script in its URL.
func TestForeignText(t *testing.T) {
	f := url.QueryEscape(foreign)
	none := url.QueryEscape("<marshal><none/></marshal>")
	document, err := marshal.Encode(map[string]string{foreign: foreign})
	if err != nil {
		t.Fatal(err)
	}
	dict := url.QueryEscape(string(document))
	get := []string{"/", "/?q=" + f, "/metrics", "/" + f, "/nowhere/" + f, "/getHateoasUrl", "/getRunId", "/hateoas", "/hateoas/", "/hateoas/?mode=" + f,
		"/hateoas/?mode=search&query=" + f, "/hateoas/?mode=search&query=" + url.QueryEscape(treeQuery), "/hateoas/?mode=search&query=" + url.QueryEscape(nodeQuery),
		"/hateoas/?mode=traverse&relative_url=" + f, "/hateoas/?mode=traverse&relative_url=/hateoas/" + f, "/hateoas/partitions/" + url.PathEscape(foreign),
		"/hateoas/partitions/x" + url.PathEscape(foreign), "/hateoas/computers/" + url.PathEscape(foreign), "/hateoas/shared/" + url.PathEscape(foreign),
		"/getSoftwareReleaseListFromSoftwareProduct?project_reference=p&software_product_reference=" + f,
		"/getSoftwareReleaseListFromSoftwareProduct?project_reference=p&software_release_url=" + f,
		"/getFullComputerInformation?computer_id=" + f, "/getFullComputerInformation?computer_id=x" + f, "/getComputerStatus?computer_id=x" + f,
		"/registerComputerPartition?computer_reference=" + f + "&computer_partition_reference=" + f, "/registerComputerPartition?computer_reference=x&computer_partition_reference=" + f,
		"/getComputerPartitionStatus?computer_id=" + f + "&computer_partition_id=" + f, "/getSoftwareInstallationStatus?computer_id=" + f + "&url=" + f,
		"/getComputerPartitionCertificate?computer_id=" + f + "&computer_partition_id=" + f}
	fields := "computer_id=" + f + "&computer_partition_id=" + f + "&url=" + f + "&state=available&new_name=" + f + "&error_log=" + f + "&use_string=" + f +
		"&connection_xml=" + dict + "&slave_reference=None&message=" + f + "&computer_title=" + f + "&project_reference=" + f +
		"&software_release=" + f + "&software_type=" + f + "&partition_reference=" + f + "&partition_parameter_xml=" + dict + "&filter_xml=" + dict + "&shared_xml=" + none
	for _, profile := range []Profile{Slapproxy, Full} {
		s, base := serveTest(t, Options{Profile: profile, Products: map[string]string{foreign: foreign}})
		storeForeign(t, s)
		check := func(method, path, kind, body string) {
			r, err := http.NewRequest(method, base+on(profile, path), strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", kind)
			client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			resp, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			answer, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Fatal(err)
			}
			if why := unsafe(resp.Header, string(answer)); why != "" {
				t.Errorf("%s: %s %s: %d %s, %v\n%.600s", profile, method, path, resp.StatusCode, why, resp.Header, answer)
			}
		}
		for _, path := range get {
			check("GET", path, "", "")
			check("POST", path, "", "")
			check("OPTIONS", path, "", "")
		}
		for pattern := range s.legacyHandlers() {
			if path, ok := strings.CutPrefix(pattern, "POST "); ok {
				check("POST", path, "application/x-www-form-urlencoded", fields)
				check("POST", path, "application/x-www-form-urlencoded", strings.ReplaceAll(fields, "state=available", "state="+f))
				check("POST", path, "application/x-www-form-urlencoded", fields+"&%zz="+f)
			}
		}
		for method := range s.rpcHandlers() {
			for _, body := range []string{foreign, fmt.Sprintf("{%q: 1}", foreign), fmt.Sprintf(`{"title": %q, "computer_guid": %[1]q, "instance_guid": %[1]q, "state": %[1]q}`, foreign)} {
				check("POST", "/slapos."+method, "application/json", body)
				check("POST", "/slapos."+method, foreign, body)
			}
		}
	}
}

// unsafe says what a browser could make of an answer; nothing is well.
func unsafe(header http.Header, answer string) string {
	if header.Get("X-Content-Type-Options") != "nosniff" {
		return "lets a browser guess its kind"
	}
	raw := strings.Contains(answer, "<script")
	kind, parameters, err := mime.ParseMediaType(header.Get("Content-Type"))
	switch {
	case answer == "":
		return ""
	case err != nil:
		return "has no kind"
	case strings.HasPrefix(kind, "text/") && parameters["charset"] != "utf-8":
		return "has no charset"
	case (kind == "text/html" || kind == "text/xml") && raw:
		return "has foreign markup in it"
	case kind == "text/html" && strings.HasPrefix(answer, "<marshal>"):
		return "is XML and says that it is HTML"
	case kind == "text/html" && !strings.HasPrefix(answer, "<!doctype html>") && !strings.HasPrefix(answer, `<a href="/`):
		return "is text and says that it is HTML"
	case kind == "text/html", kind == "text/xml", kind == "text/plain", kind == "application/json", kind == halJSON:
		return ""
	}
	return "is of another kind"
}
