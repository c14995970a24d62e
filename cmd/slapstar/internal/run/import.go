package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"slapstar/cmd/slapstar/internal/adopt"
	"slapstar/engine"
	"slapstar/internal/mask"
	"slapstar/internal/tree"
	"slapstar/slap"
	"slapstar/starlib"
	"slapstar/starlib/format"
	"slapstar/starlib/lang"
)

// An Import writes declarations for what a Master has, as files of which the plan is empty.
type Import struct {
	Options adopt.Options // Products are looked up
	Entry   string        // the name of the file, or of the one that loads the others
	Split   Split

	// Onto are the inputs of an entry file that is there and declares other things: the new
	// file is planned together with it. Nil: there is none.
	Onto *starlib.Inputs

	Paste bool // the text is for an end of the entry file of Onto, which does not load it

	// Planner makes what plans. It may be changed before it is used.
	Planner func(starlib.Inputs) *Planner

	master   *Master
	state    *engine.State
	adopted  *adopt.Adoption
	sources  map[string]string
	nodesAll bool
	alone    bool // what was written is planned without Onto
}

// An Imported is what an Import has written, in memory.
type Imported struct {
	*adopt.Adoption
	Files   map[string]string // by name
	State   *engine.State
	Plan    *engine.Plan
	Refused []engine.Refusal // what the schemas of releases do not allow of what there is

	AllNodes bool // the software of all nodes was read; else of those on which instances are
}

// rounds is how often the files are written and planned: each time what cannot be written
// in one way is written in another, or left out.
const rounds = 6

