package run

import (
	"cmp"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"slapstar/cmd/slapstar/internal/diagnosis"
	"slapstar/slap"
)

// certificateFacts describes the certificate of the client; nil if it has none.
func certificateFacts(o slap.Options, now time.Time) *diagnosis.Certificate {
	if o.CertFile == "" && o.KeyFile == "" {
		return nil
	}
	c := &diagnosis.Certificate{File: o.CertFile, KeyFile: o.KeyFile}
	if o.CertFile == "" || o.KeyFile == "" {
		c.Error = "cert_file and key_file go together: one of them is missing"
		return c
	}
	if info, err := os.Stat(o.KeyFile); err != nil {
		c.Error = err.Error()
	} else {
		c.KeyMode = fmt.Sprintf("%04o", info.Mode().Perm())
	}
	certificate, err := readCertificate(o.CertFile)
	if err != nil {
		c.Error = err.Error()
		return c
	}
	c.Subject, c.Ends = certificate.Subject.String(), certificate.NotAfter.UTC()
	c.DaysLeft = int(c.Ends.Sub(now).Hours() / 24)
	if c.Error == "" {
		if _, err := slap.NewTransport(slap.Options{CertFile: o.CertFile, KeyFile: o.KeyFile}); err != nil {
			c.Error = "the certificate and its key do not go together, or one of them cannot be read"
		}
	}
	return c
}

// oddityKinds are the names that a report has of them.
var oddityKinds = map[slap.OddityKind]string{
	slap.OddColumn: "column", slap.OddText: "text", slap.OddName: "name", slap.OddDuplicate: "duplicate",
	slap.OddNoInstance: "no-instance", slap.OddOwner: "owner", slap.OddOwners: "owners", slap.OddReports: "reports",
}

// oddities counts oddities by kind and column.
func (d Doctor) oddities(list []slap.Oddity) []diagnosis.Oddity {
	type key struct {
		kind   slap.OddityKind
		column string
	}
	counts := map[key]*diagnosis.Oddity{}
	for _, o := range list {
		k := key{kind: o.Kind}
		if o.Kind == slap.OddColumn {
			k.column = o.Detail
		}
		if counts[k] == nil {
			counts[k] = &diagnosis.Oddity{Kind: oddityKinds[o.Kind], Column: k.column}
		}
		counts[k].Count++
		counts[k].All = o.Kind == slap.OddColumn && o.Name == ""
		if d.Names && o.Name != "" {
			counts[k].Names = append(counts[k].Names, o.Name)
		}
	}
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b key) int { return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.column, b.column)) })
	var result []diagnosis.Oddity
	for _, k := range keys {
		slices.Sort(counts[k].Names)
		result = append(result, *counts[k])
	}
	return result
}

func sorted(counts map[string]int) []string { return slices.Sorted(maps.Keys(counts)) }
