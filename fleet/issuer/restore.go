// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/issuer/registry"
)

// errRestored ends a service, to be started anew with what was restored.
var errRestored = errors.New("a backup was restored")

// restore takes a backup, which a service that is started anew has as its registry.
func (i *Issuer) restore(w http.ResponseWriter, r *http.Request) {
	backup, err := wholeBackup(w, r)
	if err == nil {
		err = i.registry.Replace(backup)
	}
	i.done(w, r, "restore", err, struct{}{})
	if err != nil {
		return
	}
	select {
	case i.restored <- struct{}{}:
	default: // it ends already
	}
}

// wholeBackup reads a body of which it is said how long it is.
func wholeBackup(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	refused := diag.New(diag.RestoreRefused, "backup")
	if r.ContentLength <= 0 || r.ContentLength > registry.MaxBackup {
		return nil, refused.Saw(fmt.Sprintf("it has %d bytes, and must have between 1 and %d", r.ContentLength, registry.MaxBackup))
	}
	if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(writeLimit)); err != nil {
		return nil, refused.Because(err)
	}
	backup := make([]byte, r.ContentLength)
	if _, err := io.ReadFull(r.Body, backup); err != nil {
		return nil, refused.Because(err)
	}
	return backup, nil
}
