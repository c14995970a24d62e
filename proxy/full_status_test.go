package proxy

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// News have a text, its colour and when it was reported, and are gone after a restart.
func TestFullNews(t *testing.T) {
	c := newClock()
	s := newFull(t, Options{Now: c.Now})
	s.format(t, "local_computer", "slappart0")
	s.supplied(t, "local_computer", kvm)
	i := s.running(t, vm("a"))
	news := func(want ...string) {
		t.Helper()
		code, answer := s.as(t, "", "GET", hateoasBase+hateoasScript+"?mode=search&select_list=SoftwareInstance_getNewsDict&query="+url.QueryEscape(membersOf), "", "")
		for _, text := range want {
			if code != 200 || !strings.Contains(answer, text) {
				t.Errorf("got %d %s, want %s", code, answer, text)
			}
		}
	}
	news(`"text":"#error no data found for SOFTINST-1"`, `"no_data":1`)
	if err := s.ReportInstance(context.Background(), i.Computer, i.Partition, "started"); err != nil {
		t.Fatal(err)
	}
	reported := c.Now().UTC().Format(http.TimeFormat)
	c.advance(6 * time.Minute)
	news(`"text":"#access Instance correctly started"`, `"colour":"green"`, `"created_at":"`+reported+`"`, `"no_data_since_5_minutes":1`, `"no_data_since_15_minutes":0`)
	if err := s.Bang(context.Background(), i.Computer, i.Partition, "why"); err != nil {
		t.Fatal(err)
	}
	news(`"text":"#error bang called: why"`, `"colour":"red"`)
	said(t, "stop", 200, "")(s.want(t, "", "a", "state", encoded(t, "stopped")))
	news(`"text":"#nodata is an stopped SOFTINST-1"`, `"is_stopped":1`)
	said(t, "start", 200, "")(s.want(t, "", "a"))
	if err := s.update(context.Background(), s.forgetReports); err != nil { // as a start does
		t.Fatal(err)
	}
	news(`"text":"#error no data found for SOFTINST-1"`)
}
