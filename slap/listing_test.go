package slap

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
)

// listing is the bulk listing of an account with n instances, as a slapproxy
// answers it: 1.2 kB an instance.
func listing(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"_embedded":{"contents":[`)
	for i := range n {
		parameters := Parameters{"database-url": fmt.Sprintf("mysql://[2001:db8::%x]:3306/shop?a=1&b=2", i), "title": fmt.Sprintf("Instance %d", i), "text": strings.Repeat("x", 300)}
		connection := Parameters{"url": fmt.Sprintf("https://[2001:db8::%x]:8443/", i), "ipv6": fmt.Sprintf("2001:db8::%x", i)}
		row, err := json.Marshal(map[string]any{
			"title": fmt.Sprintf("instance-%d", i), "url_string": "https://lab.nexedi.com/nexedi/slapos/raw/1.0.48/software/kvm/software.cfg",
			"relative_url": fmt.Sprintf("/hateoas/partitions/instance-%d", i), "partition_reference": fmt.Sprintf("instance-%d", i),
			"reference": fmt.Sprintf("slappart%d", i), "computer_reference": "local_computer", "slap_state": "busy",
			"software_release": "https://lab.nexedi.com/nexedi/slapos/raw/1.0.48/software/kvm/software.cfg", "software_type": "default",
			"xml": parameters.XML(), "connection_xml": connection.XML(), "requested_state": "started", "requested_by": "", "slave_instance_list": nil, "timestamp": 1795430553.25 + float64(i),
		})
		if err != nil {
			panic(err)
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(row)
	}
	b.WriteString(`]}}`)
	return []byte(b.String())
}

// BenchmarkListing reads the bulk listing of 10 000 instances as it arrives, and with
// encoding/json into minimal structs for comparison. The ratio of the two
// counts, in one run.
func BenchmarkListing(b *testing.B) {
	body := listing(10_000)
	b.Run("instances", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			rows, err := decodeRows[searchRow](bytes.NewReader(body), 1_000_000, "_embedded", "contents")
			if err != nil {
				b.Fatal(err)
			}
			list, err := listRows(rows)
			if err != nil || len(list.Instances) != 10_000 {
				b.Fatalf("%d instances, %v", len(list.Instances), err)
			}
		}
	})
	b.Run("json", func(b *testing.B) {
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			var answer struct {
				Embedded struct {
					Contents []struct {
						Title          string
						XML            string
						ConnectionXML  string `json:"connection_xml"`
						RequestedState string `json:"requested_state"`
						URLString      string `json:"url_string"`
						SoftwareType   string `json:"software_type"`
					}
				} `json:"_embedded"`
			}
			read, err := io.ReadAll(bytes.NewReader(body))
			if err != nil {
				b.Fatal(err)
			}
			if err := json.Unmarshal(read, &answer); err != nil || len(answer.Embedded.Contents) != 10_000 {
				b.Fatal(err)
			}
		}
	})
}
