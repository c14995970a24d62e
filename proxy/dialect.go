package proxy

import (
	"net/http"

	"slapstar/proxy/internal/store"
	"slapstar/slap/marshal"
)

// A dialect is what the two kinds of Master make of calls that both have, where
// only a part of the answer differs. Calls that differ altogether have handlers
// of their own, see fullLegacyHandlers and fullRPCHandlers.
type dialect struct {
	// request makes what is asked for so. No instance is the answer "not ready".
	request func(*store.Tx, *request) (*instance, error)

	requestAnswer   func(q store.Reader, i *instance, wanted string) (*marshal.Object, error)
	partitionAnswer func(computer string, p *partition, i *instance, shared []instance) (*marshal.Object, error)
	requestDocument func(*instance) (*instanceDocument, error)
	readDocument    func(*instance) (*instanceDocument, error)

	findGUID   func(q store.Reader, guid string) (*instance, error)
	findShared func(q store.Reader, computer, partition, reference string) (*instance, error)
	ended      func(*store.Tx, *instance) (children []string, err error) // as a node reports it

	problem func(http.ResponseWriter, error) // the answer of the JSON-RPC interface to an error
}

// speaks chooses the dialect of a Master.
func (s *Server) speaks() dialect {
	if s.full() {
		return dialect{
			request:         s.requestFull,
			requestAnswer:   fullRequestAnswer,
			partitionAnswer: fullPartitionAnswer,
			requestDocument: fullDocument,
			readDocument:    fullDocument,
			findGUID:        findReference,
			findShared:      findSharedReference,
			ended:           s.endedFull,
			problem:         s.fullProblem,
		}
	}
	return dialect{
		request:         s.request,
		requestAnswer:   requestAnswer,
		partitionAnswer: partitionAnswer,
		requestDocument: requestDocument,
		readDocument:    readDocument,
		findGUID:        findGUID,
		findShared:      findShared,
		ended:           s.destroyed,
		problem:         s.problem,
	}
}

func (s *Server) full() bool { return s.options.Profile == Full }
