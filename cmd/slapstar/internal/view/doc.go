// Package view renders plans, events and outcomes of package engine, and what else a
// command shows, on an io.Writer: as text for people, as JSON for programs, as
// Markdown for merge requests, and live on a terminal.
//
// What a command shows besides plans is a value such as [InstanceList]: made of what
// was read, with a method that writes text; its fields are its JSON, which a schema
// in the folder docs describes.
//
// Text and Markdown share the details of a change, which are the rows of package
// diff.
//
// Text from files and from a Master is escaped where it could steer a
// terminal or get out of Markdown. The package does not know where values came
// from, nor any flag.
package view
