package proxy_test

import (
	"context"
	"fmt"
	"log"

	"slapstar/proxy"
	"slapstar/slap"
)

// A Master in memory, with a simulated node, that only this program can reach.
func Example() {
	server, err := proxy.Open(proxy.Options{Computer: "local_computer", Simulator: proxy.DefaultSimulator{}})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	transport, closeServing := server.Transport()
	defer closeServing()
	client, err := slap.NewClient(slap.Options{MasterURL: "http://embedded", Transport: transport})
	if err != nil {
		log.Fatal(err)
	}
	instance, err := client.RequestInstance(context.Background(), slap.InstanceRequest{
		Name:            "database",
		SoftwareRelease: "https://lab.example/software.cfg",
		Parameters:      slap.Parameters{"port": "5432"},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(instance.Computer, instance.Partition, instance.Parameters["port"])
	// Output: local_computer slappart0 5432
}
