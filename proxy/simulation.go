package proxy

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// Waits of the simulation.
const (
	simulationRest  = 50 * time.Millisecond // between two looks at what there is to do
	simulationRetry = 5 * time.Second       // after an error
	maxAttempts     = 1000                  // at the end, when nothing waits any more
	simulationEnd   = 5 * time.Second       // how long all of that may take
	maxReported     = 200                   // reports in one write, so that others get their turn
)

// wakeNodes tells the simulated nodes that there may be something to do.
func (s *Server) wakeNodes() {
	select {
	case s.wake <- struct{}{}:
	default: // they have been told already
	}
}

// A simulation is the goroutine that plays the compute nodes. It reports as a
// real node does.
type simulation struct {
	*Server
	ctx       context.Context // of the calls of the simulator; it ends some time after the Master
	instances map[string]*task
	software  map[string]*task
	hurry     bool // nothing waits, nor is tried again: at the end, when the time of the nodes goes on and the process does not
	again     bool // there is more to do at once
}

// A task is something that a node has not finished.
type task struct {
	timestamp float64 // of the change that is worked on
	attempt   int
	due       time.Time
}

// simulate plays the compute nodes until ctx ends, and then does at once what
// is left, as far as it gets in simulationEnd.
func (s *Server) simulate(ctx context.Context) {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	context.AfterFunc(ctx, func() { time.AfterFunc(simulationEnd, cancel) })
	sim := &simulation{Server: s, ctx: working, instances: map[string]*task{}, software: map[string]*task{}, hurry: s.options.NoDelays}
	for ctx.Err() == nil {
		next, err := sim.work()
		s.report(err)
		if err != nil {
			next = s.options.Now().Add(simulationRetry)
		}
		var due <-chan time.Time
		rest := simulationRest
		if sim.hurry {
			rest = time.Millisecond
		}
		if !next.IsZero() {
			due = time.After(max(rest, next.Sub(s.options.Now())))
		}
		select {
		case <-ctx.Done():
		case <-due:
		case <-s.wake:
			select { // for the others that come with it
			case <-ctx.Done():
			case <-time.After(rest):
			}
		}
	}
	sim.hurry = true
	for range maxAttempts {
		next, err := sim.work()
		if working.Err() != nil {
			s.logf("simulated node: not all that was asked for is done: the simulation went on for more than %s", simulationEnd)
			return
		}
		if err != nil || next.IsZero() {
			s.report(err)
			return
		}
	}
}

func (s *Server) report(err error) {
	if err != nil {
		s.logf("simulated node: %v", err)
	}
}

// work does all that is due, and returns when something else will be: never is
// the zero time.
func (sim *simulation) work() (next time.Time, err error) {
	wait := func(due time.Time) {
		if next.IsZero() || due.Before(next) {
			next = due
		}
	}
	if err := sim.installSoftware(wait); err != nil {
		return next, err
	}
	sim.again = false
	err = sim.deployInstances(wait)
	if sim.again {
		wait(sim.options.Now())
	}
	return next, err
}

// look finds what is known of something in a list that is made anew each time,
// so that nothing is kept of what is gone, and whether its time has come.
func (sim *simulation) look(before, now map[string]*task, key string, timestamp float64) (t *task, due bool) {
	t = before[key]
	if t == nil || t.timestamp != timestamp {
		t = &task{timestamp: timestamp}
	}
	now[key] = t
	return t, sim.hurry || !t.due.After(sim.options.Now())
}

// later notes that something is to be looked at again after a delay.
func (sim *simulation) later(t *task, delay time.Duration, wait func(time.Time)) {
	t.attempt++
	if sim.hurry {
		delay = 0
	}
	t.due = sim.options.Now().Add(delay)
	wait(t.due)
}

func (sim *simulation) age(since float64) time.Duration {
	return max(0, time.Duration((sim.timestamp()-since)*float64(time.Second))) // the clock may have been set back
}

// installSoftware asks what becomes of software that is not yet as it was asked
// for.
func (sim *simulation) installSoftware(wait func(time.Time)) error {
	list, err := findSoftware(sim.db, "state = 'destroyed' OR status <> 'available'")
	if err != nil {
		return err
	}
	before := sim.software
	sim.software = map[string]*task{}
	var writes []func(*store.Tx) error
	for _, w := range list {
		key := w.Computer + "\n" + w.SoftwareRelease // not the id: asked for again, it has another
		t, due := sim.look(before, sim.software, key, w.created)
		if !due || sim.ctx.Err() != nil {
			wait(t.due)
			continue
		}
		o, err := sim.options.Simulator.Software(sim.ctx, SimulatedSoftware{
			SoftwareInstallation: w.SoftwareInstallation, Attempt: t.attempt, Age: sim.age(w.created)})
		status := slap.Available
		if sim.settle(t, &o, err, wait) {
			delete(sim.software, key)
		} else if status = "building"; o.Error != "" {
			status = "#error " + o.Error
		}
		writes = append(writes, func(tx *store.Tx) error {
			if w.State == slap.Destroyed && status == slap.Available {
				_, err := tx.Exec("DELETE FROM software WHERE id = ?", w.id) // and not what was asked for meanwhile
				return err
			}
			_, err := tx.Exec("UPDATE software SET status = ?, reported = ? WHERE computer = ? AND release = ? AND state = ? AND created = ?",
				status, sim.timestamp(), w.Computer, w.SoftwareRelease, w.State, w.created)
			return err
		})
	}
	return sim.reportAll(writes)
}

