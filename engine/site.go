package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"slapstar/slap"
)

// A Site is what a full Master has around the instances of an account. What cannot be read,
// or is empty, is not known: one may not be let see it. A Site may be given to several
// States; its methods fill it.
type Site struct {
	Products []slap.SoftwareProduct
	Nodes    []slap.Node
	Projects []slap.Project               // where none was named
	software map[string]map[string]string // as of a State, of nodes that instances are created on

	// The states (planned, confirmed, started) of the upgrade decisions that are not carried
	// out yet, by the name of the instance; nil where they were not read.
	Upgrades map[string]string

	read bool // Products and Nodes were
}

// A SiteReader reads a Site.
type SiteReader interface {
	Reader
	SoftwareProducts(context.Context) ([]slap.SoftwareProduct, error)
	AllNodes(context.Context) ([]slap.Node, error)
	UpgradeDecisions(context.Context) ([]slap.UpgradeDecision, error)
	Projects(context.Context) ([]slap.Project, error)
}

// Complete reads what says whether what c declares will come, on the full Master of a
// State, and has not been read yet: where instances are created the products, the nodes,
// and the software of those that are asked for; where the release of an instance is
// another one, the upgrade decisions.
func (s *Site) Complete(ctx context.Context, r SiteReader, of *State, c *Config) error {
	of.Site = s
	if !of.Full {
		return nil
	}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	nodes, created := of.creations(c)
	nodes = slices.DeleteFunc(nodes, func(node string) bool { return s.software[node] != nil }) // before anything runs
	if created && !s.read {
		group.Go(func() (err error) {
			s.Products, err = r.SoftwareProducts(ctx)
			return ended(ctx, err)
		})
		group.Go(func() (err error) {
			s.Nodes, err = r.AllNodes(ctx)
			return ended(ctx, err)
		})
		if of.Project == "" {
			group.Go(func() (err error) {
				s.Projects, err = r.Projects(ctx)
				return ended(ctx, err)
			})
		}
	}
	for _, node := range nodes {
		group.Go(func() error {
			list, err := r.SoftwareInstallations(ctx, node)
			if err != nil {
				return ended(ctx, err)
			}
			mu.Lock()
			defer mu.Unlock()
			s.note(node, list)
			return nil
		})
	}
	if s.Upgrades == nil && slices.ContainsFunc(c.Instances(), of.keepsRelease) {
		group.Go(func() error {
			list, err := r.UpgradeDecisions(ctx)
			if err != nil {
				return ended(ctx, err)
			}
			s.Upgrades = map[string]string{}
			for _, d := range list {
				s.Upgrades[d.Tree] = d.State
			}
			return nil
		})
	}
	err := group.Wait()
	s.read = s.read || created && err == nil
	return err
}

// creations returns the nodes that are asked for by what c declares and s does not have, and
// whether there is any.
func (s *State) creations(c *Config) (nodes []string, some bool) {
	for _, i := range c.Instances() {
		if i.State == slap.Destroyed || s.has(i.Name) && !s.Leaving(i.Name) {
			continue
		}
		some = true
		if node := i.SLA[slap.SLAComputer]; node != "" && !slices.Contains(nodes, node) {
			nodes = append(nodes, node)
		}
	}
	return nodes, some
}

func (s *Site) note(node string, list []slap.SoftwareInstallation) {
	if s.software == nil {
		s.software = map[string]map[string]string{}
	}
	s.software[node] = map[string]string{}
	for _, installed := range list {
		s.software[node][installed.SoftwareRelease] = installed.State
	}
}

// ended is the error of a reading that was interrupted; others mean that one may not look.
func ended(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	return ctx.Err()
}

// created says why a full Master will give an instance no place that is created, as far as
// its site tells.
func (p *planning) created(want *Instance, c *Change) []string {
	site := p.state.Site
	if site == nil || !p.state.Full || c.Action != Create {
		return nil
	}
	var list []string
	if site.read && len(site.Products) == 0 && !p.blind { // said of the first
		p.blind = true
		list = append(list, "the Master shows no software products, and no allocation supplies: whether a release and a type may get a place cannot be seen")
	}
	if product := site.product(want.SoftwareRelease); len(site.Products) > 0 && product == nil {
		list = append(list, fmt.Sprintf("no software product of the project has the release %s, as far as can be seen: it gets no place before a product has it", want.SoftwareRelease))
	} else if product != nil && len(product.Types) > 0 && !slices.Contains(product.Types, want.SoftwareType) {
		list = append(list, fmt.Sprintf("the software product %s has no type %q, as far as can be seen, but %s: it gets no place", product.Reference, want.SoftwareType, Quoted(product.Types)))
	}
	return append(list, p.missingNode(want)...)
}

// missingNode says what is not as it has to be of the node that is asked for.
func (p *planning) missingNode(want *Instance) []string {
	computer := want.SLA[slap.SLAComputer]
	if computer == "" {
		return nil
	}
	nodes := p.state.Site.Nodes
	n := slices.IndexFunc(nodes, func(n slap.Node) bool { return n.Reference == computer })
	switch {
	case len(nodes) > 0 && n < 0:
		return []string{fmt.Sprintf("the Master shows no node %q: it gets no place before there is one", computer)}
	case n >= 0 && nodes[n].Kind != "" && nodes[n].Kind != slap.ComputeNode: // which has no software of its own
		return nil
	case n >= 0 && strings.HasPrefix(nodes[n].AllocationScope, "close"):
		return []string{fmt.Sprintf("the node %s is closed (%s): nothing gets a place on it", computer, nodes[n].AllocationScope)}
	}
	installed, read := p.state.Site.software[computer]
	if state, there := installed[want.SoftwareRelease]; read && (!there || state == slap.Destroyed) && !p.supplies(want.SoftwareRelease, computer) {
		return []string{fmt.Sprintf("its release is not on %s: it gets no place there before supply(%q, %q)", computer, want.SoftwareRelease, computer)}
	}
	return nil
}

// supplies reports whether the files bring a release to a node.
func (p *planning) supplies(release, computer string) bool {
	return slices.ContainsFunc(p.config.Software(), func(s *Software) bool {
		return s.SoftwareRelease == release && s.Computer == computer && s.State != slap.Destroyed
	})
}

func (s *Site) product(release string) *slap.SoftwareProduct {
	for i, p := range s.Products {
		if slices.ContainsFunc(p.Releases, func(r slap.ProductRelease) bool { return r.URL == release }) {
			return &s.Products[i]
		}
	}
	return nil
}

// unused says of software that no instance needs that a full Master removes it.
func (p *planning) unused(want *Software) []string {
	if !p.state.Full || want.State == slap.Destroyed {
		return nil
	}
	for _, i := range p.config.Instances() {
		if i.SoftwareRelease == want.SoftwareRelease && i.State != slap.Destroyed {
			return nil
		}
	}
	for _, i := range p.state.Instances {
		if i.SoftwareRelease == want.SoftwareRelease && i.State != slap.Destroyed {
			return nil
		}
	}
	return []string{"no instance of yours has this release: once a day this Master removes software that no instance and no allocation supply uses"}
}
