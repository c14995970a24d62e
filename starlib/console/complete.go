package console

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"slapstar/slap"
	"slapstar/starlib"
)

// A Completion is what could stand at the cursor.
type Completion struct {
	Start      int // of the word that a candidate replaces, in bytes
	Candidates []Candidate
}

// A Candidate is one of them.
type Candidate struct {
	Text string
	Note string // what it is, in a few words; may be empty
}

// Complete says how an entry could go on, of which text is what stands before the
// cursor. It asks nobody but Suggest.
func (s *Session) Complete(text string) Completion {
	c := findCursor(text)
	var list []Candidate
	switch {
	case c.quote == "#":
	case c.quote != "":
		list = s.stringCandidates(&c)
	case c.dotted:
		list = s.memberCandidates(c.path)
	default:
		list = slices.Concat(s.keywordCandidates(c), s.parameterCandidates(&c), s.nameCandidates())
	}
	list = slices.DeleteFunc(list, func(x Candidate) bool { return !strings.HasPrefix(x.Text, c.word) || x.Text == "" })
	slices.SortStableFunc(list, func(a, b Candidate) int { return strings.Compare(a.Text, b.Text) })
	return Completion{c.start, slices.CompactFunc(list, func(a, b Candidate) bool { return a.Text == b.Text })}
}

var languageWords = []string{"and", "break", "continue", "def", "elif", "else", "for", "if", "in", "lambda", "load", "not", "or", "pass", "return"}

func (s *Session) nameCandidates() []Candidate {
	var list []Candidate
	for _, name := range s.e.Names() {
		list = append(list, Candidate{name, noteOn(name)})
	}
	for name := range consoleBuiltins {
		list = append(list, Candidate{name, noteOn(name)})
	}
	for _, word := range languageWords {
		list = append(list, Candidate{Text: word})
	}
	return list
}

// noteOn is what is said of a name in one line.
func noteOn(name string) string {
	for _, e := range starlib.Reference() {
		if e.Name == name {
			return e.Summary()
		}
	}
	return ""
}

// keywordCandidates are the arguments of the call around the cursor.
func (s *Session) keywordCandidates(c cursor) []Candidate {
	if len(c.open) == 0 {
		return nil
	}
	call := c.open[len(c.open)-1]
	if call.kind != '(' || !call.begins || call.keyword != "" {
		return nil
	}
	var list []Candidate
	for _, p := range s.parameters(call.callee) {
		list = append(list, Candidate{p + "=", "argument"})
	}
	return list
}

// parameters are the names of the parameters of what a path leads to.
func (s *Session) parameters(callee string) []string {
	if f, ok := s.names[callee].(*starlark.Function); ok {
		var list []string
		for i := range f.NumParams() {
			name, _ := f.Param(i)
			list = append(list, name)
		}
		return list
	}
	name := callee
	if dot := strings.LastIndexByte(callee, '.'); dot >= 0 {
		kind := s.kindOf(callee[:dot])
		if kind == "" {
			return nil
		}
		name = kind + callee[dot:]
		if members[kind] != nil { // request and supply are those of the file
			name = callee[dot+1:]
		}
	}
	for _, e := range starlib.Reference() {
		if e.Name == name {
			return e.Params
		}
	}
	return nil
}

// results says of which kind the result of a call is, as the stub calls it.
var results = map[string]string{
	"request": "instance", "getInformation": "instance", "wait": "instance",
	"registerComputer": "computer", "requestComputer": "computer", "registerComputerPartition": "partition",
	"registerOpenOrder": "open_order", "registerSupply": "supply", "registerSoftwareRelease": "software_release", "registerToken": "token",
}

// members are those of the objects that the stub does not list: they are
// functions that it does.
var members = map[string][]string{
	"open_order": {"getInformation", "request", "requestComputer"}, "supply": {"supply"}, "token": {"request"},
}

// kindOf is of which kind a path is, as the stub calls it; empty for values of
// Starlark and what is not known.
func (s *Session) kindOf(p string) string {
	if call, ok := strings.CutSuffix(p, "()"); ok {
		return results[call[strings.LastIndexByte(call, '.')+1:]]
	}
	v, ok := s.names[p].(starlark.HasAttrs)
	if !ok {
		return ""
	}
	return strings.ReplaceAll(v.Type(), " ", "_")
}

