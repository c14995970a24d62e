package slap

import (
	"slices"
	"testing"
)

func TestSLAKeys(t *testing.T) {
	keys := SLAKeys()
	if !slices.IsSorted(keys) || len(keys) != len(slices.Compact(slices.Clone(keys))) {
		t.Errorf("not sorted, or one twice: %v", keys)
	}
	for _, key := range keys {
		if !IsSLAKey(key) || IsFullSLAKey(key) != (key != SLAMaster) {
			t.Errorf("%s: IsSLAKey %t, IsFullSLAKey %t", key, IsSLAKey(key), IsFullSLAKey(key))
		}
	}
	if IsSLAKey("computer") || IsFullSLAKey("") {
		t.Error("a key that no Master knows is one")
	}
}
