// Package bench measures the program slapstar against the least that its jobs
// take, as ratios within one run:
//
//	go test -run '^$' -bench . -benchtime 1x -timeout 30m ./bench
//
// $SLAPSTAR_OLD names an older program to compare validate with, and $SLAPSTAR_RELEASES a
// checkout of SlapOS releases.
package bench
