package console

import (
	"context"

	"slapstar/engine"
	"slapstar/slap"
)

// A Live carries out at once what the calls of a session ask for.
type Live interface {
	Instances
	Nodes
	Partitions
	Looker

	// Declare makes the Master have a resource. It asks before it changes or
	// destroys what exists. What was read already may be nil.
	Declare(ctx context.Context, r engine.Resource, read *engine.State) error

	// Confirm asks before something else is changed. Its error says that it was
	// not allowed.
	Confirm(ctx context.Context, at engine.Position, change string) error

	// Wait returns when an instance has published the keys of WaitFor; with none
	// of them, when it has published anything or its node reports it as started.
	// A Timeout of 0 is for the Live to choose.
	Wait(ctx context.Context, i *engine.Instance) (slap.Instance, error)
}

// A Looker reads what the Master has under the name of an instance: present, not
// ready, or absent.
type Looker interface {
	Look(ctx context.Context, name string, shared bool) (*engine.State, error)
}

// Instances are what a session asks of a Master about instances, as [slap.Client] has
// it.
type Instances interface {
	Full(ctx context.Context) (bool, error)
	Instance(ctx context.Context, name string) (slap.Instance, error)
	Instances(ctx context.Context) (*slap.InstanceList, error)
	RenameShared(ctx context.Context, guid, name string) error
}

// Nodes are what a session asks of a Master about compute nodes, as [slap.Client] has
// it.
type Nodes interface {
	Nodes(ctx context.Context) ([]slap.Node, error)
	Orders(ctx context.Context, computer string) (*slap.Orders, error)
	NodeStatus(ctx context.Context, computer string) (slap.StatusTexts, error)
	BangNode(ctx context.Context, computer, message string) error
	ReportUsage(ctx context.Context, computer, tioxml string) error
	FormatNode(ctx context.Context, f slap.NodeFormat) error
	MakeNodeCertificate(ctx context.Context, computer string) (slap.Certificate, error)
	RevokeNodeCertificate(ctx context.Context, computer string) error
	CreateNode(ctx context.Context, title, project string) (string, error)
	NodeToken(ctx context.Context) (string, error)

	SoftwareInstallations(ctx context.Context, computer string) ([]slap.SoftwareInstallation, error)
	ReportSoftware(ctx context.Context, computer, release, state string) error
	ReportSoftwareError(ctx context.Context, computer, release, message string) error
}

// Partitions are what a session asks of a Master about partitions of compute nodes, as
// [slap.Client] has it.
type Partitions interface {
	Partition(ctx context.Context, computer, partition string) (*slap.Partition, error)
	PartitionStatus(ctx context.Context, computer, partition string) (slap.StatusTexts, error)
	PartitionCertificate(ctx context.Context, computer, partition string) (slap.Certificate, error)
	TreeAddresses(ctx context.Context, computer, partition string) ([]slap.Address, error)
	RelateInstances(ctx context.Context, computer, partition string, names []string) error
	RequestChild(ctx context.Context, computer, partition string, r slap.InstanceRequest) (slap.Instance, error)
	Publish(ctx context.Context, computer, partition, sharedReference string, p slap.Parameters) error
	ReportInstance(ctx context.Context, computer, partition, state string) error
	ReportInstanceError(ctx context.Context, computer, partition, sharedReference, message string) error
	Bang(ctx context.Context, computer, partition, message string) error
	Rename(ctx context.Context, computer, partition, name string) error
}
