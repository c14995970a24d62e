package jsonschema

import (
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"sync"
)

// A loader reads the documents of one schema for the library, and keeps the
// first error, which the library would not pass on whole.
type loader struct {
	read      Reader
	shared    *Documents
	documents int
	parts     int
	program   int
	err       error // the schema as a whole is refused
	matching  *matching
	docs      map[string]any   // by URL
	failed    map[string]error // of documents that could not be read
	patterns  map[string]*boundPattern
}

func newLoader(read Reader, shared *Documents, m *matching) *loader {
	return &loader{read: read, shared: shared, matching: m, docs: map[string]any{}, failed: map[string]error{}, patterns: map[string]*boundPattern{}}
}

// A refusal is the error of a schema that is refused as a whole.
type refusal struct{ error }

func refuse(format string, args ...any) error { return refusal{fmt.Errorf(format, args...)} }

// Load implements [jsonschema.URLLoader]: each document is read once.
func (l *loader) Load(location string) (any, error) {
	if doc, ok := l.docs[location]; ok {
		return doc, nil
	}
	if err := l.failed[location]; err != nil {
		return nil, err
	}
	doc, err := l.load(location)
	if err != nil {
		if refused, ok := errors.AsType[refusal](err); ok && l.err == nil {
			l.err = refused.error
		}
		l.failed[location] = err
		return nil, err
	}
	l.docs[location] = doc
	return doc, nil
}

func (l *loader) load(location string) (any, error) {
	if l.documents++; l.documents > maxDocuments {
		return nil, refuse("this schema is spread over more than %d files", maxDocuments)
	}
	u, err := url.Parse(location)
	if err != nil {
		return nil, err
	}
	from := location
	switch {
	case onWeb(location) && u.Host != "":
	case u.Scheme == "file" && u.Host == "":
		from = filepath.FromSlash(u.Path)
	default:
		return nil, refuse("the schema refers to %s, want an http(s) URL or a path", location)
	}
	doc, parts, ok := l.shared.get(location)
	if !ok {
		data, err := l.read(from)
		if err != nil {
			return nil, err
		}
		if doc, err = Parse(data); err != nil {
			return nil, fmt.Errorf("%s: %w", from, err)
		}
		if err := check(doc, onWeb(location), 0, &parts); err != nil {
			return nil, refuse("%s: %w", from, err)
		}
		dropDialects(doc)
		l.shared.put(location, doc, parts)
	}
	if l.parts += parts; l.parts > maxParts {
		return nil, refuse("%s: %w", from, errParts)
	}
	return doc, nil
}

// Documents are those that were read for schemas, so that others which refer to them need
// not read them again, nor compile them. The zero value is empty. It may be used
// concurrently.
type Documents struct {
	mu     sync.Mutex
	parsed map[string]parsed // by URL

	compiling sync.Mutex
	pool      *pool // nil: nothing is compiled yet
}

type parsed struct {
	doc   any // never changed
	parts int
}

func (d *Documents) get(location string) (doc any, parts int, ok bool) {
	d.mu.Lock()
	kept, ok := d.parsed[location]
	d.mu.Unlock()
	return clone(kept.doc), kept.parts, ok
}

func (d *Documents) put(location string, doc any, parts int) {
	kept := parsed{clone(doc), parts}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.parsed == nil {
		d.parsed = map[string]parsed{}
	}
	d.parsed[location] = kept
}

// clone copies a document.
func clone(doc any) any {
	switch doc := doc.(type) {
	case []any:
		list := make([]any, len(doc))
		for i, item := range doc {
			list[i] = clone(item)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(doc))
		for key, value := range doc {
			object[key] = clone(value)
		}
		return object
	}
	return doc
}