// Run reads the Master, writes, and plans what it wrote. The error is a [NotEmptyError] if
// there is no way to write files of which the plan is empty.
func (i *Import) Run(ctx context.Context, m *Master) (*Imported, error) {
	i.master = m
	if err := i.read(ctx); err != nil {
		return nil, err
	}
	if err := i.products(ctx); err != nil {
		return nil, err
	}
	i.Options.Project = m.Project()
	i.Options.Explicit, i.Options.Text = map[string]bool{}, map[string]bool{}
	if i.Options.Without == nil {
		i.Options.Without = map[string]string{}
	}
	var plan *engine.Plan
	var err error
	for range rounds {
		i.adopted = adopt.Adopt(i.state, i.Options)
		if err := i.write(); err != nil {
			return nil, err
		}
		if len(i.adopted.Config.Resources) == 0 {
			return i.result(nil), nil
		}
		if plan, err = i.plan(ctx); err != nil {
			_, isOfFiles := errors.AsType[*lang.Error](err)
			if !isOfFiles || ctx.Err() != nil || !i.sift(ctx) {
				return nil, fmt.Errorf("planning what was written: %w", err)
			}
			continue
		}
		if plan.More != nil && i.Onto != nil && !i.alone { // what the file declares after that is not known
			i.alone = true
			continue
		}
		wrong := i.pending(plan)
		if len(wrong) == 0 && plan.More == nil {
			return i.result(plan), nil
		}
		if !i.mend(wrong) {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return nil, &NotEmptyError{Plan: plan}
}

// A NotEmptyError is that the plan of what was written is not empty: the Master changes
// meanwhile, or has what no file can say.
type NotEmptyError struct{ Plan *engine.Plan }

func (e *NotEmptyError) Error() string {
	return "the plan of what would be written is not empty, so nothing is written"
}

func (i *Import) result(plan *engine.Plan) *Imported {
	r := &Imported{Adoption: i.adopted, Files: i.sources, State: i.state, Plan: plan, AllNodes: i.nodesAll}
	if plan == nil {
		return r
	}
	mine := i.addresses()
	for _, refusal := range plan.Refusals {
		if mine[refusal.Address] {
			r.Refused = append(r.Refused, refusal)
		}
	}
	return r
}

// write writes the files in memory, laid out as slapstar fmt does.
func (i *Import) write() error {
	w := starlib.Writing{Head: i.head(), Notes: i.adopted.Notes, Nested: true}
	if i.Split == nil {
		i.sources = map[string]string{i.Entry: w.File(i.adopted.Config)}
		if i.Onto != nil && !i.Paste {
			i.sources[i.Entry] += starlib.LoadedLine
		}
	} else {
		i.sources = w.Files(i.adopted.Config, i.Entry, i.Split.names(i.Entry, i.state))
		if len(i.sources) > mostFiles {
			return lang.Hint(fmt.Errorf("there would be %d files, and at most %d are loaded", len(i.sources), mostFiles), "import a part of it, by PATTERN, or into one file")
		}
	}
	for name, source := range i.sources {
		text, err := format.Source(name, []byte(source))
		if err != nil {
			return lang.Hint(fmt.Errorf("laying out what was written: %w", err), "import a part of it, by PATTERN")
		}
		i.sources[name] = string(text)
	}
	return nil
}

// mostFiles is how many files one evaluation loads.
const mostFiles = 64

// mostLeft is how many lines on top of a file say what is not in it.
const mostLeft = 20

func (i *Import) head() []string {
	lines := []string{"What the Master had, written by slapstar import."}
	if slices.ContainsFunc(i.adopted.Config.Instances(), func(r *engine.Instance) bool { return !i.state.Instances[r.Name].SLAKnown }) {
		lines = append(lines, "The Master does not tell the SLA (filter_kw) that these instances were requested with.")
	}
	n := 0
	for _, left := range i.adopted.Left {
		if left.Path != "" { // which stands at the declaration
			continue
		}
		if n++; n <= mostLeft {
			lines = append(lines, "Not declared: "+left.String())
		}
	}
	if n > mostLeft {
		lines = append(lines, fmt.Sprintf("Not declared: %d more", n-mostLeft))
	}
	return lines
}

// inputs are those of an evaluation of what was written.
func (i *Import) inputs() starlib.Inputs {
	in := starlib.Inputs{Vars: map[string]lang.Var{}}
	in.Source = lang.Source{File: i.Entry, Sources: &lang.Sources{Text: maps.Clone(i.sources), Read: func(string) ([]byte, error) { return nil, fs.ErrNotExist }}}
	others := func(context.Context, string) (string, error) { return "", ErrNotGiven }
	if i.Onto != nil && !i.alone {
		in = i.together()
		if i.Onto.Secret != nil {
			others = i.Onto.Secret
		}
	}
	values := map[string]string{}
	for _, s := range i.adopted.Secrets {
		values[s.Name] = s.Value
	}
	in.Mask = mask.New() // the file may be written where the filter of the run would cut it
	in.Secret = func(ctx context.Context, name string) (string, error) {
		if value, ok := values[name]; ok {
			return value, nil
		}
		return others(ctx, name)
	}
	return in
}

// together are the inputs of an entry file that loads what was written.
func (i *Import) together() starlib.Inputs {
	in := *i.Onto
	entry, err := in.EntryName()
	folder := in.Folder()
	in.Source.Sources = &lang.Sources{Text: map[string]string{}, Read: func(name string) ([]byte, error) {
		if text, ok := i.sources[name]; ok {
			if i.Paste {
				text += starlib.LoadedLine
			}
			return []byte(text), nil
		}
		if err != nil {
			return nil, err
		}
		root, err := tree.Open(folder)
		if err != nil {
			return nil, err
		}
		defer root.Close()
		data, err := tree.Read(root, name, mostSource)
		if err == nil && name == entry {
			data = append(data, "\n"+starlib.LoadLine("//"+i.Entry)...)
		}
		return data, err
	}}
	in.Source.File = entry
	return in
}

// mostSource is the longest file that is read, in bytes.
const mostSource = 32 << 20

func (i *Import) plan(ctx context.Context) (*engine.Plan, error) {
	p := i.Planner(i.inputs())
	plan, _, err := p.Plan(ctx)
	return plan, err
}

// addresses are those of what was written.
func (i *Import) addresses() map[engine.Address]bool {
	all := map[engine.Address]bool{}
	for _, r := range i.adopted.Config.Resources {
		all[r.Address()] = true
	}
	return all
}

// pending are the changes that a plan has of what was written, and what it refuses for
// another reason than a schema.
func (i *Import) pending(plan *engine.Plan) map[engine.Address]string {
	mine, wrong := i.addresses(), map[engine.Address]string{}
	judged := map[engine.Address]bool{}
	for _, r := range plan.Options.Judged.Wrong {
		judged[r.Address] = true
	}
	for _, r := range plan.Refusals {
		if mine[r.Address] && !judged[r.Address] {
			wrong[r.Address] = r.Message
		}
	}
	for _, c := range plan.Changes {
		if !mine[c.Address()] || !c.Pending() {
			continue
		}
		var names []string
		for _, a := range c.Attributes {
			names = append(names, strings.TrimPrefix(a.Group+"."+a.Name, "."))
		}
		wrong[c.Address()] = fmt.Sprintf("written in a file, it would be another one (%s)", strings.Join(names, ", "))
	}
	return wrong
}

// mend notes how what is wrong is to be written next time. It reports false if there is no
// other way.
func (i *Import) mend(wrong map[engine.Address]string) bool {
	for _, r := range i.adopted.Config.Resources {
		why, ok := wrong[r.Address()]
		if !ok {
			continue
		}
		instance, isInstance := r.(*engine.Instance)
		switch {
		case isInstance && instance.Serialisation == "" && !i.Options.Explicit[instance.Name] && !i.Options.Text[instance.Name]:
			i.Options.Explicit[instance.Name] = true
		case isInstance && instance.Serialisation == slap.JSONInXML:
			i.Options.Text[instance.Name] = true
		default:
			i.Options.Without[string(r.Address())] = why
		}
	}
	return len(wrong) > 0
}
