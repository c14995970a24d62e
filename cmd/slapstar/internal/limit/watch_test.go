package limit

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"runtime"
	"testing"
	"time"

	"slapstar/starlib/lang"
)

// begin watches a test, which ends before the process would be ended.
func begin(t *testing.T, l Limits) (context.Context, *Watch) {
	t.Helper()
	var out bytes.Buffer
	ctx, w := Begin(Options{Signal: t.Context(), Limits: l, Place: &lang.Place{}, Err: &out, ExitFailed: 1, ExitInterrupted: 130})
	t.Cleanup(func() {
		w.End()
		if out.Len() > 0 {
			t.Errorf("it wrote %q", out.String())
		}
	})
	return ctx, w
}

// ends expects the end of the context for a limit.
func ends(t *testing.T, ctx context.Context, w *Watch) {
	t.Helper()
	select {
	case <-ctx.Done():
	case <-time.After(30 * time.Second):
		t.Fatal("it does not end")
	}
	w.End() // before the grace is over
	if _, ok := errors.AsType[*ExceededError](context.Cause(ctx)); !ok {
		t.Errorf("got cause %v", context.Cause(ctx))
	}
}

func goesOn(t *testing.T, ctx context.Context) {
	t.Helper()
	select {
	case <-ctx.Done():
		t.Fatalf("it ended: %v", context.Cause(ctx))
	case <-time.After(200 * time.Millisecond):
	}
}

func TestTime(t *testing.T) {
	ctx, w := begin(t, Limits{Default.Memory, 20 * time.Millisecond})
	ends(t, ctx, w)
}

// The clock stands still in a Wait, and runs where a Wait is interrupted.
func TestWait(t *testing.T) {
	ctx, w := begin(t, Limits{Default.Memory, 100 * time.Millisecond})
	resume := w.Wait()
	goesOn(t, ctx)
	inner := w.Wait()
	inner()
	goesOn(t, ctx)
	wait := w.Resume()
	wait()
	goesOn(t, ctx)
	resume()
	ends(t, ctx, w)
}

// While something is written time does not count, and afterwards it begins anew.
func TestWriting(t *testing.T) {
	ctx, w := begin(t, Limits{Default.Memory, 100 * time.Millisecond})
	w.Writing()
	goesOn(t, ctx)
	w.Rest()
	ends(t, ctx, w)
}

func TestMemory(t *testing.T) {
	ctx, w := begin(t, Limits{512 << 20, time.Hour})
	memory := make([]byte, 420<<20) // more than three quarters
	ends(t, ctx, w)
	runtime.KeepAlive(memory)
}

// A nil watch lets everything happen.
func TestNoWatch(t *testing.T) {
	var w *Watch
	w.Wait()()
	w.Resume()()
	w.Writing()
	w.Rest()
	w.End()
	if s := w.Source(lang.Source{File: "a"}); s.File != "a" || s.Place != nil {
		t.Errorf("got %v", s)
	}
}

func TestSize(t *testing.T) {
	var _ flag.Value = new(Size)
	for text, want := range map[string]Size{"64MiB": 64 << 20, "2GiB": 2 << 30, "2048MiB": 2 << 30} {
		var s Size
		if err := s.Set(text); err != nil || s != want {
			t.Errorf("%s: got %d, error %v", text, s, err)
		}
		var again Size
		if err := again.Set(s.String()); err != nil || again != s {
			t.Errorf("%s: it is written %v, error %v", text, s, err)
		}
	}
	for _, text := range []string{"", "1", "GiB", "-1GiB", "1.5GiB", "1KiB", "1 GiB", "99999999999GiB"} {
		if s := Size(0); s.Set(text) == nil {
			t.Errorf("%q: got %v, want an error", text, s)
		}
	}
}
