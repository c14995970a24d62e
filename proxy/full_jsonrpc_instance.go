package proxy

import (
	"errors"
	"fmt"
	"net/http"

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
	doc.AccessStatusMessage = statusText(i)
	return doc, err
}

// fullTreeList lists the trees of who asks, and of nobody else.
func (s *Server) fullTreeList(r *http.Request, _ struct{}) (any, error) {
	listed, args := s.listedSQL()
	list, err := findTrees(s.db, "owner = ? AND "+listed+" ORDER BY title, id", append([]any{whoAsks(r).person}, args...)...)
	return resultList(list, err, func(t tree) (object, error) { return object{"title": t.title}, nil })
}

// fullInstanceTree is not ready while a tree has no root instance: it is being
// made, or has another title.
func (s *Server) fullInstanceTree(r *http.Request, in titleParams) (any, error) {
	t, err := s.findListed(s.db, "owner = ? AND title = ?", whoAsks(r).person, in.Title)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, &rpcError{"INSTANCE-TREE-NOT-FOUND", &notFoundError{fmt.Sprintf("No instance tree %s found.", in.Title)}}
	}
	root, err := t.root(s.db)
	if err != nil {
		return nil, err
	}
	if root == nil || !s.indexed(root.created) {
		return notReadyDocument(), nil
	}
	return fullDocument(root)
}

// fullInstance answers what who asks may view, once the catalogue knows it. A node may
// view all that it could be about.
func (s *Server) fullInstance(r *http.Request, in guidParams) (any, error) {
	i, err := findReference(s.db, in.InstanceGUID)
	if err != nil {
		return nil, err
	}
	visible, l := s.indexed(i.created), whoAsks(r)
	if visible && !l.node {
		viewed, args := s.viewer(l).mayView()
		t, err := findTree(s.db, "id = ? AND "+viewed, append([]any{i.tree}, args...)...)
		if err != nil {
			return nil, err
		}
		visible = t != nil
	}
	if !visible {
		return nil, unknownReference(in.InstanceGUID)
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
	listed, args := s.indexedSQL("created")
	list, err := findInstances(s.db, "computer = ? AND partition = ? AND shared AND "+listed, append([]any{host.computer, host.partition}, args...)...)
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
			return s.reportStatus(tx, i, accessStatus[in.ReportedState])
		}
		_, err := s.endedFull(tx, i)
		return err
	})
}

type bangParams struct {
	InstanceGUID string `json:"instance_guid"`
	Message      string
}

func (s *Server) fullBang(r *http.Request, in bangParams) (any, error) {
	return success("Bang handled"), s.changeReference(r, in.InstanceGUID, func(tx *store.Tx, i *instance) error {
		return s.bangFull(tx, i, in.Message)
	})
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
		return s.reportStatus(tx, i, errorStatus(in.Message))
	})
}
