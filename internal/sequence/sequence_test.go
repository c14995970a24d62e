package sequence

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// What is paired is the same on both sides and keeps its order; in a short sequence as
// much is paired as can be.
func TestCommon(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		random := func() []int {
			list := make([]int, r.IntN(30))
			for i := range list {
				list[i] = r.IntN(1 + int(seed)%20)
			}
			return list
		}
		a, b := random(), random()
		for _, work := range []int{0, 1_000_000} {
			left := work
			pairs := Common(a, b, &left)
			for n, p := range pairs {
				if a[p[0]] != b[p[1]] || n > 0 && (p[0] <= pairs[n-1][0] || p[1] <= pairs[n-1][1]) {
					t.Fatalf("%v and %v: got %v", a, b, pairs)
				}
			}
			if want := longest(a, b); work > 0 && len(pairs) != want {
				t.Errorf("%v and %v: %d are paired, want %d", a, b, len(pairs), want)
			}
		}
	}
}

// longest is how long the longest common subsequence is.
func longest(a, b []int) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		last := slices.Clone(row)
		for j, y := range b {
			if row[j+1] = max(last[j+1], row[j]); x == y {
				row[j+1] = last[j] + 1
			}
		}
	}
	return row[len(b)]
}
