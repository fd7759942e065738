// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"

	"nationtech.io/harmony/fleet/agent/natstest"
)

// errStorm says that a fleet did not come through a storm as it must.
var errStorm = errors.New("not as it must be")

// certified prints how a fleet comes back over a certificate that its server has got since: of the same authority, and then of
// a new one that everybody has pinned beside the old.
func (w *identityWorld) certified(ctx context.Context) error {
	f, least, _, err := w.ahead(ctx, true, 3)
	if err != nil {
		return err
	}
	defer f.close()
	for _, next := range []struct {
		name    string
		certify func() error
	}{{"storm_certificate", w.certify}, {"storm_authority", w.other}} {
		if err := next.certify(); err != nil {
			return err
		}
		s, err := w.over(ctx, f, least)
		if err != nil {
			return err
		}
		s.print(next.name)
	}
	f.close()
	return w.unserve()
}

// other writes a certificate of a new authority, and pins that beside the old one.
func (w *identityWorld) other() (err error) {
	pinned, err := os.ReadFile(w.file("ca.pem"))
	if err != nil {
		return fmt.Errorf("read an authority: %w", err)
	}
	if w.authority, err = natstest.NewAuthority(w.file("other.pem")); err != nil {
		return err
	}
	more, err := os.ReadFile(w.file("other.pem"))
	if err != nil {
		return fmt.Errorf("read an authority: %w", err)
	}
	if err := os.WriteFile(w.file("ca.pem"), append(pinned, more...), 0o600); err != nil {
		return fmt.Errorf("pin an authority: %w", err)
	}
	return w.certify()
}

// over reloads the server, which cuts nobody, and kills it: all come back over the new certificate.
func (w *identityWorld) over(ctx context.Context, f *fleetOfTokens, least time.Duration) (s storm, err error) {
	reload, err := w.again(ctx, f, least)
	if err != nil {
		return s, err
	}
	if s, err = w.kill(ctx, f, least); err != nil {
		return s, err
	}
	s.cut += reload.cut
	text, err := os.ReadFile(w.file("server.pem"))
	if err != nil {
		return s, fmt.Errorf("read a certificate: %w", err)
	}
	block, _ := pem.Decode(text)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return s, fmt.Errorf("read a certificate: %w", err)
	}
	if n := f.shown(certificate); n < s.devices {
		return s, fmt.Errorf("%d of %d devices have met the new certificate: %w", n, s.devices, errStorm)
	}
	return s, nil
}
