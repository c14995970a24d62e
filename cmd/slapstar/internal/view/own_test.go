package view

import (
	"bytes"
	"testing"
	"time"

	"slapstar/internal/mask"
)

// A file may have any word for a secret: the words and counts of slapstar stay.
func TestOwnWords(t *testing.T) {
	hidden := mask.New()
	for _, secret := range []string{"0 passed, 1 failed", "AIL  c_", "failed", "instances", "Valid: "} {
		hidden.Add(secret)
	}
	var b bytes.Buffer
	out := hidden.Writer(&b)
	test := Test{File: "c_test.star", Name: "test_a"}
	if err := test.WriteText(out, out); err != nil {
		t.Fatal(err)
	}
	if err := NewTestRun([]Test{test}, time.Second).WriteText(out, out); err != nil {
		t.Fatal(err)
	}
	if err := NewValidation(nil, ParameterCount{}, nil).WriteText(out, out); err != nil {
		t.Fatal(err)
	}
	out.Flush()
	if want := "FAIL  c_test.star test_a\n0 passed, 1 failed, in 1s.\nValid: 0 instances, 0 software installations.\n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}
