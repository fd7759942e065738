// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package join

import (
	"context"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/clock"
	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/agent/folder"
	"nationtech.io/harmony/fleet/agent/minter"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/secret"
)

// Rotate gives a device another key in place of the one that it has. The new one is made on the device, and the old one
// vouches for it; the agent takes it for its next connection, and the issuer then takes the old one away. It may end at
// any step, and be run again. Its error is a Diagnostic with the code KeyNotRotated; say is told how it goes.
func Rotate(ctx context.Context, p config.Profile, say func(line string)) error {
	failed := diag.New(diag.KeyNotRotated, p.Machine)
	if p.KeyID() != "" {
		return failed.Saw("credentials.key_id names its key: the provider is not Harmony's issuer").Try("change the key at the provider")
	}
	old, err := p.Key()
	if err != nil {
		return failed.Because(err)
	}
	next, err := folder.NextKey(p.KeyFile())
	if err != nil {
		return failed.Because(err)
	}
	provider := &minter.Provider{Issuer: p.Issuer, CAFile: p.CAFile}
	_, err = provider.Post(ctx, contract.RotatePath, secret.Value{}, func(now time.Time) ([]byte, error) {
		said, err := old.Endorse(p.Machine, p.Issuer+contract.RotatePath, next.Key.ID, now)
		if err != nil {
			return nil, err
		}
		return contract.RotateRequest{Assertion: said, Key: string(next.Key.Public())}.Encode()
	})
	if err != nil {
		return failed.Because(err).Note("the device keeps the key that it has")
	}
	say("the issuer knows the new key " + next.Key.ID)
	if err := next.Take(); err != nil {
		return failed.Because(err)
	}
	say(p.KeyFile() + ": written")
	// The first use takes the old key away. If it fails, the agent's next connection is the first.
	_, unused := minter.New(p, clock.New(clock.Machine{}, clock.Built())).Token(ctx)
	say(outlived(old.ID, unused))
	return nil
}

// outlived says how long the old key is good, by whether the new one could be used.
func outlived(old string, unused error) string {
	if unused != nil {
		return "the old key " + old + " is good until the new one is used: " + unused.Error()
	}
	return "the old key " + old + " is good no more"
}
