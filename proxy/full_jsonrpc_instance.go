package proxy

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"slapstar/proxy/internal/store"
	"slapstar/slap"
)

// fullDocument describes an instance with all that is known of it.
func fullDocument(i *instance) (*instanceDocument, error) {
	doc, err := newDocument(i)
	if err != nil {
		return nil, err
	}
	doc.InstanceGUID = i.reference()
	if i.computer == "" {
		doc.RootInstanceTitle = ""
	}
	doc.SLAParameters, err = i.slaValues()
	doc.ProcessingTimestamp = i.micros()
	doc.AccessStatusMessage = i.statusText()
	return doc, err
}

func (s *Server) fullTreeList(*http.Request, struct{}) (any, error) {
	list, err := findInstances(s.db, treeHeads)
	slices.SortFunc(list, func(a, b instance) int { return cmp.Compare(a.rootTitle(), b.rootTitle()) })
	return resultList(list, err, func(i instance) (object, error) { return object{"title": i.rootTitle()}, nil })
}

// fullInstanceTree is not ready while a tree has no root instance: it is being
// made, or has another title.
func (s *Server) fullInstanceTree(_ *http.Request, in titleParams) (any, error) {
	i, err := treeHead(s.db, in.Title)
	switch {
	case err != nil:
		return nil, err
	case i == nil:
		return nil, &rpcError{"INSTANCE-TREE-NOT-FOUND", &notFoundError{fmt.Sprintf("No instance tree %s found.", in.Title)}}
	case i.root != "", s.beingCreated(i):
		return notReadyDocument(), nil
	}
	return fullDocument(i)
}

func (s *Server) fullComputePartition(_ *http.Request, in partitionParams) (any, error) {
	p, err := findPartition(s.db, in.ComputerGUID, in.ComputePartitionID)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return nil, unknownPartition(in.ComputerGUID, in.ComputePartitionID)
	}
	answer, err := s.rpcPartition(nil, in)
	if _, free := errors.AsType[*notFoundError](err); free {
		err = &rpcError{"SOFTWARE-INSTANCE-NOT-FOUND", err}
	}
	return answer, err
}

func (s *Server) fullSharedInstances(_ *http.Request, in guidParams) (any, error) {
	host, err := findReference(s.db, in.InstanceGUID)
	if unknown, ok := errors.AsType[*rpcError](err); ok {
		unknown.kind = "HOST-INSTANCE-NOT-FOUND"
	}
	if err != nil {
		return nil, err
	}
	list, err := findInstances(s.db, "computer = ? AND partition = ? AND shared", host.computer, host.partition)
	return resultList(list, err, func(i instance) (object, error) {
		parameters, _, err := i.dictionaries()
		return object{
			"title":                i.title,
			"instance_guid":        i.reference(),
			"software_type":        i.kind,
			"state":                i.state,
			"parameters":           parameters,
			"compute_partition_id": i.partition,
		}, err
	})
}

// changeReference does something to an instance that there has to be.
func (s *Server) changeReference(r *http.Request, guid string, f func(*store.Tx, *instance) error) error {
	return s.update(r.Context(), func(tx *store.Tx) error {
		i, err := findReference(tx, guid)
		if err != nil {
			return err
		}
		return f(tx, i)
	})
}

func (s *Server) fullPublish(r *http.Request, in connectionParams) (any, error) {
	title := "connection parameter not modified as identical"
	err := s.changeReference(r, in.InstanceGUID, func(tx *store.Tx, i *instance) error {
		p := jsonTexts(in.Connection)
		if i.connection.Valid && i.connection.String == p.XML() {
			return nil
		}
		title = "connection parameter updated"
		return publish(tx, i, p)
	})
	return success(title), err
}

func (s *Server) fullInstanceReport(r *http.Request, in instanceReportParams) (any, error) {
	return success("State reported"), s.changeReference(r, in.InstanceGUID, func(tx *store.Tx, i *instance) error {
		if in.ReportedState != slap.Destroyed {
			return reportStatus(tx, i, accessStatus[in.ReportedState])
		}
		_, err := s.endedFull(tx, i)
		return err
	})
}

func (s *Server) fullBang(r *http.Request, in guidParams) (any, error) {
	return success("Bang handled"), s.changeReference(r, in.InstanceGUID, s.bang)
}

func (s *Server) fullRenameTitle(r *http.Request, in renameParams) (any, error) {
	return success("Title updated"), s.changeReference(r, in.InstanceGUID, func(tx *store.Tx, i *instance) error {
		return renameFull(tx, i, in.Title)
	})
}

type errorParams struct {
	InstanceGUID       string `json:"instance_guid"`
	ComputerGUID       string `json:"computer_guid"`
	SoftwareReleaseURI string `json:"software_release_uri"`
	Message            string
}

func (s *Server) fullErrorReport(r *http.Request, in errorParams) (any, error) {
	return success("Error reported"), s.changeReference(r, in.InstanceGUID, func(tx *store.Tx, i *instance) error {
		return reportStatus(tx, i, errorStatus(in.Message))
	})
}
