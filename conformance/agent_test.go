//go:build linux

package conformance

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"slapstar/slap"
)

// The stock node agent takes a node through its life: on the real slapproxy, which
// shows what the agent does without root and network, and on the embedded Master.
//
// The agent's watchdog is missing in this life: supervisord is told to find it at
// /opt/slapos/bin/slapos-watchdog, and gives up.
func TestAgent(t *testing.T) {
	for _, master := range []struct {
		name  string
		start func(*site)
	}{
		{"slapproxy", func(s *site) { s.slapproxy() }},
		{"embedded", func(s *site) { s.embedded() }},
	} {
		t.Run(master.name, func(t *testing.T) {
			t.Parallel() // the agent waits more than it works
			s := newSite(t)
			master.start(s)
			a := newAgent(s, 3)
			a.live(life)
			for _, pattern := range []string{filepath.Join(a.software, "*"), filepath.Join(a.instances, "slappart[01]", "*")} {
				if left, _ := filepath.Glob(pattern); len(left) > 0 {
					t.Errorf("at the end the agent has left %q", left)
				}
			}
		})
	}
}

// A step of a node's life is a command of the stock command line, and what is the
// case after it.
type step struct {
	command string // RELEASE stands for the software release
	code    int    // with which the command exits
	says    string // a part of what the command writes
	silent  string // a text that the command does not write
	node    string // see agent.state; as before when empty
}

// deploying is what the agent writes when it has something to do in a partition.
const deploying = "Processing Computer Partition"

var life = []step{
	{command: "node format", node: "3 free"},
	{command: "supply RELEASE local_computer", node: "3 free; software available"},
	{command: "node software"},
	{command: "node software", silent: "Installing software release"},

	{command: "request vm RELEASE --state started", node: "slappart0 vm started; 2 free; software available"},
	{command: "node instance", code: 1, says: "KeyError: 'path'"}, // of the recipe
	{command: "request vm RELEASE --parameters path=one"},
	{command: "node instance", says: deploying, node: "slappart0 vm started http://127.0.0.1/one serving; 2 free; software available"},
	{command: "service info vm", says: `"url": "http://127.0.0.1/one"`},
	{command: "node instance", silent: deploying}, // to publish is not to change

	{command: "request vm RELEASE --parameters path=two --state stopped", node: "slappart0 vm stopped http://127.0.0.1/one serving; 2 free; software available"},
	{command: "node instance", says: deploying, node: "slappart0 vm stopped http://127.0.0.1/two; 2 free; software available"},

	// An instance asks for another one and carries a shared one.
	{command: "request vm RELEASE --parameters path=three child=disk --state started", node: "slappart0 vm started http://127.0.0.1/two; 2 free; software available"},
	{command: "request user RELEASE --slave --parameters path=user"},
	{command: "node instance", node: "slappart0 vm started http://127.0.0.1/three serving; slappart1 disk of vm started; 1 free; software available"},
	{command: "service info user", says: `"url": "http://127.0.0.1/user"`},
	{command: "node instance", node: "slappart0 vm started http://127.0.0.1/three serving; slappart1 disk of vm started http://127.0.0.1/of-vm serving; 1 free; software available"},
	{command: "request user RELEASE --slave --state destroyed"},
	{command: "node instance", says: deploying + " slappart0"},

	// A tree goes from its leaves: at the first report of the root the Master wants
	// the child destroyed, and the second report frees the child's partition.
	{command: "request vm RELEASE --state destroyed", node: "slappart0 vm destroyed http://127.0.0.1/three serving; slappart1 disk of vm started http://127.0.0.1/of-vm serving; 1 free; software available"},
	{command: "node instance", node: "slappart0 vm destroyed http://127.0.0.1/three; slappart1 disk of vm started http://127.0.0.1/of-vm serving; 1 free; software available"},
	{command: "node report", node: "slappart0 vm destroyed http://127.0.0.1/three; slappart1 disk of vm destroyed http://127.0.0.1/of-vm serving; 1 free; software available"},
	{command: "node report", node: "slappart0 vm destroyed http://127.0.0.1/three; 2 free; software available"},
	{command: "node report", node: "3 free; software available"},

	{command: "remove RELEASE local_computer", node: "3 free; software destroyed"},
	{command: "node software", node: "3 free"},
}

// An agent is the stock node agent of one node, with folders of its own. It
// needs neither root nor a network: partitions have the address 127.0.0.1 and
// belong to the user who runs it.
type agent struct {
	*site
	cfg        string // of the agent and of the stock client
	release    string // file of the software release
	instances  string // folder of the partitions
	software   string // folder of the software
	attributes *syscall.SysProcAttr
}

