package proxy

import (
	"cmp"
	"context"
	"fmt"
	"hash/crc32"
	"net/http"
	"slices"

	"slapstar/proxy/internal/store"
)

// A Person is somebody who uses a full Master.
type Person struct {
	Name     string   // as a certificate (its CN) or the header Remote-User has it
	Projects []string // whose customer the person is
	Manages  []string // whose manager, and customer, the person is
	Unpaid   bool     // a request changes the tree and not its instance, and instances are stopped
	Token    string   // for which Person_getCertificate gives a certificate; empty: for none
}

// defaultPerson is who uses a Master for which no persons are configured.
const defaultPerson = "default"

// defaultProject is the project of a Master for which none is configured.
const defaultProject = "PROJ-1"

// personModule begins the relative URL of a person.
const personModule = "person_module/"

// A login is who makes a request to a full Master.
type login struct {
	person string // name
	node   bool   // it is a compute node, and not a person
}

// path is the relative URL of the person.
func (l login) path() string { return personPath(l.person) }

func personPath(name string) string { return personModule + name }

// personUID is the number that the full Master has for a person.
func personUID(name string) uint32 { return crc32.ChecksumIEEE([]byte(name)) }

// person finds who is meant by a name. Without configured persons everybody may do
// everything.
func (s *Server) person(name string) (Person, bool) {
	if len(s.options.Persons) == 0 {
		return Person{Name: name, Manages: s.projects()}, true
	}
	n := slices.IndexFunc(s.options.Persons, func(p Person) bool { return p.Name == name })
	if n < 0 {
		return Person{}, false
	}
	return s.options.Persons[n], true
}

// projects are the references of all projects, in order.
func (s *Server) projects() []string {
	list := slices.Clone(s.options.Projects)
	for _, p := range s.options.Persons {
		list = append(list, slices.Concat(p.Manages, p.Projects)...)
	}
	list = unique(list)
	if len(list) == 0 {
		return []string{defaultProject}
	}
	return list
}

// sees are the projects that a person knows of, in order.
func (p Person) sees() []string { return unique(slices.Concat(p.Manages, p.Projects)) }

func unique(list []string) []string {
	var found []string
	for _, item := range list {
		if !slices.Contains(found, item) {
			found = append(found, item)
		}
	}
	return found
}

// identify finds out who makes a request: the certificate says so, else a header,
// else it is the first person of the configuration.
func (s *Server) identify(r *http.Request) (login, error) {
	name := r.Header.Get("Remote-User")
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		name = r.TLS.PeerCertificates[0].Subject.CommonName
	}
	if name == "" {
		name = defaultPerson
		if len(s.options.Persons) > 0 {
			name = s.options.Persons[0].Name
		}
		return login{person: name}, nil
	}
	if err := checkValue(name, 0); err != nil {
		return login{}, err
	}
	if _, known := s.person(name); known && len(s.options.Persons) > 0 {
		return login{person: name}, nil
	}
	list, err := findNodes(s.db, "reference = ?", name)
	switch {
	case err != nil:
		return login{}, err
	case len(list) > 0:
		return login{person: name, node: true}, nil
	case len(s.options.Persons) > 0:
		return login{}, &unauthorizedError{fmt.Sprintf("There is no person %s.", name)}
	}
	return login{person: name}, nil
}

type loginKey struct{}

// withLogin lets handlers know who makes a request.
func withLogin(r *http.Request, l login) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), loginKey{}, l))
}

// whoAsks is who makes a request.
func whoAsks(r *http.Request) login {
	l, _ := r.Context().Value(loginKey{}).(login)
	return l
}

// unpaid are the names of those whose account is not paid.
func (s *Server) unpaid() []string {
	var list []string
	for _, p := range s.options.Persons {
		if p.Unpaid {
			list = append(list, p.Name)
		}
	}
	return list
}

// checkManager returns an error unless who asks manages the project of a node. A node
// of every project is managed by every manager.
func (s *Server) checkManager(q store.Reader, l login, computer string) error {
	if l.node {
		return &notFoundError{"A node has no person."}
	}
	p, _ := s.person(l.person)
	list, err := findNodes(q, "reference = ?", computer)
	if err != nil {
		return err
	}
	project := ""
	if len(list) > 0 {
		project = list[0].project
	}
	if project == "" && len(p.Manages) > 0 || slices.Contains(p.Manages, project) {
		return nil
	}
	return &customerError{cmp.Or(l.person, defaultPerson)}
}
