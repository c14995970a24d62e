package proxy

import "slices"

// A deviation is what the embedded Master answers, on purpose, otherwise than
// the slapproxy of a recording did.
type deviation struct {
	scenario  string
	exchanges []int  // by their place in the file
	status    int    // what is answered instead
	answer    string // and a part of it
	reason    string
}

// deviations are all there are. The package comment has them in short.
var deviations = []deviation{
	{"client-startup", []int{0, 1}, 200, "http://127.0.0.1:5000/hateoas/",
		"getHateoasUrl answers, so that listings work without master_rest_url"},
	{"client-startup", []int{2}, 200, "<title>slapstar proxy</title>",
		"the page that shows what there is is at / itself"},

	{"state", []int{12}, 404, "There is no instance to destroy: never",
		"destroying an unknown name allocates nothing"},
	{"state", []int{13}, 403, "No instance tree never found.",
		"destroying an unknown name allocates nothing"},
	{"jsonrpc-instances", []int{27}, 403, "There is no instance to destroy: never",
		"destroying an unknown name allocates nothing"},
	{"jsonrpc-instances", []int{28}, 200, `"compute_partition_id":"slappart0"`,
		"the partition is free, because destroying an unknown name allocated nothing before"},
	{"shared-oddities", []int{14}, 403, "There is no instance to destroy: sh9",
		"destroying an unknown name allocates nothing"},

	{"state", []int{14}, 400, `field state: got "paused", want started, stopped or destroyed`,
		"a state that no node understands is refused, not stored"},
	{"state", []int{15}, 403, "No instance tree vm2 found.",
		"the instance with the state that no interface could describe was refused before"},
	{"supply", []int{15}, 400, `field state: got "broken", want available or destroyed`,
		"a state that no node understands is refused"},

	{"shared", []int{18}, 200, `{"result_list":[{"title":"host"},{"title":"sh2"}]}`,
		"a shared record does not haunt after its end: it is not listed"},
	{"shared", []int{19}, 403, "No instance tree sh1 found.",
		"a shared record does not haunt after its end: it is not found, where slapproxy fails"},
	{"shared", []int{23}, 200, `<string>_connection_dict</string><dictionary id="i4"/>`,
		"a shared record does not haunt after its end: a new one has no old connection parameters"},
	{"shared-oddities", []int{13}, 200, `"state":"destroyed"`,
		"what has ended is said to be destroyed, not started"},
	{"shared-oddities", []int{15}, 200, `{"result_list":[{"title":"host"},{"title":"same"},{"title":"same"}]}`,
		"a shared record does not haunt after its end: it is not listed"},
	{"jsonrpc-instances", []int{25}, 200, `{"result_list":[]}`,
		"a shared record does not haunt after the end of its host, which carried it"},
	{"shared-move", []int{4}, 200, "<string>slap_computer_partition_id</string><string>slappart1</string>",
		"a shared instance asked for with another release moves to a host of that release"},
	{"shared-move", []int{5}, 200, `<string>slave_instance_list</string><list id="i11"/>`,
		"a shared instance has one host: the one before does not serve an old copy of it"},
	{"shared-move", []int{6}, 200, `"parameters":{"a":"2"}`,
		"a shared instance is read from the host that it is on"},

	{"rename-jsonrpc", []int{4}, 403, "No software instance child___vm1___0 found.",
		"a rename over JSON-RPC, too, renames the root in its children, so the old identifier is unknown"},
	{"rename-jsonrpc", []int{5}, 200, "<string>slap_computer_partition_id</string><string>slappart1</string>",
		"a rename over JSON-RPC, too, renames the root in its children, so the child is found again and no second one made"},
	{"rename", []int{8}, 400, "There is an instance vm1 already.",
		"a rename does not make two trees of one name, of which neither could be read"},
	{"rename", []int{9}, 200, `"compute_partition_id":"slappart2"`,
		"there is one tree of this name, because the rename to it was refused"},

	{"shared-selection", []int{2, 4}, 200, `<list id="i6"><tuple><string>slaptap0</string><string>10.0.0.1</string></tuple><tuple><string>slaptap0</string><string>2001:db8::2</string></tuple></list>`,
		"a partition has its own addresses, not also those of its namesakes on other nodes"},
	{"shared-selection", []int{3}, 200, `<list id="i6"><tuple><string>slaptap1</string><string>10.0.0.2</string></tuple><tuple><string>slaptap1</string><string>2001:db8::3</string></tuple></list>`,
		"a partition has its own addresses, not also those of its namesakes on other nodes"},
	{"tree-of-instances", []int{11}, 200, `"my_slap_state":{"default":"started"`,
		"the document of a root is that of the root, not of a sub-instance of the same name"},
	{"hateoas-raw", []int{5, 6, 7}, 200, "/hateoas/partitions/a%20b%2Fc%3Fd",
		"a slash in a title is escaped in its URL, so that the document can be read"},
	{"hateoas-raw", []int{10}, 200, `"my_reference":{"default":"a b/c?d"`,
		"the document of a title with a slash can be read"},
	{"shared-frontend-shortcut", []int{2}, 200, "https://[2001:db8::1]:4443/x?q=1",
		"there is no /http_proxy here, so a made-up frontend is the address itself also over https"},

	{"node-agent-default-node", []int{1}, 404, "COMP-unknown is not registered.",
		"an unknown node is not an internal error; 404 is what the full Master says"},
	{"node-agent", []int{27}, 404, "Unknown partition 'nothere' on 'local_computer'",
		"an unknown partition is not an internal error; 404 is what the full Master says"},
	{"node-agent", []int{28}, 404, "COMP-unknown is not registered.",
		"an unknown node is not an internal error; 404 is what the full Master says"},
	{"request-fields", []int{5}, 400, "missing field: partition_parameter_xml",
		"a request without a field is the mistake of the client, and said to be"},
	{"request-fields", []int{6}, 400, "missing field: filter_xml",
		"a request without a field is the mistake of the client, and said to be"},
	{"request-fields", []int{8}, 400, "missing field: shared_xml",
		"a request without a field is the mistake of the client, and said to be"},
	{"request-fields", []int{9, 14}, 400, "field partition_parameter_xml:",
		"a field that cannot be read is the mistake of the client, and said to be"},
	{"request-fields", []int{10, 11}, 400, "field state:",
		"a field that cannot be read is the mistake of the client, and said to be"},
	{"request-fields", []int{12}, 400, "field filter_xml:",
		"a field that cannot be read is the mistake of the client, and said to be"},
	{"node-format-legacy", []int{7}, 400, "field xml: partition p0 has addresses and no tap",
		"a field that cannot be read is the mistake of the client, and said to be"},
	{"node-format-legacy", []int{8}, 400, "field xml: want reference, address, netmask and partition_list",
		"a field that cannot be read is the mistake of the client, and said to be"},
	{"node-format-jsonrpc", []int{3, 4}, 200, "Formatted",
		"what the schema of the call allows works: addresses, netmask and interface may be absent"},
}

func findDeviation(scenario string, exchange int) *deviation {
	for i, d := range deviations {
		if d.scenario == scenario && slices.Contains(d.exchanges, exchange) {
			return &deviations[i]
		}
	}
	return nil
}
