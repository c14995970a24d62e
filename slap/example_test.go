package slap_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"slapstar/slap"
)

// master answers two calls of the legacy interface, as a slapproxy without a free
// partition does.
func master(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	switch r.URL.Path {
	case "/getSoftwareReleaseListFromSoftwareProduct":
		io.WriteString(w, `<marshal><list id="i2"><string>https://lab.example/kvm/software.cfg</string></list></marshal>`)
	case "/requestComputerPartition":
		w.WriteHeader(http.StatusNotFound)
		io.WriteString(w, "<html><p>No free computer partition found for: vm</p></html>")
	}
}

// An instance is asked for with the release of a product. The error says why the Master
// does not make it.
func Example() {
	s := httptest.NewServer(http.HandlerFunc(master))
	defer s.Close()
	client, err := slap.NewClient(slap.Options{MasterURL: s.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	releases, err := client.Product(ctx, "kvm")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(releases[0])
	_, err = client.RequestInstance(ctx, slap.InstanceRequest{
		Name:            "vm",
		SoftwareRelease: releases[0],
		SoftwareType:    slap.DefaultType,
		State:           slap.Started,
		Parameters:      slap.Parameters{"ram-size": "4096"},
	})
	fmt.Println(errors.Is(err, slap.ErrNoPartition))
	if status, ok := errors.AsType[*slap.StatusError](err); ok {
		fmt.Println(status.Code, status.Value)
	}
	// Output:
	// https://lab.example/kvm/software.cfg
	// true
	// 404 No free computer partition found for: vm
}
