// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"io"
	"net/http"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/registry"
)

// rotateKey hears a machine that changes its key: what it signs with the one that it has names the new one.
func (i *Issuer) rotateKey(w http.ResponseWriter, r *http.Request) {
	pause := i.pause(w, r)
	machine, key, err := i.rotated(r)
	if err != nil && pause > 0 {
		i.impatient(w, r, "rotate key", pause)
		return
	}
	if err != nil {
		i.unwelcome(w, r, "rotate key", machine, err)
		return
	}
	i.audit("rotate key", machine, address(r), key+" was added")
	w.WriteHeader(http.StatusOK)
}

func (i *Issuer) rotated(r *http.Request) (machine, key string, err error) {
	data, err := io.ReadAll(io.LimitReader(r.Body, contract.MaxJoin+1))
	if err != nil {
		return "", "", diag.New(diag.EnrolmentRefused, "body").Because(err)
	}
	asked, err := contract.DecodeRotateRequest(data)
	if err != nil {
		return "", "", err
	}
	added, err := registry.ParseKey([]byte(asked.Key))
	if err != nil {
		return "", "", err
	}
	s, err := i.shown(r.Context(), asked.Assertion, i.config.URL+contract.RotatePath)
	if err != nil {
		return s.machine, "", err
	}
	if s.speaks != added.ID {
		return s.machine, "", diag.New(diag.EnrolmentRefused, s.machine).Saw("the assertion speaks of another key")
	}
	_, err = i.registry.Rotate(s.machine, s.key.ID, added)
	return s.machine, added.ID, err
}
