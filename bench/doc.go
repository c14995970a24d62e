// Package bench measures the program slapstar against the least that its jobs
// take, as ratios within one run:
//
//	go test -run '^$' -bench . -benchtime 1x -timeout 30m ./bench
package bench
