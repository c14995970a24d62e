package slap

import (
	"context"
	"net/http"
	"net/url"
)

// A Certificate is a TLS certificate and its key, both PEM. A slapproxy answers
// empty ones.
type Certificate struct {
	Certificate string
	Key         string
}

// PartitionCertificate fetches the certificate of the instance in a partition.
func (c *Client) PartitionCertificate(ctx context.Context, computer, partition string) (Certificate, error) {
	const endpoint = "getComputerPartitionCertificate"
	answer, _, err := c.do(ctx, http.MethodGet, c.endpoint(endpoint)+"?"+partitionFields(computer, partition).Encode(), "", "")
	if err != nil {
		return Certificate{}, err
	}
	return c.certificate(endpoint, answer)
}

// MakeNodeCertificate has a certificate made for a compute node. The full
// Master alone does.
func (c *Client) MakeNodeCertificate(ctx context.Context, computer string) (Certificate, error) {
	const endpoint = "generateComputerCertificate"
	answer, err := c.post(ctx, endpoint, url.Values{"computer_id": {computer}})
	if err != nil {
		return Certificate{}, unsupported(err)
	}
	return c.certificate(endpoint, answer)
}

// RevokeNodeCertificate ends the certificate of a compute node. The full Master
// alone does.
func (c *Client) RevokeNodeCertificate(ctx context.Context, computer string) error {
	return unsupported(c.report(ctx, "revokeComputerCertificate", url.Values{"computer_id": {computer}}))
}

func (c *Client) certificate(endpoint string, answer []byte) (Certificate, error) {
	dict, err := decodeMarshal[map[string]any](c, endpoint, answer)
	if err != nil {
		// What the answer holds is not for a message.
		return Certificate{}, &ContentError{URL: c.endpoint(endpoint), Want: "a certificate and a key", Message: "something else"}
	}
	return Certificate{Certificate: str(dict["certificate"]), Key: str(dict["key"])}, nil
}
