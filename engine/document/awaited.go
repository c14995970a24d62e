package document

import "slapstar/engine"

// awaited is what an instance waits for: names of connection parameters, and paths as a
// JSON list that begins with the name, which may be empty.
func awaited(i *engine.Instance) []string {
	list := []string{}
	for _, r := range i.WaitFor {
		name := r.Key
		if r.Path != "" {
			name = string(engine.NewPath(append([]any{r.Key}, r.Path.Steps()...)...))
		}
		list = append(list, name)
	}
	return list
}
