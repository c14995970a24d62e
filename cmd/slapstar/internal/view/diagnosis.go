package view

import (
	"fmt"
	"io"

	"slapstar/cmd/slapstar/internal/diagnosis"
	"slapstar/cmd/slapstar/internal/term"
	"slapstar/internal/mask"
)

// A Diagnosis is what doctor shows. Its JSON is described by doctor.schema.json.
type Diagnosis struct {
	*diagnosis.Report

	Color bool `json:"-"`
}

// WriteText writes a line for each finding, and below it what is to be done.
func (d Diagnosis) WriteText(out, _ io.Writer) error {
	counts := map[diagnosis.Level]int{}
	for _, f := range d.Findings {
		counts[f.Level]++
		if err := d.finding(out, f); err != nil {
			return err
		}
	}
	_, err := mask.WriteOwn(out, fmt.Sprintf("slapstar %s, %s: %d ok, %d to note, %d missing\n", term.Escape(d.Version), d.Time.Format("2006-01-02 15:04:05 MST"),
		counts[diagnosis.OK], counts[diagnosis.Note], counts[diagnosis.Missing]))
	return err
}

// levelColors are those of a terminal.
var levelColors = map[diagnosis.Level]term.Color{diagnosis.OK: term.Green, diagnosis.Note: term.Yellow, diagnosis.Missing: term.Red}

func (d Diagnosis) finding(out io.Writer, f diagnosis.Finding) error {
	level := term.Pad(string(f.Level), len(diagnosis.Missing))
	if d.Color {
		level = levelColors[f.Level].Paint(level)
	}
	hidden := mask.Of(out)
	text := func(s string) string { return hidden.Text(term.Escape(s)) }
	lines := fmt.Sprintf("%s  %s: %s\n", level, text(f.About), text(f.Found))
	if f.Means != "" {
		lines += "         means: " + text(f.Means) + "\n"
	}
	if f.Do != "" {
		lines += "         do: " + text(f.Do) + "\n"
	}
	_, err := mask.WriteOwn(out, lines)
	return err
}
