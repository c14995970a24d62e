package run

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"slapstar/engine"
	"slapstar/internal/mask"
	"slapstar/starlib/lang"
)

// sealedSecrets are the secrets that the files asked for, with a seal of each value.
func sealedSecrets(plan *engine.Plan, salt []byte) map[string]string {
	list := map[string]string{}
	for _, part := range plan.Declared.Secrets {
		list[part.Secret] = mask.Key{Secret: salt}.Sum(part.Literal)
	}
	return list
}

// checkSecrets names all secrets that the plan needs and nothing gives.
func (p *SavedPlan) checkSecrets(ctx context.Context, read func(context.Context, string) (string, error)) error {
	var missing, flags []string
	for _, name := range slices.Sorted(maps.Keys(p.Secrets)) {
		if _, err := read(ctx, name); errors.Is(err, ErrNotGiven) {
			missing, flags = append(missing, strconv.Quote(name)), append(flags, fmt.Sprintf("--secret %s=env:VARIABLE or --secret %s=file:PATH", name, name))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	verb, what := "gives", "the secret"
	if len(missing) > 1 {
		verb, what = "give", "the secrets"
	}
	return lang.Hint(fmt.Errorf("this plan needs %s %s, and a plan does not say where secrets come from", what, strings.Join(missing, ", ")),
		fmt.Sprintf("%s %s %s", strings.Join(flags, ", "), verb, map[bool]string{true: "it", false: "them"}[len(missing) == 1]))
}
