package slap

import (
	"net/http"
	"strings"
	"testing"
)

// erp5Page is an error as the source of the full Master says it is shown.
func erp5Page(kind, value string) string {
	return `<!DOCTYPE html><html><head><title>ERP5</title></head><body><p class="clear"></p>
<p>An error was encountered while publishing this resource.</p>
<p><strong>Error Type: ` + kind + `</strong><br />
<strong>Error Value: ` + value + `</strong><br /></p><hr /><p>Troubleshooting suggestions</p></body></html>`
}

// Type and value are found in any skin, and nothing else is taken for them.
func TestErrorPage(t *testing.T) {
	for name, test := range map[string]struct{ body, kind, value string }{
		"as shown":                {erp5Page("NotImplementedError", "1234_vm1_inProgress"), "NotImplementedError", "1234_vm1_inProgress"},
		"without text":            {erp5Page("AssertionError", ""), "AssertionError", ""},
		"entities":                {erp5Page("NotImplementedError", "0 projects &#39;X &amp; Y&#39;"), "NotImplementedError", "0 projects 'X & Y'"},
		"class":                   {erp5Page("&lt;class 'exceptions.KeyError'&gt;", "k"), "KeyError", "k"},
		"dotted":                  {erp5Page("ZODB.POSException.ConflictError", "database conflict error"), "ConflictError", "database conflict error"},
		"old, no doctype":         {"<HTML><BODY><P><STRONG>Error Type:</STRONG> KeyError<BR><STRONG>Error&nbsp;Value:</STRONG> x y<BR></BODY></HTML>", "KeyError", "x y"},
		"definition list":         {"<dl><dt>Error Type</dt><dd>AssertionError</dd><dt>Error Value</dt><dd>No project reference</dd></dl>", "AssertionError", "No project reference"},
		"definition list, empty":  {"<dl><dt>Error Type:</dt><dd>AssertionError</dd><dt>Error Value:</dt><dd></dd></dl><p>Sorry.</p>", "AssertionError", ""},
		"table":                   {"<table><tr><th>Error Type:</th><td>KeyError</td></tr><tr><th>Error Value:</th><td><pre>a\n b</pre></td></tr></table>", "KeyError", "a b"},
		"blocks":                  {"<div><div>Error type</div><div>KeyError</div><div>Error value</div><div>x</div></div>", "KeyError", "x"},
		"one paragraph":           {"<p>Error Type: KeyError Error Value: x</p>", "KeyError", "x"},
		"marked up value":         {"<p><b>Error</b> <b>Type</b>: KeyError</p><p><b>Error</b> <b>Value</b>: the <i>odd</i> one</p><p>more</p>", "KeyError", "the odd one"},
		"value first":             {"<p>Error Value: x<br>Error Type: KeyError</p>", "KeyError", "x"},
		"in a title and a script": {"<html><title>Error Type: Nonsense</title><script>'Error Type: Other'</script><p>Error Type: KeyError</p></html>", "KeyError", ""},
		"plain text":              {"Site Error\n\nError Type: KeyError\nError Value: x\n", "KeyError", "x"},
		"before markup":           {`<?xml version="1.0"?><!DOCTYPE html><html><p>Error Type: KeyError</p></html>`, "KeyError", ""},

		"a slapproxy":          {"<!doctype html>\n<html lang=en>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>No free computer partition found for: vm1</p>\n", "", "No free computer partition found for: vm1"},
		"empty paragraphs":     {"<html><p></p><p class=clear> &nbsp; </p><p>here</p></html>", "", "here"},
		"exception in a line":  {"<html><p>NotImplementedError: You can not change the release</p></html>", "NotImplementedError", "You can not change the release"},
		"exception alone":      {"AssertionError", "AssertionError", ""},
		"label without a type": {"<p>Error Type:</p>", "", "Error Type:"},
		"nothing":              {"", "", ""},
	} {
		got := whatIsSaid(http.Header{"Content-Type": {"text/html"}}, []byte(test.body))
		if got.kind != test.kind || got.value != test.value {
			t.Errorf("%s: got %q, %q, want %q, %q", name, got.kind, got.value, test.kind, test.value)
		}
	}
}

func TestErrorInJSON(t *testing.T) {
	for name, test := range map[string]struct{ mime, body, kind, value string }{
		"a code":             {"application/json", `{"type": "SUPPLY-FAILED", "title": "no", "detail": "not installed"}`, "SUPPLY-FAILED", "no not installed"},
		"an exception":       {"application/json", `{"type": "unknown-error", "title": "NotImplementedError: 1_vm_inProgress"}`, "NotImplementedError", "1_vm_inProgress"},
		"without text":       {"application/problem+json", `{"type": "unknown-error", "title": "AssertionError: "}`, "AssertionError", ""},
		"a slapproxy":        {"application/json; charset=utf-8", `{"status": 403, "type": "Forbidden", "title": "No instance tree vm1 found."}`, "Forbidden", "No instance tree vm1 found."},
		"no document at all": {"application/json", `nonsense`, "", "nonsense"},
	} {
		got := whatIsSaid(http.Header{"Content-Type": {test.mime}}, []byte(test.body))
		if got.kind != test.kind || got.value != test.value {
			t.Errorf("%s: got %q, %q, want %q, %q", name, got.kind, got.value, test.kind, test.value)
		}
	}
}

func FuzzErrorPage(f *testing.F) {
	f.Add(erp5Page("KeyError", "x"))
	f.Add("<dl><dt>Error Type</dt><dd>")
	f.Add("Error Type:\nError Value:\n\n")
	f.Fuzz(func(t *testing.T, body string) {
		got := whatIsSaid(http.Header{}, []byte(body))
		if strings.ContainsAny(got.kind+got.value, "\x1b\n") {
			t.Errorf("got %+v", got)
		}
	})
}