func (s *Session) memberCandidates(p string) []Candidate {
	var list []Candidate
	if p == "product" {
		list = s.productCandidates()
	}
	if v, ok := s.names[p].(starlark.HasAttrs); ok {
		kind := s.kindOf(p)
		for _, name := range v.AttrNames() {
			list = append(list, Candidate{name, noteOn(kind + "." + name)})
		}
		return list
	}
	kind := s.kindOf(p)
	list = append(list, named(members[kind], "")...)
	for _, e := range starlib.Reference() {
		if of, name, ok := strings.Cut(e.Name, "."); ok && of == kind && kind != "" && (s.live != nil || !e.Console) {
			list = append(list, Candidate{name, noteOn(e.Name)})
		}
	}
	return list
}

// stringCandidates are what could stand in the string at the cursor, which
// depends on what it is an argument of.
func (s *Session) stringCandidates(c *cursor) []Candidate {
	if len(c.open) == 0 {
		return nil
	}
	at := c.open[len(c.open)-1]
	if list := s.parameterCandidates(c); list != nil {
		return list
	}
	if at.kind == '{' && len(c.open) > 1 {
		return s.slaCandidates(c.open[len(c.open)-2], at.key)
	}
	if at.callee == "product" || at.callee == "product.get" {
		return s.productCandidates()
	}
	if at.kind != '(' {
		return nil
	}
	name := at.callee[strings.LastIndexByte(at.callee, '.')+1:]
	switch {
	case at.callee == "load" && at.args == 0, at.callee == "save" && at.args == 0:
		return s.fileCandidates(c)
	case at.callee == "help" && at.args == 0 && at.keyword != "software_type":
		var list []Candidate
		for _, e := range starlib.Reference() {
			list = append(list, Candidate{e.Name, noteOn(e.Name)})
		}
		return list
	case name == "getConnectionParameter", name == "wait":
		return named(s.publishedKeys(s.names[strings.TrimSuffix(at.callee, "."+name)]), "published")
	}
	switch s.parameterAt(at) {
	case "partition_reference":
		return s.suggest(InstanceName)
	case "computer_guid":
		return s.suggest(NodeName)
	case "software_product_reference":
		return s.productCandidates()
	case "software_type":
		return s.typeCandidates(c, at)
	case "state":
		if name == "supply" {
			return named([]string{slap.Available, slap.Destroyed}, "state")
		}
		return named([]string{slap.Started, slap.Stopped, slap.Destroyed}, "state")
	}
	return nil
}

// publishedKeys are the keys of what an instance had published when it was read last.
func (s *Session) publishedKeys(v starlark.Value) []string {
	_, existing := starlib.HandleOf(v)
	if h, ok := v.(*handle); ok {
		existing = h.existing
	}
	if existing == nil {
		return nil
	}
	return existing.ConnectionParameters.Keys()
}

// slaCandidates are the keys of filter_kw, or the values of one of them.
func (s *Session) slaCandidates(call bracket, key string) []Candidate {
	switch {
	case s.parameterAt(call) != "filter_kw":
		return nil
	case key == "":
		return named(slap.SLAKeys(), "SLA")
	case key == "computer_guid":
		return s.suggest(NodeName)
	}
	return nil
}

// parameterAt is the name of the parameter that the argument at the cursor is
// for.
func (s *Session) parameterAt(call bracket) string {
	if call.keyword != "" {
		return call.keyword
	}
	if list := s.parameters(call.callee); call.args < len(list) {
		return list[call.args]
	}
	return ""
}

// productCandidates are the products of the configuration, and those that the Master lists.
func (s *Session) productCandidates() []Candidate {
	return append(named(s.inputs.Products, string(ProductName)), s.suggest(ProductName)...)
}

func (s *Session) suggest(kind Kind) []Candidate {
	if s.options.Suggest == nil {
		return nil
	}
	return named(s.options.Suggest(kind), string(kind))
}

func named(names []string, note string) []Candidate {
	list := make([]Candidate, len(names))
	for i, name := range names {
		list[i] = Candidate{name, note}
	}
	return list
}

// fileCandidates are the files and folders below the root. A candidate replaces
// the whole path.
func (s *Session) fileCandidates(c *cursor) []Candidate {
	prefix, folder := "", "."
	typed, fromRoot := strings.CutPrefix(c.word, "//")
	if fromRoot {
		prefix = "//"
	}
	if dir, _ := path.Split(typed); dir != "" {
		prefix, folder = prefix+dir, path.Clean(dir)
	}
	entries, err := fs.ReadDir(s.e.Files(), folder)
	if err != nil {
		return nil
	}
	var list []Candidate
	for _, e := range entries {
		switch name := e.Name(); {
		case strings.HasPrefix(name, "."):
		case e.IsDir():
			list = append(list, Candidate{prefix + name + "/", "folder"})
		case path.Ext(name) == ".star":
			list = append(list, Candidate{prefix + name, "file"})
		}
	}
	return list
}
