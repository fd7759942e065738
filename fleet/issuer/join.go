// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/registry"
)

// unwelcome is what a device that has no key yet is told when it is refused, in the words of OAuth.
type unwelcome struct {
	Error string `json:"error"`
	Why   string `json:"error_description,omitempty"`
}

// join hears a device that wants to join. It asks until it was answered, so that what it hears is told every time.
func (i *Issuer) join(w http.ResponseWriter, r *http.Request) {
	pause := i.pause(w, r)
	j, err := i.joined(r, pause > 0)
	if err != nil && pause > 0 {
		i.impatient(w, r, "join", pause)
		return
	}
	if err != nil {
		i.unwelcome(w, r, "join", j.Device, err)
		return
	}
	device, err := contract.ParseDeviceID(j.Device)
	if err != nil {
		i.unwelcome(w, r, "join", j.Device, err)
		return
	}
	answer := contract.JoinAnswer{Device: device, Standing: j.Standing}
	if j.Standing == contract.JoinApproved {
		answer.Plane, answer.Access = i.config.Plane, j.Access
	}
	i.say(w, answer.Encode)
}

// joined finds out what becomes of a device's question, or only of one that was asked before. It names the device with an error too.
func (i *Issuer) joined(r *http.Request, before bool) (registry.Join, error) {
	data, err := io.ReadAll(io.LimitReader(r.Body, contract.MaxJoin+1))
	if err != nil {
		return registry.Join{}, diag.New(diag.JoinRefused).Because(err)
	}
	asked, err := contract.DecodeJoinRequest(data)
	if err != nil {
		return registry.Join{}, diag.New(diag.JoinRefused).Because(err)
	}
	key, err := registry.ParseKey([]byte(asked.Key))
	if err != nil {
		return registry.Join{}, err
	}
	said, err := op.VerifyJWTAssertion(r.Context(), asked.Assertion, verifier(ownKey{key}, i.config.URL+contract.JoinPath))
	if err != nil {
		return registry.Join{}, refusal(err)
	}
	// Saying it again changes nothing, so it may be said again: unlike an assertion for a token it is not remembered.
	j := registry.Join{Device: said.Issuer}
	if speaks, _ := said.GetCustomClaim(assertion.ClaimKey).(string); speaks != key.ID {
		return j, diag.New(diag.JoinRefused).Saw("the assertion speaks of another key")
	}
	if _, err := contract.ParseDeviceID(said.Issuer); err != nil {
		return j, diag.New(diag.JoinRefused).Because(err)
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	q := registry.Question{Device: said.Issuer, Key: key, Token: token, Facts: asked.Facts, From: address(r), Before: before}
	became, first, err := i.registry.Ask(q, time.Now())
	if err != nil {
		return j, err
	}
	if first {
		i.audit("join", became.Device, address(r), string(became.Standing)+" with key "+key.ID)
	}
	return became, nil
}

// ownKey is the key that a device shows, which is not known yet.
type ownKey struct{ key registry.Key }

// GetKeyByIDAndClientID gives it to whoever calls it by its name.
func (o ownKey) GetKeyByIDAndClientID(_ context.Context, id, _ string) (*jose.JSONWebKey, error) {
	public, err := o.key.Public()
	if err == nil && id != o.key.ID {
		err = errUnknown
	}
	if err != nil {
		return nil, err
	}
	return &jose.JSONWebKey{KeyID: id, Use: "sig", Key: public}, nil
}

// pause is how long an address must wait that has failed too often. Whoever shows a key that is known does not wait for others
// there: devices may share an address, with whoever guesses too.
func (i *Issuer) pause(w http.ResponseWriter, r *http.Request) time.Duration {
	w.Header().Set("Cache-Control", "no-store")
	return i.limiter.pause("joins "+network(address(r)), time.Now())
}

// impatient refuses whoever must wait.
func (i *Issuer) impatient(w http.ResponseWriter, r *http.Request, what string, pause time.Duration) {
	i.audit(what, "", address(r), "too many failures")
	w.Header().Set("Retry-After", strconv.Itoa(int(pause.Seconds())+1))
	writeJSON(w, http.StatusTooManyRequests, unwelcome{Error: "slow_down", Why: "too many failures: try again in a minute"})
}

// unwelcome says why a device is refused, and counts it.
func (i *Issuer) unwelcome(w http.ResponseWriter, r *http.Request, what, who string, err error) {
	i.audit(what, who, address(r), err.Error())
	var known *diag.Diagnostic
	var protocol *oidc.Error
	var malformed *contract.Refusal
	said, status := unwelcome{Error: "access_denied"}, http.StatusForbidden
	switch {
	case errors.As(err, &known) && known.Code == diag.JoinRefused && len(known.Evidence) > 0:
		said.Why = known.Evidence[0].Text
	case errors.As(err, &malformed):
		said, status = unwelcome{"invalid_request", malformed.Error()}, http.StatusBadRequest
	case known != nil:
		said, status = unwelcome{"invalid_request", known.Error()}, http.StatusBadRequest
	case errors.As(err, &protocol) && protocol.ErrorType != oidc.ServerError:
		said, status = unwelcome{string(protocol.ErrorType), protocol.Description}, http.StatusBadRequest
	default:
		writeJSON(w, http.StatusInternalServerError, unwelcome{Error: "server_error"})
		return // which is no failure of the device
	}
	i.limiter.note("joins "+network(address(r)), freeOfAddress, time.Now())
	writeJSON(w, status, said)
}

// say writes a message of the contract.
func (i *Issuer) say(w http.ResponseWriter, encode func() ([]byte, error)) {
	data, err := encode()
	if err != nil {
		i.log.Error("an answer cannot be said", "reason", err.Error())
		writeJSON(w, http.StatusInternalServerError, unwelcome{Error: "server_error"})
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(data) // whoever asked has gone
}
