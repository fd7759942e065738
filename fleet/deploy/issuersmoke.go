// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/fleet/contract"
)

// calloutProbe is the device that smoke tests of issuer and callout are. Devices have one name in the whole cluster.
func calloutProbe(namespace string) contract.DeviceID {
	sum := sha256.Sum256([]byte(namespace))
	id, _ := contract.ParseDeviceID("harmony-callout-" + hex.EncodeToString(sum[:6])) // of such letters alone
	return id
}

// SmokeTest asks the issuer for a token, as a device does.
func (s Issuer) SmokeTest(ctx context.Context, on IssuerPlace) error {
	start := time.Now()
	err := again(ctx, "the issuer to give a token", func(ctx context.Context) error {
		_, err := shows(ctx, on.Kubernetes(), s.Ref(), s.Namespace, calloutProbe(s.Namespace))
		return err
	})
	var found *diag.Diagnostic
	switch {
	case err == nil:
		event.Emit(ctx, event.Fact{Text: "a machine was given a token in " + event.Human(time.Since(start))})
		return nil
	case errors.As(err, &found):
		return found.Try("look at its log: kubectl --namespace " + s.Namespace + " logs statefulset/" + issuerName)
	}
	return err
}
