package engine

// shortestInside is how long a secret has to be, in bytes, to be looked for inside
// of other text: shorter ones would be found everywhere.
const shortestInside = 4

// hideSecrets marks what the Master has where it is, or holds, a value that the
// files say is a secret: it may have stood under another key before.
func (p *planning) hideSecrets() {
	inside, whole := valueIndex{}, map[string]bool{}
	for _, i := range p.config.Instances() {
		for _, t := range i.Parameters {
			t.eachSecret(func(name, value string) {
				whole[value] = value != ""
				if len(value) >= shortestInside {
					inside.add(value, name)
				}
			})
		}
	}
	if len(whole) == 0 {
		return
	}
	for _, c := range p.Changes {
		for n := range c.Attributes {
			if a := &c.Attributes[n]; a.Before != nil && (whole[*a.Before] || len(inside.in(*a.Before)) > 0) {
				a.Hidden = true
			}
		}
	}
}

func (t Text) eachSecret(do func(name, value string)) {
	for _, part := range t {
		if part.Secret != "" {
			do(part.Secret, part.Literal)
		}
		part.Quoted.eachSecret(do)
	}
}
