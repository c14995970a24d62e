package slap

import "testing"

func TestParseHost(t *testing.T) {
	for s, want := range map[string][2]string{
		"Lab.Example": {"lab.example", ""}, "lab.example.:8443": {"lab.example", "8443"}, "10.0.0.1:80": {"10.0.0.1", "80"},
		"::1": {"::1", ""}, "[::1]": {"::1", ""}, "[0:0::1]:81": {"::1", "81"},
	} {
		name, port, err := ParseHost(s)
		if err != nil || name != want[0] || port != want[1] {
			t.Errorf("ParseHost(%q): got %q, %q, %v, want %q", s, name, port, err, want)
		}
	}
	for _, wrong := range []string{"", "https://x", "x/y", "me@x", "x:", "x:port", "x:99999", ":80", "*.example", "x?y", "::1:80:x", "x y"} {
		if name, port, err := ParseHost(wrong); err == nil {
			t.Errorf("ParseHost(%q): got %q, %q", wrong, name, port)
		}
	}
}
