package run

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"slapstar/engine"
)

// The last few lags of a Master are remembered, by Master; where that cannot be, nothing
// happens.
func TestRememberLag(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("XDG_STATE_HOME", folder)
	m, other := &Master{Location: "https://a.example/erp5/portal_slap"}, &Master{Location: "https://b.example/"}
	m.RememberLag(nil)
	m.RememberLag(&engine.Outcome{})
	if list, err := os.ReadDir(folder); err != nil || len(list) != 0 {
		t.Errorf("nothing was seen, and there is %v, %v", list, err)
	}
	for n := range mostLags + 2 {
		m.RememberLag(&engine.Outcome{Lag: time.Duration(n+1) * time.Second})
	}
	got := lags(m.Location)
	if len(got) != mostLags || got[0].Lag != 3*time.Second || got[mostLags-1].Lag != 12*time.Second || got[0].Time.IsZero() {
		t.Errorf("got %v", got)
	}
	if list := lags(other.Location); list != nil {
		t.Errorf("the other Master has %v", list)
	}
	path, err := lagFile(m.Location)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v", info, err)
	}
	for _, damaged := range []string{"", "{", `{"lag": 1}`} {
		if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
			t.Fatal(err)
		}
		if list := lags(m.Location); len(list) != 0 {
			t.Errorf("%q: got %v", damaged, list)
		}
	}
	m.RememberLag(&engine.Outcome{Lag: time.Second})
	if list := lags(m.Location); len(list) != 1 {
		t.Errorf("after a damage: got %v", list)
	}
	t.Setenv("XDG_STATE_HOME", filepath.Join(path, "below a file"))
	m.RememberLag(&engine.Outcome{Lag: time.Second})
	if list := lags(m.Location); list != nil {
		t.Errorf("below a file: got %v", list)
	}
}