// deployInstances asks what becomes of instances that were created or changed
// since their node last looked. They wait for their software, where some was
// asked for.
func (sim *simulation) deployInstances(wait func(time.Time)) error {
	list, err := findInstances(sim.db, `processed IS NOT timestamp AND computer IS NOT NULL
		AND computer NOT IN (SELECT value FROM json_each(?)) AND (state = 'destroyed' OR NOT EXISTS (
		SELECT 1 FROM software w WHERE w.computer = instance.computer AND w.release = instance.release AND w.status <> 'available' AND w.state <> 'destroyed'))`, jsonList(sim.remoteReferences()))
	if err != nil {
		return err
	}
	// A root goes after its children.
	slices.SortStableFunc(list, func(a, b instance) int { return cmp.Compare(b.root, a.root) })
	before := sim.instances
	sim.instances = map[string]*task{}
	ending := map[string]bool{} // titles of roots of which a child has yet to end
	var writes []func(*store.Tx) error
	for _, i := range list {
		if i.state == slap.Destroyed && i.root == "" && !i.archived && ending[i.title] {
			continue
		}
		key := strconv.FormatInt(i.id, 10)
		t, due := sim.look(before, sim.instances, key, i.timestamp)
		if !due || sim.ctx.Err() != nil {
			ending[i.root] = ending[i.root] || i.state == slap.Destroyed && i.root != "" && !i.archived
			wait(t.due)
			continue
		}
		question, err := sim.question(&i, t.attempt)
		if err != nil {
			return err
		}
		o, err := sim.options.Simulator.Instance(sim.ctx, question)
		done := sim.settle(t, &o, err, wait)
		if done {
			delete(sim.instances, key)
		} else if i.state == slap.Destroyed && i.root != "" && !i.archived {
			ending[i.root] = true
		}
		if done || o.Error != "" {
			writes = append(writes, func(tx *store.Tx) error { return sim.reportInstance(tx, &i, o) })
		}
	}
	return sim.reportAll(writes)
}

// settle notes what became of something: whether it is done, or else when to ask
// again. An error of the simulator itself becomes the reaction.
func (sim *simulation) settle(t *task, o *Reaction, err error, wait func(time.Time)) (done bool) {
	if err == nil {
		err = checkReaction(*o)
	}
	if err != nil {
		sim.report(err)
		*o = Reaction{Error: strings.Map(printable, err.Error())}
	}
	o.Error = strings.Map(printable, o.Error)
	switch {
	case o.Error != "" && !sim.hurry:
		sim.later(t, simulationRetry, wait)
	case o.Delay > 0:
		sim.later(t, o.Delay, wait)
	}
	return o.Error == "" && o.Delay == 0
}

func (sim *simulation) reportAll(writes []func(*store.Tx) error) error {
	if len(writes) == 0 {
		return nil
	}
	defer sim.wakeAllocation()
	for part := range slices.Chunk(writes, maxReported) {
		err := sim.db.Write(context.Background(), func(tx *store.Tx) error { // and not update: it would wake us
			for _, write := range part {
				if err := write(tx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (sim *simulation) question(i *instance, attempt int) (SimulatedInstance, error) {
	parameters, err := slap.ParseParameters(i.parameters)
	if err != nil {
		return SimulatedInstance{}, err
	}
	sla, err := slap.ParseParameters(i.sla)
	if err != nil {
		return SimulatedInstance{}, err
	}
	q := SimulatedInstance{
		InstanceRequest: slap.InstanceRequest{Name: i.title, SoftwareRelease: i.release, SoftwareType: i.kind, State: i.state,
			Shared: i.shared, Parameters: parameters, SLA: sla},
		Root: i.rootTitle(), Node: i.computer, Partition: i.partition, Attempt: attempt, Age: sim.age(i.timestamp),
	}
	p, err := i.place()
	if err != nil || p == nil {
		return q, err
	}
	for _, a := range p.addresses {
		if strings.Contains(a[1], ":") {
			q.IPv6 = a[1]
		} else {
			q.IPv4 = a[1]
		}
	}
	return q, nil
}

// reportInstance makes the reports of a node about an instance, unless it was
// changed meanwhile.
func (sim *simulation) reportInstance(tx *store.Tx, before *instance, o Reaction) error {
	i, err := findInstance(tx, "id = ?", before.id)
	if err != nil || i == nil || i.timestamp != before.timestamp {
		return err
	}
	if o.Error != "" {
		return sim.reportStatus(tx, i, "#error "+o.Error)
	}
	if i.state == slap.Destroyed {
		// A root with children stays: they are marked, and come first the next time.
		children, err := sim.dialect.ended(tx, i)
		sim.again = sim.again || len(children) > 0
		return err
	}
	if o.Connection != nil {
		if err := publish(tx, i, o.Connection); err != nil {
			return err
		}
	}
	if err := sim.reportStatus(tx, i, accessStatus[i.state]); err != nil {
		return err
	}
	_, err = tx.Exec("UPDATE instance SET processed = timestamp WHERE id = ?", i.id)
	return err
}
