package conformance

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"slapstar/slap"
)

// pictureVariable names a folder where the picture of the page is left, to be
// looked at.
const pictureVariable = "SLAPSTAR_PICTURES"

// The page of slapstar proxy in a real browser: what is there, and a search. The
// page has no script, and forbids any.
func TestPageInBrowser(t *testing.T) {
	s := newSite(t)
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("the page is not tried in a browser: there is no chromium (Debian's package of that name)")
	}
	simulation, err := filepath.Abs(filepath.Join("..", "examples", "simulate", "simulate.star"))
	if err != nil {
		t.Fatal(err)
	}
	s.start(s.slapstar, "proxy", "--cfg", s.cfg, "--simulate", simulation)
	s.waitForMaster()
	ctx, c := context.Background(), newClient(t, s.url, slap.Any)
	db := slap.InstanceRequest{Name: "shop-db", SoftwareRelease: mariadbRelease, SoftwareType: slap.DefaultType, State: slap.Started,
		Parameters: slap.Parameters{"innodb-buffer-pool-size": "1073741824", "note": "two\nlines & <b>markup</b>"}}
	broken, shared := db, db
	broken.Name, broken.SoftwareType, broken.SLA = "broken", "broken", slap.Parameters{"computer_guid": "COMP-1234"}
	shared.Name, shared.Shared, shared.Parameters = "shop-user", true, slap.Parameters{"k": "v"}
	for _, err := range []error{
		c.Supply(ctx, slap.SoftwareInstallation{SoftwareRelease: mariadbRelease, Computer: node, State: slap.Available}),
		second(c.RequestInstance(ctx, db)), second(c.RequestInstance(ctx, shared)), second(c.RequestInstance(ctx, broken)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		if i, err := c.Instance(ctx, "shop-db"); err == nil && len(i.ConnectionParameters) > 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	time.Sleep(time.Second) // for the error of the broken one
	browse := func(args ...string) string {
		return s.must(0, chromium, append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
			"--disable-background-networking", "--disable-component-update", "--disable-sync",
			"--user-data-dir=" + t.TempDir(), "--window-size=1200,900"}, args...)...).stdout
	}
	page := browse("--dump-dom", s.url)
	if strings.Contains(page, "<script") {
		t.Error("there is a script in the page")
	}
	for _, want := range []string{"shop-db", "shop-user", "two\nlines &amp; &lt;b&gt;markup&lt;/b&gt;", "https://[2001:db8:1::1]:8443/shop-db",
		"local_computer", "1 occupied, 19 free", "COMP-1234", "#error there is no space left on slappart0"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %q:\n%s", want, page)
		}
	}
	page = browse("--dump-dom", s.url+"?q=broken")
	if !strings.Contains(page, "broken") || strings.Contains(page, "shop-user") {
		t.Errorf("searched for broken, the page shows\n%s", page)
	}
	if folder := os.Getenv(pictureVariable); folder != "" {
		browse("--screenshot="+filepath.Join(folder, "page.png"), s.url)
		browse("--screenshot="+filepath.Join(folder, "search.png"), s.url+"?q=broken")
	}
}
