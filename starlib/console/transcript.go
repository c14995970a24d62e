package console

import "strings"

// withoutPrompts takes the prompts of Python away that were pasted with a text: those of
// its first line say that there are some.
func withoutPrompts(text string) string {
	if !strings.HasPrefix(strings.TrimLeft(text, " \t\n"), ">>>") {
		return text
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		rest := strings.TrimLeft(line, " \t")
		for _, prompt := range []string{">>>", "..."} {
			if entry, ok := strings.CutPrefix(rest, prompt); ok {
				lines[i] = strings.TrimPrefix(entry, " ")
				break
			}
		}
	}
	return strings.Join(lines, "\n")
}
