package diff

import (
	"strings"
	"testing"

	"slapstar/engine"
)

// Each kind of value in a document, as it reads.
func TestKinds(t *testing.T) {
	for _, test := range []struct{ name, before, after, want string }{
		{"an item comes", `{"l": ["a", "b", "c"]}`, `{"l": ["a", "x", "b", "c"]}`, "+l[1]  x\n"},
		{"an item goes", `{"l": ["a", "b", "c"]}`, `{"l": ["a", "c"]}`, "-l[1]  b\n"},
		{"an item differs", `{"l": [1, 2, 3]}`, `{"l": [1, 5, 3]}`, "~l[1]  2 → 5\n"},
		{"items in another order", `{"l": ["a", "b", "c"]}`, `{"l": ["c", "a", "b"]}`, "~l[0]  c  moved from [2]\n"},
		{"objects by name", `{"disks": [{"name": "root", "size": 20}, {"name": "data", "size": 1}]}`, `{"disks": [{"name": "new", "size": 9}, {"name": "root", "size": 30}, {"name": "data", "size": 1}]}`,
			"+disks[name=new].name   new\n+disks[name=new].size   9\n~disks[name=root].size  20 → 30\n"},
		{"a list that was turned around", `{"l": ["a", "b", "c"]}`, `{"l": ["c", "b", "a"]}`, "~l[1]  b  in another order\n~l[2]  a  moved from [0]\n"},
		{"objects by name, turned around", `[{"name": "a"}, {"name": "b"}, {"name": "c"}]`, `[{"name": "c"}, {"name": "b"}, {"name": "a"}]`, "~[name=c]  moved from [2]\n~[name=b]  in another order\n"},
		{"what is in another order, as a text", `{"l": "x"}`, `{"l": "moved in another order"}`, "~l  x → \"moved in another order\"\n"},
		{"objects by name in another order", `[{"name": "a", "x": 1}, {"name": "b", "x": 1}]`, `[{"name": "b", "x": 2}, {"name": "a", "x": 1}]`,
			"~[name=b]    moved from [1]\n~[name=b].x  1 → 2\n"},
		{"objects without a name", `[{"h": "a", "p": 1}, {"h": "b", "p": 1}]`, `[{"h": "z", "p": 9}, {"h": "a", "p": 1}, {"h": "b", "p": 2}]`, "+[0].h  z\n+[0].p  9\n~[2].p  1 → 2\n"},
		{"an object with another name", `[{"name": "a", "x": 1, "y": 2, "z": 3}]`, `[{"name": "b", "x": 1, "y": 2, "z": 3}]`, "~[name=b].name  a → b\n"},
		{"a renamed key", `{"thread-amount": 4444, "x": 1}`, `{"threads": 4444, "x": 1}`, "~threads  4444  renamed from thread-amount\n"},
		{"a renamed object", `{"old": {"a": [1]}}`, `{"new": {"a": [1]}}`, "~new  renamed from old\n"},
		{"values that many have are not renamed", `{"a": true, "b": 1}`, `{"c": true, "d": 1}`, "-a  true\n-b  1\n+c  true\n+d  1\n"},
		{"JSON in JSON", `{"cfg": "{\"a\": 1, \"b\": [1, 2]}"}`, `{"cfg": "{\"a\": 2, \"b\": [1, 2]}"}`, "~cfg(json).a  1 → 2\n"},
		{"JSON in JSON written otherwise", `{"cfg": "{\"a\": 1}"}`, `{"cfg": "{\"a\":1}"}`, "~cfg  \"{\\\"a\\\": 1}\" → \"{\\\"a\\\":1}\"\n"},
		{"text in JSON", `{"cfg": "a\nb\nc\n"}`, `{"cfg": "a\nB\nc\n"}`, "~cfg  3 lines\n | a\n-| b\n+| B\n | c\n"},
		{"text in base64", `{"cfg": "bGlzdGVuIDgwCnNlcnZlciAwCg=="}`, `{"cfg": "bGlzdGVuIDgwODAKc2VydmVyIDAK"}`, "~cfg  base64 of 2 lines\n-| listen 80\n+| listen 8080\n | server 0\n"},
		{"a URL", `{"u": "https://lab.example.org/nexedi/slapos/raw/1.0.400/software/kvm/software.cfg"}`, `{"u": "https://lab.example.org/nexedi/slapos/raw/1.0.410/software/kvm/software.cfg"}`,
			"~u  …/nexedi/slapos/raw/1.0.[400→410]/software/kvm/software.cfg\n"},
		{"a part of a word that nobody reads", `{"h": "` + strings.Repeat("a", 300) + `X` + strings.Repeat("b", 300) + `"}`, `{"h": "` + strings.Repeat("a", 300) + `Y` + strings.Repeat("b", 300) + `"}`,
			"~h  …" + strings.Repeat("a", 28) + "[X→Y]" + strings.Repeat("b", 28) + "…\n"},
		{"one that ends with another character", `{"h": "` + strings.Repeat("é", 100) + `"}`, `{"h": "` + strings.Repeat("é", 100) + `è"}`, "~h  …" + strings.Repeat("é", 28) + "[→è]\n"},
		{"blanks at the end", `{"c": "a \nb\n"}`, `{"c": "a\nb\n"}`, "~c  2 lines\n-| a\\x20\n+| a\n | b\n"},
		{"a CR", `{"c": "a\r\nb\n"}`, `{"c": "a\nb\n"}`, "~c  2 lines\n-| a\\r\n+| a\n | b\n"},
		{"a tab and what reads like one", `{"c": "a\tb"}`, `{"c": "a\\tb"}`, "~c  \"a\\tb\" → a\\tb\n"},
		{"a password in a named item", `[{"name": "a", "password": "x"}, {"name": "b", "password": "y"}]`, `[{"name": "b", "password": "y"}]`, "-[name=a].name      a\n-[name=a].password  (secret)\n"},
		{"passwords in a list", `{"passwords": ["x", "y"]}`, `{"passwords": ["y", "x"]}`, "~passwords[0]  (secret) → (secret), changed\n~passwords[1]  (secret) → (secret), changed\n"},
		{"a password with another name", `{"password": "hunter2"}`, `{"guess": "hunter2"}`, "+guess     hunter2\n-password  (secret)\n"},
		{"a token that moves", `["glpat-0123456789abcdefghij", "a"]`, `["a", "glpat-0123456789abcdefghij"]`, "~[0]  (secret) → (secret), changed\n~[1]  (secret) → (secret), changed\n"},
		{"a credential in opened JSON", `{"cfg": "{\"password\": \"x\", \"n\": 1}"}`, `{"cfg": "{\"password\": \"x\", \"n\": 2}"}`, "~cfg(json).n  1 → 2\n"},
	} {
		if got := documentText(parameter("_", &test.before, engine.Literal(test.after)), Options{}); got != test.want {
			t.Errorf("%s: got\n%swant\n%s", test.name, got, test.want)
		}
	}
}

// A parameter with another name is one row.
func TestRenamedParameter(t *testing.T) {
	value := "4444"
	got := show(Rows(update(parameter("old", &value, nil), parameter("new", nil, engine.Literal(value))), Options{}))
	if want := " parameters\n~  new  4444  renamed from old\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	got = show(Rows(update(parameter("password", &value, nil), parameter("new", nil, engine.Literal(value))), Options{}))
	if strings.Contains(got, "renamed") {
		t.Errorf("a file guesses at a password, and is answered:\n%s", got)
	}
}
