// Package view renders plans, events and outcomes of package engine on an
// io.Writer: as text for people, as JSON for programs, as Markdown for merge
// requests, and live on a terminal.
//
// Text and Markdown share the details of a change, which are [rows]: a sign, a
// name, a value. Values that are long or documents are compared within bounds of
// size and work, never of time, so that the same plan always reads the same.
//
// Text from files and from a Master is escaped where it could steer a
// terminal or get out of Markdown. The package does not know where values came
// from, nor any flag.
package view
