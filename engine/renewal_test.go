package engine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"slapstar/engine"
	"slapstar/proxy"
	"slapstar/slap"
)

// A slowMaster takes its time for a write, by a clock that is not the real one.
type slowMaster struct {
	*master
	now    time.Time
	writes int
}

func (m *slowMaster) RequestInstance(ctx context.Context, r slap.InstanceRequest) (slap.Instance, error) {
	m.now = m.now.Add(5 * time.Millisecond)
	m.writes++
	return m.master.RequestInstance(ctx, r)
}

// Reading again takes at most a twentieth of the time, also while what is read grows.
func TestRenewalsTakeATwentieth(t *testing.T) {
	for _, n := range []int{450, 1500} {
		m := &slowMaster{master: openMaster(t, proxy.Options{Simulator: proxy.DefaultSimulator{}}), now: time.Unix(0, 0)}
		plan := m.plan(func(func(string, string) engine.Text) []engine.Resource {
			var list []engine.Resource
			for i := range n {
				r := declare(fmt.Sprintf("vm-%d", i), nil)
				r.SLA = slap.Parameters{"computer_guid": "COMP-1"}
				list = append(list, r)
			}
			return list
		})
		approved, _, err := plan(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		var renewals time.Duration
		_, err = engine.Apply{Master: m, Plan: approved, Parallelism: 1, Now: func() time.Time { return m.now },
			Replan: func(ctx context.Context) (*engine.Plan, *engine.State, error) {
				took := time.Duration(n+m.writes) * 100 * time.Microsecond
				m.now = m.now.Add(took)
				if 0 < m.writes && m.writes < n {
					renewals += took
				}
				return plan(ctx)
			}}.Run(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		all := m.now.Sub(time.Unix(0, 0))
		if m.writes != n || renewals > all/20 || n == 1500 && renewals == 0 {
			t.Errorf("%d of %d writes; renewals took %v of %v", m.writes, n, renewals, all)
		}
	}
}
