// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package enrolment

import (
	"context"
	"errors"
	"net/http"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/score/zitadel/management"
	"nationtech.io/harmony/secret"
)

// Zitadel is one that was set up for the fleet. It signs in anew for each device, as the enroller that the set-up made. Its errors are
// Diagnostics with the codes ZitadelRefuses, NotOurs and KeyNotTaken.
type Zitadel struct {
	URL  string // its name as an issuer
	HTTP *http.Client
	// Fleet is the namespace of the fleet: a device that was enrolled for another is left alone.
	Fleet string
	// Project is the id of the fleet's project, and Scope what devices ask for.
	Project, Scope string
	// Enroller is the name of the machine that enrols, and Key its key.
	Enroller string
	Key      assertion.Key
}

var _ Provider = Zitadel{}

// NewKey makes an RSA key: Zitadel verifies no other.
func (Zitadel) NewKey() (assertion.Key, []byte, error) { return assertion.NewRSA() }

// Takes refuses what is not RSA: Zitadel would take it, and never verify what it signs.
func (Zitadel) Takes(key []byte) error {
	if assertion.IsRSA(key) {
		return nil
	}
	return diag.New(diag.KeyNotTaken, "Zitadel").Saw("it is no RSA key of 2048 bits or more, and Zitadel knows no other").
		Try("make another one:", "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem")
}

// Enrol makes a machine whose id is the device's, with the role of a device and no other.
func (z Zitadel) Enrol(ctx context.Context, device contract.DeviceID, key []byte) (Machine, error) {
	name := device.String()
	if err := z.Takes(key); err != nil {
		return Machine{}, err
	}
	fingerprint, err := assertion.PublicID(key)
	if err != nil {
		return Machine{}, diag.New(diag.KeyNotTaken, name).Because(err)
	}
	api, err := z.enter(ctx)
	if err != nil {
		return Machine{}, err
	}
	u, err := api.Own(ctx, name, z.mark(), quietly)
	if err != nil {
		return Machine{}, z.said(err)
	}
	if u.Inactive() {
		return Machine{}, diag.New(diag.ZitadelRefuses, "Zitadel machine/"+name).Saw("someone has deactivated it there, and it gets no token").
			Try("activate it in Zitadel's console, and enrol it again")
	}
	if err := api.Grant(ctx, name, z.Project, []string{string(contract.RoleDevice)}, quietly); err != nil {
		return Machine{}, z.said(err)
	}
	id, err := api.Give(ctx, name, fingerprint, key)
	if err != nil {
		return Machine{}, z.said(err)
	}
	keys, err := api.Keys(ctx, name)
	return Machine{Keys: keys, Name: name, KeyID: id, Scope: z.Scope}, z.said(err)
}

// Retire takes a key from the machine, if it is one that was enrolled.
func (z Zitadel) Retire(ctx context.Context, device contract.DeviceID, key string) error {
	api, err := z.enter(ctx)
	if err != nil {
		return err
	}
	u, err := api.Machine(ctx, device.String())
	if err != nil || u == nil {
		return z.said(err)
	}
	if u.Machine.Description != z.mark() {
		return diag.New(diag.NotOurs, "Zitadel machine/"+device.String()).Saw("its description says " + u.Machine.Description)
	}
	return z.said(api.Take(ctx, device.String(), key))
}

// enter signs in as the enroller.
func (z Zitadel) enter(ctx context.Context) (management.API, error) {
	said, err := z.Key.Sign(z.Enroller, z.URL, time.Now())
	if err != nil {
		return management.API{}, diag.New(diag.ZitadelRefuses, z.URL).Because(err)
	}
	token, err := management.Token(ctx, z.HTTP, z.URL, z.Enroller, secret.New(said), management.Scope)
	return management.API{
		URL: z.URL, HTTP: z.HTTP, Token: token, Help: "the machine " + z.Enroller + " may not enrol any more: deploy the fleet's zitadel-setup again",
	}, z.said(err)
}

// mark is in the description of a machine that was enrolled for the fleet. One that its Score declares has another: Harmony deploys
// its key.
func (z Zitadel) mark() string { return "harmony device of " + z.Fleet }

// said makes a Diagnostic of what is none, such as a connection that failed.
func (z Zitadel) said(err error) error {
	var d *diag.Diagnostic
	if err == nil || errors.As(err, &d) {
		return err
	}
	return diag.New(diag.ZitadelRefuses, z.URL).Because(err)
}

// quietly says nothing of what was made: that is said of the device as a whole.
func quietly(management.Did, string, string) {}
