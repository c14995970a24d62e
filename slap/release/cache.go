package release

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of the cache.
const (
	cacheFresh = 24 * time.Hour      // then the host is asked, whatever it said
	cacheOld   = 30 * 24 * time.Hour // then it serves no more, though the host does not answer
	cacheFiles = 1000
	cacheBytes = 64 << 20
)

// A cache is a folder of files that were fetched. Each begins with a line that holds
// its URL and the digest of the rest, so that a file that is damaged, half-written or somebody
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

// A copied is what is kept of an answer.
type copied struct {
	ETag     string        `json:"etag,omitempty"`
	Modified string        `json:"modified,omitempty"` // Last-Modified
	Fresh    time.Duration `json:"fresh"`              // how long the host is not asked again

	data []byte
	at   time.Time // when it was fetched, or the host last said that it is still so
}

// newCopy keeps an answer, and what the host says of how long it holds. A host that says
// neither that nor how to ask if it still does is asked again after a day.
func newCopy(h http.Header, data []byte) *copied {
	c := &copied{data: data, Fresh: cacheFresh}
	if tag := h.Get("ETag"); len(tag) <= maxValidator {
		c.ETag = tag
	}
	if _, err := http.ParseTime(h.Get("Last-Modified")); err == nil {
		c.Modified = h.Get("Last-Modified")
	}
	if c.ETag != "" || c.Modified != "" {
		c.Fresh = 0
	}
	for word := range strings.SplitSeq(h.Get("Cache-Control"), ",") {
		name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(word)), "=")
		switch name {
		case "no-store", "no-cache":
			c.Fresh = 0
			return c
		case "max-age":
			if n, err := strconv.Atoi(value); err == nil && n >= 0 {
				c.Fresh = min(time.Duration(min(n, 1<<20))*time.Second, cacheFresh)
			}
		}
	}
	return c
}

// maxValidator is the longest ETag that is kept, in bytes.
const maxValidator = 200

func (c *copied) fresh() bool { return c != nil && time.Since(c.at) < c.Fresh }

// ask adds to a request that nothing is to be sent if the copy is still right.
func (c *copied) ask(h http.Header) {
	switch {
	case c == nil:
	case c.ETag != "":
		h.Set("If-None-Match", c.ETag)
	case c.Modified != "":
		h.Set("If-Modified-Since", c.Modified)
	}
}

// cacheHead is the first line of the file that keeps the rest.
func cacheHead(url string, rest []byte) []byte {
	return fmt.Appendf(nil, "slapstar schema 2 %x %s\n", sha256.Sum256(rest), url)
}

// read returns what is kept of a URL; nil if that is nothing.
func (c cache) read(url string) *copied {
	if c.root == nil {
		return nil
	}
	name := cacheName(url)
	info, err := c.root.Lstat(name) // a link is none of ours
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSchema+maxPath*2 {
		return nil
	}
	if age := time.Since(info.ModTime()); age < 0 || age > cacheOld {
		return nil
	}
	f, err := c.root.Open(name)
	if err != nil {
		return nil
	}
	defer f.Close()
	all, err := io.ReadAll(io.LimitReader(f, info.Size()+1))
	if err != nil {
		return nil
	}
	n := bytes.IndexByte(all, '\n') + 1
	if !bytes.Equal(all[:n], cacheHead(url, all[n:])) {
		return nil
	}
	says, data, _ := bytes.Cut(all[n:], []byte("\n"))
	kept := &copied{data: data, at: info.ModTime()}
	if json.Unmarshal(says, kept) != nil || len(data) > maxSchema {
		return nil
	}
	return kept
}

// confirm notes that the host said that a copy is still right.
func (c cache) confirm(url string) {
	if c.root != nil {
		now := time.Now()
		c.root.Chtimes(cacheName(url), now, now)
	}
}

// write keeps what a URL answered: all of it, or nothing.
func (c cache) write(url string, kept *copied) {
	if c.root == nil {
		return
	}
	says, err := json.Marshal(kept)
	if err != nil {
		return
	}
	rest := append(append(says, '\n'), kept.data...)
	c.makeRoom(len(rest))
	temporary := "." + rand.Text()
	f, err := c.root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return
	}
	_, err = f.Write(append(cacheHead(url, rest), rest...))
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

// makeRoom removes the oldest files until n more bytes fit, those that serve no more, and
// what a run that was killed left half-written.
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
		case strings.HasSuffix(e.Name(), cacheSuffix) && time.Since(info.ModTime()) > cacheOld:
			c.root.Remove(e.Name())
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
