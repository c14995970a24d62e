package lang

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"slapstar/internal/datafile"
	"slapstar/internal/tree"
	"slapstar/slap/credential"
)

// Limits of files that are no Starlark, in bytes.
const (
	maxTextFile = 1 << 20 // of file
	maxDataFile = 4 << 20 // of load_data
)

// readText is file: the text of a file below the root.
//
//	file(path, encoding="text")
func readText(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var name Name
	encoding := argument("text")
	if err := UnpackArgs(b.Name(), args, kwargs, "path", &name, "encoding?", &encoding); err != nil {
		return nil, err
	}
	if encoding != "text" && encoding != "base64" {
		return nil, fmt.Errorf("%s: for parameter encoding: got %q, want %q or %q", b.Name(), string(encoding), "text", "base64")
	}
	data, err := Current(thread).dataFile(thread, string(name), maxTextFile)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", b.Name(), string(name), err)
	}
	if encoding == "base64" {
		return starlark.String(base64.StdEncoding.EncodeToString(data)), nil
	}
	text := tree.Text(data)
	if !utf8.Valid(text) {
		return nil, Hint(fmt.Errorf("%s: %s: it is no text in UTF-8", b.Name(), string(name)), `file(PATH, encoding = "base64") reads any file`)
	}
	return starlark.String(text), nil
}

// loadData is load_data: the values of a file of data below the root.
//
//	load_data(path)
func loadData(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var name Name
	if err := UnpackArgs(b.Name(), args, kwargs, "path", &name); err != nil {
		return nil, err
	}
	if datafile.Kind(string(name)) == "" {
		return nil, fmt.Errorf("%s: got %q, want a name that ends with one of %s", b.Name(), string(name), strings.Join(datafile.Kinds(), ", "))
	}
	e := Current(thread)
	data, err := e.dataFile(thread, string(name), maxDataFile)
	if err != nil {
		return nil, fmt.Errorf("%s: %s: %w", b.Name(), string(name), err)
	}
	v, err := datafile.Parse(string(name), data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	if err := e.checkMemory(); err != nil {
		return nil, err
	}
	return dataValue(v), nil
}

// dataValue is a value of a file of data in Starlark.
func dataValue(v any) starlark.Value {
	switch v := v.(type) {
	case bool:
		return starlark.Bool(v)
	case string:
		return starlark.String(v)
	case json.Number:
		n, err := fromJSON([]byte(v)) // it was read as a number
		if err != nil {
			return starlark.String(v)
		}
		return n
	case []any:
		items := make([]starlark.Value, len(v))
		for i := range v {
			items[i] = dataValue(v[i])
		}
		return starlark.NewList(items)
	case *datafile.Object:
		d := starlark.NewDict(len(v.Keys))
		for _, key := range v.Keys {
			d.SetKey(starlark.String(key), dataValue(v.Values[key])) // a new dictionary takes any text
		}
		return d
	}
	return starlark.None
}

// dataFile reads a file that is no Starlark: its name is as load has it.
func (e *Evaluation) dataFile(thread *starlark.Thread, name string, most int64) ([]byte, error) {
	target, err := loadTarget(OriginOf(thread).Position().File, name)
	if err != nil {
		return nil, err
	}
	data, err := e.data(target, most)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errNoFile
	case errors.Is(err, tree.ErrOutside):
		return nil, Hint(errors.New("it is outside of the folder of the entry file, which file and load_data do not leave"), "--root FOLDER names a folder that holds both")
	case err != nil:
		return nil, err
	case int64(len(data)) > most:
		return nil, fmt.Errorf("the file is longer than %d MiB", most>>20)
	}
	if !e.read[target] {
		e.bytes += len(data)
	}
	if e.read == nil {
		e.read = map[string]bool{}
	}
	e.read[target] = true
	if e.bytes > maxFileSize {
		return nil, fmt.Errorf("the files that are read are longer than %d MiB together", maxFileSize>>20)
	}
	return data, e.checkSecretFile(target, data)
}

// data returns a file, from the sources or else from where they come, and keeps it. Data
// is kept in base64, since it need not be text.
func (e *Evaluation) data(name string, most int64) ([]byte, error) {
	s := e.sources
	if s == nil {
		return tree.Read(e.root, name, most)
	}
	s.reading.Lock()
	defer s.reading.Unlock()
	if kept, ok := s.Data[name]; ok {
		return base64.StdEncoding.DecodeString(kept)
	}
	var data []byte
	var err error
	if s.elsewhere() {
		data, err = s.Read(name)
	} else {
		data, err = tree.Read(e.root, name, most)
	}
	if err == nil && int64(len(data)) <= most {
		if s.Data == nil {
			s.Data = map[string]string{}
		}
		s.Data[name] = base64.StdEncoding.EncodeToString(data)
	}
	return data, err
}

const secretFileHint = "--secret NAME=file:PATH gives it to secret(NAME), which is shown nowhere"

// checkSecretFile refuses a file that is a secret: what it holds would be shown. Its
// name, a folder called secret, or what it holds says so.
func (e *Evaluation) checkSecretFile(name string, data []byte) error {
	folders := strings.Split(path.Dir(name), "/")
	inSecrets := slices.ContainsFunc(folders, func(folder string) bool {
		return slices.Contains([]string{"secret", "secrets", "private", "credentials"}, strings.TrimPrefix(strings.ToLower(folder), "."))
	})
	text := strings.TrimSpace(string(data))
	stem := strings.TrimSuffix(path.Base(name), path.Ext(name))
	switch {
	case inSecrets:
		return Hint(errors.New("it is in a folder of secrets, and would be shown"), secretFileHint)
	case datafile.Kind(name) == "" && credential.Parameter(stem, text), strings.Contains(text, "PRIVATE KEY-----"):
		return Hint(errors.New("it looks like a credential, and would be shown"), secretFileHint)
	case e.holdsSecret != nil && e.holdsSecret(text):
		return Hint(errors.New("it holds a secret of this run, and would be shown"), secretFileHint)
	}
	return nil
}

// dataFiles are the names in calls such as file("NAME") of a file, below the root.
func dataFiles(from string, file *syntax.File) []string {
	var list []string
	syntax.Walk(file, func(n syntax.Node) bool {
		call, ok := n.(*syntax.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		fn, ok := call.Fn.(*syntax.Ident)
		name, ok2 := call.Args[0].(*syntax.Literal)
		if !ok || !ok2 || fn.Name != "file" && fn.Name != "load_data" {
			return true
		}
		if text, ok := name.Value.(string); ok {
			if target, err := loadTarget(from, text); err == nil {
				list = append(list, target)
			}
		}
		return true
	})
	return list
}
