package view

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"slapstar/engine"
	"slapstar/engine/document"
)

func page(t *testing.T, p *engine.Plan) string {
	t.Helper()
	var b bytes.Buffer
	if err := (HTML{W: &b, Context: document.Context{Title: "<prod>"}}).Plan(p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The elements and attributes of a page, read as XML once what need not end is left out.
func elements(t *testing.T, text string) map[string]int {
	t.Helper()
	_, text, _ = strings.Cut(text, "<main>")
	text = "<main>" + strings.TrimSuffix(text, "</html>\n")
	if before, rest, ok := strings.Cut(text, "<script>"); ok {
		_, after, _ := strings.Cut(rest, "</script>")
		text = before + after
	}
	d := xml.NewDecoder(strings.NewReader(text))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	found := map[string]int{}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatalf("%v in %.2000s", err, text)
		}
		if e, ok := token.(xml.StartElement); ok {
			found[e.Name.Local]++
			for _, a := range e.Attr {
				inside := a.Name.Local == "href" && strings.HasPrefix(a.Value, "#change-")
				if strings.HasPrefix(a.Name.Local, "on") || a.Name.Local == "src" || a.Name.Local == "href" && !inside {
					t.Errorf("there is an attribute %s", a.Name.Local)
				}
			}
		}
	}
}

func TestPage(t *testing.T) {
	got := page(t, everything())
	for _, want := range []string{"<title>&lt;prod&gt;: Plan: 1 to create", "default-src &#39;none&#39;", "b → (known after db)", "<b>- instance shop-old</b>", "it cannot be; hint: do something else", "it stays", "<svg"} {
		if !strings.Contains(strings.ReplaceAll(got, "'none'", "&#39;none&#39;"), want) {
			t.Errorf("there is no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "hunter2") || strings.Contains(got, "http-equiv=\"refresh") {
		t.Errorf("got\n%s", got)
	}
	if n := strings.Count(got, `<details class="change `); n != 5 {
		t.Errorf("there are %d changes, want 5", n)
	}
	if destroyed, created := strings.Index(got, "- instance shop-old"), strings.Index(got, "+ instance db"); destroyed > created {
		t.Error("what is destroyed does not come first")
	}
	if empty := page(t, &engine.Plan{Declared: &engine.Config{}}); strings.Contains(empty, "<script>") || !strings.Contains(empty, "No changes") {
		t.Errorf("got\n%s", empty)
	}
	if many := page(t, alikePlan(1000)); len(many) > 100<<10 {
		t.Errorf("a page of 1000 changes has %d bytes", len(many))
	}
}

// Text of strangers makes no elements.
func TestPageIsSafe(t *testing.T) {
	for i, content := range hostile {
		name := hostile[(i*5+1)%len(hostile)]
		found := elements(t, page(t, large(9, name, content)))
		for element := range found {
			if !strings.Contains(" main h1 h2 dl dt dd p section ul li form input label button output details summary b small span div a i del ins svg defs marker path g title rect text ", " "+element+" ") {
				t.Errorf("%q and %q make a <%s>", name, content, element)
			}
		}
	}
}
