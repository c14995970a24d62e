// Package view renders plans, events and outcomes of package engine on an
// io.Writer: as text for people, as JSON for programs.
//
// Text from files and from a Master is escaped where it could steer a
// terminal. The package does not know where values came from, nor any flag.
package view
