package proxy

import (
	"strings"
	"testing"

	"slapstar/proxy/internal/store"
)

// Looking an instance up by its title read the whole table: the index is of what
// is not archived, and is not used by a query that does not say so.
func TestTitleIndex(t *testing.T) {
	s := openTest(t, Options{})
	for _, where := range []string{byTitle, "root = '' AND title = ? AND NOT archived", "title = ? AND root = ? AND NOT shared AND NOT archived"} {
		args := make([]any, strings.Count(where, "?"))
		steps, err := store.Collect(s.db, func(scan func(...any) error) (step string, err error) {
			var id, parent, unused int
			err = scan(&id, &parent, &unused, &step)
			return step, err
		}, "EXPLAIN QUERY PLAN SELECT "+instanceColumns+" FROM instance WHERE "+where, args...)
		if err != nil {
			t.Fatal(err)
		}
		if plan := strings.Join(steps, "; "); !strings.Contains(plan, "USING INDEX instance_of_title") {
			t.Errorf("%s: got %s", where, plan)
		}
	}
}
