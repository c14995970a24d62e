package proxy

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settings are the options of the Full profile by the names that they have in text.
var settings = map[string]func(*Options, string) error{
	"catalog_delay":      duration(func(o *Options) *time.Duration { return &o.CatalogDelay }),
	"subscription_delay": duration(func(o *Options) *time.Duration { return &o.SubscriptionDelay }),
	"allocation_delay":   duration(func(o *Options) *time.Duration { return &o.AllocationDelay }),
	"alarm_period":       duration(func(o *Options) *time.Duration { return &o.AlarmPeriod }),
	"unpaid_deletion":    duration(func(o *Options) *time.Duration { return &o.UnpaidDeletion }),
	"creation_time":      duration(func(o *Options) *time.Duration { return &o.CreationTime }),
	"max_creations":      number(func(o *Options) *int { return &o.MaxCreations }),
	"no_project_status":  number(func(o *Options) *int { return &o.NoProjectStatus }),
	"accept_upgrades":    setAcceptUpgrades,
	"projects": func(o *Options, text string) error {
		o.Projects = append(o.Projects, strings.Fields(text)...)
		return nil
	},
	"persons":             lines((*Options).addPerson),
	"products":            lines((*Options).addProduct),
	"allocation_supplies": lines((*Options).addSupply),
	"remote_nodes":        lines((*Options).addRemoteNode),
}

// Settings are the names that [Options.Set] knows, sorted.
func Settings() []string { return slices.Sorted(maps.Keys(settings)) }

// Set sets an option of the Full profile from text, as a configuration has it:
//
//	catalog_delay, subscription_delay, allocation_delay, alarm_period, unpaid_deletion, creation_time
//	                     seconds, or a duration such as 300ms; 0 is none
//	max_creations        creations of one person at once; 0 is no limit
//	no_project_status    of a product look-up without a project
//	accept_upgrades      true or false
//	projects             references, separated by blanks
//	persons              NAME PROJECT[:manager]… [unpaid] [token=TOKEN], a line each
//	products             PROJECT NAME RELEASE [TYPE…], a line for each release, the last one is published last
//	allocation_supplies  PROJECT RELEASE TYPE NODE… [same-tree], a line each; * is every one
//	remote_nodes         REFERENCE PROJECT PERSON REMOTE-PROJECT, a line each
func (o *Options) Set(name, text string) error {
	set, ok := settings[name]
	if !ok {
		return fmt.Errorf("got %q, want one of %s", name, strings.Join(Settings(), ", "))
	}
	return set(o, text)
}

func duration(of func(*Options) *time.Duration) func(*Options, string) error {
	return func(o *Options, text string) error {
		d, err := time.ParseDuration(text)
		if seconds, notDuration := strconv.ParseFloat(text, 64); notDuration == nil {
			d, err = time.Duration(seconds*float64(time.Second)), nil
		}
		if err != nil || d < 0 {
			return fmt.Errorf("got %q, want seconds, or a duration such as 300ms", text)
		}
		if d == 0 {
			d = -1
		}
		*of(o) = d
		return nil
	}
}

func number(of func(*Options) *int) func(*Options, string) error {
	return func(o *Options, text string) error {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return fmt.Errorf("got %q, want a number", text)
		}
		if n == 0 {
			n = -1
		}
		*of(o) = n
		return nil
	}
}

func setAcceptUpgrades(o *Options, text string) (err error) {
	if o.AcceptUpgrades, err = strconv.ParseBool(text); err != nil {
		return fmt.Errorf("got %q, want true or false", text)
	}
	return nil
}

// lines is a setting of several lines, each of several words.
func lines(add func(*Options, []string) error) func(*Options, string) error {
	return func(o *Options, text string) error {
		for line := range strings.Lines(text) {
			words := strings.Fields(line)
			if len(words) == 0 {
				continue
			}
			if err := add(o, words); err != nil {
				return fmt.Errorf("got line %q, want %w", strings.TrimSpace(line), err)
			}
		}
		return nil
	}
}

func (o *Options) addPerson(words []string) error {
	p := Person{Name: words[0]}
	for _, word := range words[1:] {
		project, role, hasRole := strings.Cut(word, ":")
		token, hasToken := strings.CutPrefix(word, "token=")
		switch {
		case word == "unpaid":
			p.Unpaid = true
		case hasToken:
			p.Token = token
		case role == "manager":
			p.Manages = append(p.Manages, project)
		case hasRole && role != "customer":
			return fmt.Errorf("the role customer or manager, not %q", role)
		default:
			p.Projects = append(p.Projects, project)
		}
	}
	if len(p.sees()) == 0 {
		return fmt.Errorf("NAME PROJECT[:manager]… [unpaid] [token=TOKEN]")
	}
	o.Persons = append(o.Persons, p)
	return nil
}

func (o *Options) addProduct(words []string) error {
	if len(words) < 3 {
		return fmt.Errorf("PROJECT NAME RELEASE [TYPE…]")
	}
	n := slices.IndexFunc(o.SoftwareProducts, func(p Product) bool { return p.Project == words[0] && p.Name == words[1] })
	if n < 0 {
		n = len(o.SoftwareProducts)
		o.SoftwareProducts = append(o.SoftwareProducts, Product{Project: words[0], Name: words[1]})
	}
	p := &o.SoftwareProducts[n]
	p.Releases, p.Types = append(p.Releases, words[2]), unique(append(p.Types, words[3:]...))
	return nil
}

func (o *Options) addSupply(words []string) error {
	if len(words) < 4 {
		return fmt.Errorf("PROJECT RELEASE TYPE NODE… [same-tree]")
	}
	every := func(word string) []string {
		if word == "*" {
			return nil
		}
		return []string{word}
	}
	a := Supply{Project: words[0], Releases: every(words[1]), Types: every(words[2])}
	nodes := words[3:]
	if last := len(nodes) - 1; nodes[last] == "same-tree" {
		a.SameTree, nodes = true, nodes[:last]
	}
	if !slices.Contains(nodes, "*") {
		if a.Nodes = nodes; len(nodes) == 0 {
			a.Nodes = []string{""} // none
		}
	}
	o.AllocationSupplies = append(o.AllocationSupplies, a)
	return nil
}

func (o *Options) addRemoteNode(words []string) error {
	if len(words) != 4 {
		return fmt.Errorf("REFERENCE PROJECT PERSON REMOTE-PROJECT")
	}
	o.RemoteNodes = append(o.RemoteNodes, RemoteNode{Reference: words[0], Project: words[1], Person: words[2], Remote: words[3]})
	return nil
}
