package run

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"slapstar/internal/mask"
	"slapstar/slap"
)

// String is a kind as a saved plan has it.
func (k kind) String() string { return fmt.Sprintf("%q %q %t", k.release, k.softwareType, k.shared) }

func parseKind(text string) (k kind, err error) {
	_, err = fmt.Sscanf(text, "%q %q %t", &k.release, &k.softwareType, &k.shared)
	return k, err
}

// saidOfKinds is what the schemas say of how parameters travel, also of those that were
// judged alone. All of it was read before.
func (p *Planner) saidOfKinds() (all map[kind]slap.Serialisation) {
	all = maps.Clone(p.travel.said)
	if all == nil {
		all = map[kind]slap.Serialisation{}
	}
	defer func() {
		for k, said := range all {
			if said == "" { // a saved plan keeps what the lock says
				all[k] = p.lockSays(k)
			}
		}
	}()
	if p.judging == nil {
		return all
	}
	for _, i := range p.judging.config.Instances() {
		k := kind{i.SoftwareRelease, i.SoftwareType, i.Shared}
		if _, ok := all[k]; !ok && i.State != slap.Destroyed {
			all[k], _ = Serialisation(context.Background(), p.judge.sourceOf(k), k)
		}
	}
	return all
}

// sealedJudgement are seals of what the last judging has found nothing wrong with, sorted.
func (p *Planner) sealedJudgement(salt []byte) []string {
	list := []string{}
	if p.judging == nil {
		return list
	}
	for _, j := range p.judge.passed(p.judging.config.Instances(), p.judging.parameters) {
		list = append(list, j.seal(salt))
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (j judged) seal(salt []byte) string {
	return mask.Key{Secret: salt}.Sum(j.kind.String() + " " + hex.EncodeToString(j.sum[:]))
}

// recall tells a Planner what the schemas said when the plan was made. Parameters that
// were judged then are not judged again. Those that have another value by now, as it was
// not known yet, are, by what is in the cache.
func (p *SavedPlan) recall(s *Planner) {
	s.Check = !p.Options.NoSchemas
	s.judge.knows = map[kind]bool{}
	for text, said := range p.Kinds {
		if k, err := parseKind(text); err == nil {
			s.travel.keep(k, slap.Serialisation(said))
			s.judge.knows[k] = true
		}
	}
	sealed := map[string]bool{}
	for _, seal := range p.Judged {
		sealed[seal] = true
	}
	s.judge.before = func(j judged) bool { return sealed[j.seal(p.Salt)] }
}
