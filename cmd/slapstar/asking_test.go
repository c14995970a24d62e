package main

import (
	"strings"
	"testing"
)

// Somebody at a terminal is asked for each secret that is missing, once; it is not shown.
func TestAskSecret(t *testing.T) {
	dir := writeFolder(t, map[string]string{
		"slapos.cfg":    testConfig,
		"slapstar.star": "environment(\"prod\", entry = \"main.star\", cfg = \"slapos.cfg\", secrets = \"env:PROD_*\")\n",
		"main.star":     "request(\"r\", \"shop\", {\"a\": secret(\"a\"), \"b\": secret(\"b\"), \"c\": secret(\"c\")}, serialisation = \"xml\")\n",
	})
	y := watch(t, dir, []string{"PROD_C=of-the-environment"}, "apply", "--no-schemas", "prod")
	y.expect(`Secret a of prod \(it is not shown\): `)
	y.send("hush-a\r")
	y.expect(`Secret b of prod \(it is not shown\): `)
	y.send("hush-b\r")
	seen := y.expect("Only “yes” is taken for an approval: ")
	y.send("yes\r")
	seen += y.expect("1 done")
	y.ends(0)
	if strings.Contains(seen, "hush") || strings.Contains(seen, "Secret c") {
		t.Errorf("a secret is shown, or one was asked for that is given:\n%s", seen)
	}

	y = watch(t, dir, []string{"PROD_C=of-the-environment"}, "plan", "--detailed-exitcode", "--no-schemas", "prod")
	y.expect("Secret a of prod")
	y.send("hush-a\r")
	y.expect("Secret b of prod")
	y.send("\r")
	y.expect(`secret "b": it is not given`)
	y.ends(1)

	// Nobody is asked by what needs none.
	y = watch(t, dir, nil, "validate", "--no-schemas", "prod")
	y.expect("Valid: 1 instance")
	y.ends(0)
}

// Each environment is asked about, and what is declined in one leaves the others alone.
func TestApplyAllAsks(t *testing.T) {
	dir := writeFolder(t, map[string]string{
		"slapos.cfg":    testConfig,
		"slapstar.star": "[environment(name, entry = name + \".star\", cfg = \"slapos.cfg\") for name in [\"first\", \"second\"]]\n",
		"first.star":    "request(\"r\", \"a\")\n",
		"second.star":   "request(\"r\", \"b\")\n",
	})
	y := watch(t, dir, nil, "apply", "--all", "--no-schemas")
	y.expect(`(?s)Environment first \(first.star\).*Only “yes” is taken for an approval: `)
	y.send("no\r")
	y.expect(`(?s)not approved; nothing was changed.*Environment second \(second.star\).*Only “yes” is taken for an approval: `)
	y.send("yes\r")
	y.expect(`Environments: 1 done \(second\), 1 failed \(first\)\.`)
	y.ends(exitFailed)
}
