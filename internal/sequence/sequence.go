// Package sequence finds what two sequences of numbers have in common, within bounds of
// work, so that the result is the same on any machine. Whoever compares lines or items
// numbers them first: equal ones alike.
//
// The package knows nothing of texts, documents or plans.
package sequence

import "slices"

// mostCells is how many cells the table of one exact comparison has.
const mostCells = 250_000

// Common pairs the items of two lists that are the same, as many as keep their
// order: index in a, index in b. It is exact for lists of ordinary length; in longer ones
// it goes by items that both have just once. work is what it may cost, and becomes less.
func Common(a, b []int, work *int) [][2]int {
	var list [][2]int
	common(a, b, 0, 0, 0, work, &list)
	return list
}

func common(a, b []int, i, j, depth int, work *int, list *[][2]int) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		*list = append(*list, [2]int{i, j})
		a, b, i, j = a[1:], b[1:], i+1, j+1
	}
	end := 0
	for end < len(a) && end < len(b) && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	tailA, tailB := i+len(a)-end, j+len(b)-end
	a, b = a[:len(a)-end], b[:len(b)-end]
	switch cells := len(a) * len(b); {
	case cells == 0:
	case cells <= mostCells && cells <= *work:
		*work -= cells
		exact(a, b, i, j, list)
	case depth < 12:
		*work -= len(a) + len(b)
		x, y := 0, 0
		anchors := Anchors(a, b)
		for _, at := range anchors {
			common(a[x:at[0]], b[y:at[1]], i+x, j+y, depth+1, work, list)
			*list = append(*list, [2]int{i + at[0], j + at[1]})
			x, y = at[0]+1, at[1]+1
		}
		if len(anchors) > 0 {
			common(a[x:], b[y:], i+x, j+y, depth+1, work, list)
		}
	}
	for k := range end {
		*list = append(*list, [2]int{tailA + k, tailB + k})
	}
}

// exact takes the longest common subsequence from a table.
func exact(a, b []int, i, j int, list *[][2]int) {
	w := len(b) + 1
	best := make([]int32, (len(a)+1)*w) // of what is left from there on
	for x := len(a) - 1; x >= 0; x-- {
		for y := len(b) - 1; y >= 0; y-- {
			if a[x] == b[y] {
				best[x*w+y] = best[(x+1)*w+y+1] + 1
			} else {
				best[x*w+y] = max(best[(x+1)*w+y], best[x*w+y+1])
			}
		}
	}
	for x, y := 0, 0; x < len(a) && y < len(b); {
		switch {
		case a[x] == b[y]:
			*list = append(*list, [2]int{i + x, j + y})
			x, y = x+1, y+1
		case best[(x+1)*w+y] >= best[x*w+y+1]:
			x++
		default:
			y++
		}
	}
}

// Anchors pairs the items that each list has just once, as many as keep their order.
func Anchors(a, b []int) [][2]int {
	type place struct{ inA, inB, index int }
	places := map[int]*place{}
	for _, n := range a {
		if places[n] == nil {
			places[n] = &place{}
		}
		places[n].inA++
	}
	for j, n := range b {
		if p := places[n]; p != nil {
			p.inB++
			p.index = j
		}
	}
	var pairs [][2]int
	for i, n := range a {
		if p := places[n]; p.inA == 1 && p.inB == 1 {
			pairs = append(pairs, [2]int{i, p.index})
		}
	}
	return Increasing(pairs)
}

// Increasing is the longest list of pairs in which the second numbers grow too.
func Increasing(pairs [][2]int) [][2]int {
	var ends []int // the pair that ends the best list of each length
	previous := make([]int, len(pairs))
	for i, p := range pairs {
		n, _ := slices.BinarySearchFunc(ends, p[1], func(end, want int) int { return pairs[end][1] - want })
		previous[i] = -1
		if n > 0 {
			previous[i] = ends[n-1]
		}
		if n == len(ends) {
			ends = append(ends, i)
		} else {
			ends[n] = i
		}
	}
	if len(ends) == 0 {
		return nil
	}
	list := make([][2]int, len(ends))
	for k, i := len(ends)-1, ends[len(ends)-1]; k >= 0; k, i = k-1, previous[i] {
		list[k] = pairs[i]
	}
	return list
}
