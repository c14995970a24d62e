package proxy

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// Clients that read a listing slowly, or not at all, held up everybody: each
// kept a connection to the database.
func TestSlowListing(t *testing.T) {
	for _, readOnly := range []bool{false, true} {
		file := filepath.Join(t.TempDir(), "master.sqlite")
		s, err := Open(Options{Database: file, Computer: "local_computer"})
		if err != nil {
			t.Fatal(err)
		}
		err = s.update(context.Background(), func(tx *store.Tx) error {
			for range listedAtOnce + 100 {
				reference, err := addSimulatedPartition(tx, "local_computer")
				if err != nil {
					return err
				}
				i := &instance{title: reference, release: kvm, state: slap.Started, computer: "local_computer", partition: reference,
					parameters: slap.Parameters{"text": strings.Repeat("x", 1000)}.XML()}
				if _, err := insertInstance(tx, i); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if readOnly {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if s, err = Open(Options{Database: file, Computer: "local_computer", ReadOnly: true}); err != nil {
				t.Fatal(err)
			}
		}
		var group sync.WaitGroup
		slow := &slowWriter{waits: make(chan struct{}, store.Readers+1), goOn: make(chan struct{})}
		for range store.Readers + 1 {
			group.Go(func() {
				var listed bytes.Buffer
				if err := s.listTrees(io.MultiWriter(&listed, slow)); err != nil {
					t.Error(err)
				}
				for n := range listedAtOnce + 100 {
					if title := fmt.Sprintf(`"title":"slappart%d"`, n); strings.Count(listed.String(), title) != 1 {
						t.Errorf("%s is %d times in the listing, want once", title, strings.Count(listed.String(), title))
					}
				}
			})
			select {
			case <-slow.waits:
			case <-time.After(5 * time.Second): // it waits for the others
			}
		}
		read := make(chan error, 1)
		go func() {
			_, err := s.rpcInstanceTree(nil, titleParams{"slappart7"})
			read <- err
		}()
		select {
		case err := <-read:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(10 * time.Second):
			t.Errorf("read-only %v: a read waits for the clients that read a listing", readOnly)
		}
		close(slow.goOn)
		group.Wait()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// A slowWriter takes nothing until it may go on.
type slowWriter struct{ waits, goOn chan struct{} }

func (w *slowWriter) Write(p []byte) (int, error) {
	select {
	case <-w.goOn:
	case w.waits <- struct{}{}:
		<-w.goOn
	}
	return len(p), nil
}
