// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"crypto/tls"
	"fmt"
	"os"
	"sync"
	"time"
)

// Certificate is a certificate with its key in two PEM files. It is read anew when the file of the certificate has
// changed, so that it can be renewed while the issuer runs.
type Certificate struct{ CertFile, KeyFile string }

// certificate keeps what was read.
type certificate struct {
	from    Certificate
	mu      sync.Mutex
	changed time.Time
	held    *tls.Certificate
}

// get reads the files if they have changed. One that cannot be read does not take away the one that is held.
func (c *certificate) get() (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(c.from.CertFile)
	if err == nil && (c.held == nil || !info.ModTime().Equal(c.changed)) {
		var read tls.Certificate
		if read, err = tls.LoadX509KeyPair(c.from.CertFile, c.from.KeyFile); err == nil {
			c.held, c.changed = &read, info.ModTime()
		}
	}
	if c.held == nil {
		return nil, fmt.Errorf("read the certificate: %w", err)
	}
	return c.held, nil
}

// config is for a server, nil when there is no certificate.
func (c Certificate) config() (*tls.Config, error) {
	if c == (Certificate{}) {
		return nil, nil //nolint:nilnil // no TLS was asked for
	}
	held := &certificate{from: c}
	if _, err := held.get(); err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return held.get() },
	}, nil
}
