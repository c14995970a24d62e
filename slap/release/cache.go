package release

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

// Limits of the cache.
const (
	cacheFresh = 24 * time.Hour      // then it is fetched again
	cacheOld   = 30 * 24 * time.Hour // then it serves no more, though the host does not answer
	cacheFiles = 1000
	cacheBytes = 64 << 20
)

// A cache is a folder of files that were fetched. Each begins with a line that holds
// its URL and its digest, so that a file that is damaged, half-written or somebody
// else's does not count. What goes wrong with a cache is no error: there is none then.
type cache struct{ root *os.Root }

// openCache opens a cache, and makes its folder. One that others may write to is not
// used.
func openCache(folder string) cache {
	if folder == "" || os.MkdirAll(folder, 0o700) != nil {
		return cache{}
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return cache{}
	}
	if info, err := root.Stat("."); err != nil || info.Mode().Perm()&0o022 != 0 {
		root.Close()
		return cache{}
	}
	return cache{root}
}

func (c cache) close() {
	if c.root != nil {
		c.root.Close()
	}
}

const cacheSuffix = ".schema"

func cacheName(url string) string {
	sum := sha256.Sum256([]byte(url))
	return hex.EncodeToString(sum[:]) + cacheSuffix
}

// cacheHead is the first line of the file that keeps data.
func cacheHead(url string, data []byte) []byte {
	return fmt.Appendf(nil, "slapstar schema 1 %x %s\n", sha256.Sum256(data), url)
}

// read returns what is kept of a URL, nil if that is nothing, and whether it is fresh.
func (c cache) read(url string) (data []byte, fresh bool) {
	if c.root == nil {
		return nil, false
	}
	name := cacheName(url)
	info, err := c.root.Lstat(name) // a link is none of ours
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSchema+maxPath*2 {
		return nil, false
	}
	age := time.Since(info.ModTime())
	if age < 0 || age > cacheOld {
		return nil, false
	}
	f, err := c.root.Open(name)
	if err != nil {
		return nil, false
	}
	defer f.Close()
	all, err := io.ReadAll(io.LimitReader(f, info.Size()+1))
	if err != nil {
		return nil, false
	}
	n := bytes.IndexByte(all, '\n') + 1
	if data = all[n:]; !bytes.Equal(all[:n], cacheHead(url, data)) || len(data) > maxSchema {
		return nil, false
	}
	return data, age < cacheFresh
}

// write keeps what a URL answered: all of it, or nothing.
func (c cache) write(url string, data []byte) {
	if c.root == nil {
		return
	}
	c.makeRoom(len(data))
	temporary := "." + rand.Text()
	f, err := c.root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return
	}
	_, err = f.Write(append(cacheHead(url, data), data...))
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = c.root.Rename(temporary, cacheName(url))
	}
	if err != nil {
		c.root.Remove(temporary)
	}
}

// makeRoom removes the oldest files until n more bytes fit, and what a run that was
// killed left half-written.
func (c cache) makeRoom(n int) {
	entries, err := fs.ReadDir(c.root.FS(), ".")
	if err != nil {
		return
	}
	var kept []fs.FileInfo
	total := int64(n)
	for _, e := range entries {
		info, err := e.Info()
		switch {
		case err != nil:
		case strings.HasSuffix(e.Name(), cacheSuffix):
			kept = append(kept, info)
			total += info.Size()
		case strings.HasPrefix(e.Name(), ".") && time.Since(info.ModTime()) > time.Hour:
			c.root.Remove(e.Name())
		}
	}
	slices.SortFunc(kept, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for len(kept) > 0 && (total > cacheBytes || len(kept) >= cacheFiles) {
		c.root.Remove(kept[0].Name())
		total -= kept[0].Size()
		kept = kept[1:]
	}
}