// newAgent prepares the files of an agent with some partitions and of a software
// release that it can build.
func newAgent(s *site, partitions int) *agent {
	s.t.Helper()
	a := &agent{site: s, instances: filepath.Join(s.dir, "instances"), software: filepath.Join(s.dir, "software")}
	for _, dir := range []string{a.instances, a.software} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			s.t.Fatal(err)
		}
	}
	a.attributes = notRoot(s.t)

	// By itself slapos node format wants an interface with a global IPv6 address
	// ("No IPv6 found on interface lo"). A definition file tells it what there is.
	// The user has to exist.
	definition := "[computer]\naddress = 127.0.0.1/255.255.255.255\n"
	for i := range partitions {
		definition += fmt.Sprintf("[partition_%[1]d]\nuser = root\npathname = slappart%[1]d\naddress = 127.0.0.1/255.255.255.255\nnetwork_interface = lo\n", i)
	}
	a.cfg = s.write("agent.cfg", fmt.Sprintf(`[slapos]
master_url = %[1]s
master_rest_url = %[1]shateoas/
computer_id = %[2]s
instance_root = %[3]s
software_root = %[4]s
buildout = %[5]s
root_check = false
pidfile_software = %[6]s/software.pid
pidfile_instance = %[6]s/instance.pid
pidfile_report = %[6]s/report.pid
[slapformat]
input_definition_file = %[7]s
computer_xml = %[6]s/computer.xml
log_file = %[6]s/format.log
alter_user = false
alter_network = false
create_tap = false
partition_amount = %[8]d
`, s.url, node, a.instances, a.software, a.buildout(), s.dir, s.write("definition.cfg", definition), partitions))

	a.release = s.write("software.cfg", softwareProfile)
	s.t.Cleanup(a.stopSupervisor)
	return a
}

// notRoot are the attributes of a process that is not root where the tests run as
// root, and nil elsewhere. The agent takes the rights of the owner of its folders
// and fails when that is root ("Exception occurred in preexec_fn"); in a user
// namespace the files of root belong to somebody else.
func notRoot(t testing.TB) *syscall.SysProcAttr {
	t.Helper()
	if os.Getuid() != 0 {
		return nil
	}
	attributes := &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 1, HostID: 0, Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 1, HostID: 0, Size: 1}},
	}
	probe := exec.Command("true")
	probe.SysProcAttr = attributes
	if err := probe.Run(); err != nil {
		t.Skipf("the node agent is left out: the tests run as root, and there is no user namespace: %v", err)
	}
	return attributes
}

// stopSupervisor ends the supervisord that slapos node instance starts, and with
// it the services of the partitions.
func (a *agent) stopSupervisor() {
	pid := readPID(filepath.Join(a.instances, "var", "run", "supervisord.pid"))
	runs := func() bool { // and is not another process with the same number
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		return err == nil && strings.Contains(string(line), a.instances)
	}
	if pid == 0 || !runs() {
		return
	}
	syscall.Kill(pid, syscall.SIGTERM)
	for range 300 {
		if !runs() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	a.t.Errorf("supervisord still runs, with process id %d", pid)
	syscall.Kill(pid, syscall.SIGKILL)
}

// readPID is the process id in a file, or 0.
func readPID(path string) int {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return pid
}

// live goes through the steps, up to one that leads elsewhere.
func (a *agent) live(steps []step) {
	a.t.Helper()
	var want string
	for _, s := range steps {
		args := append(strings.Fields(strings.ReplaceAll(s.command, "RELEASE", a.release)), "--cfg", a.cfg)
		var attributes *syscall.SysProcAttr
		if args[0] == "node" {
			attributes = a.attributes
			args = append(args, "--now")
		}
		r := a.runAs(attributes, filepath.Join(a.peer, "bin", "slapos"), args...)
		out := r.stdout + r.stderr
		if r.code != s.code {
			a.t.Fatalf("slapos %s: got exit code %d, want %d\n%s", s.command, r.code, s.code, tail(out))
		}
		if !strings.Contains(out, s.says) || s.silent != "" && strings.Contains(out, s.silent) {
			a.t.Errorf("slapos %s: want %q and not %q in\n%s", s.command, s.says, s.silent, tail(out))
		}
		if s.node != "" {
			want = s.node
		}
		got := a.state()
		for wait := 0; got != want && wait < 50; wait++ { // a service needs a moment
			time.Sleep(100 * time.Millisecond)
			got = a.state()
		}
		if got != want {
			a.t.Fatalf("after slapos %s: got\n%s, want\n%s\n%s", s.command, got, want, tail(out))
		}
	}
}

// state is the node in one line. The Master says which partitions are occupied, by
// which instance, its root, requested state and published URL, how many are free,
// and which software is wanted; the processes say which partitions are serving.
func (a *agent) state() string {
	a.t.Helper()
	orders, err := newClient(a.t, a.url, slap.Legacy).Orders(context.Background(), node)
	if err != nil {
		a.t.Fatal(err)
	}
	var facts []string
	free := 0
	for _, p := range orders.Partitions {
		words := []string{p.Reference}
		if p.Occupied {
			words = append(words, p.Instance)
			if p.Root != p.Instance {
				words = append(words, "of", p.Root)
			}
			words = append(words, p.State)
			if url := p.Connection["url"]; url != "" {
				words = append(words, url)
			}
		}
		if pid := readPID(filepath.Join(a.instances, p.Reference, "service.pid")); pid != 0 && syscall.Kill(pid, 0) == nil {
			words = append(words, "serving")
		}
		if len(words) == 1 {
			free++
			continue
		}
		facts = append(facts, strings.Join(words, " "))
	}
	facts = append(facts, fmt.Sprintf("%d free", free))
	for _, w := range orders.Software {
		if w.SoftwareRelease != a.release {
			a.t.Errorf("the Master has software %q", w.SoftwareRelease)
		}
		facts = append(facts, "software "+w.State)
	}
	return strings.Join(facts, "; ")
}
