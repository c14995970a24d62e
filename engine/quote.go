package engine

import (
	"strconv"
	"strings"
)

// Quoted lists names for people: "a", "b".
func Quoted(names []string) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = strconv.Quote(name)
	}
	return strings.Join(list, ", ")
}
