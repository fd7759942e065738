// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package join

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/folder"
	"nationtech.io/harmony/fleet/agent/minter"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/secret"
	"nationtech.io/harmony/wait"
)

// askEvery is the longest pause between two questions whether the device was approved.
const askEvery = 5 * time.Second

// Joining is a device that wants to be one of a fleet.
type Joining struct {
	Device contract.DeviceID
	// Issuer is the fleet's, and CAFile the authorities of its certificate; empty for those of the system.
	Issuer, CAFile string
	Token          secret.Value
	Facts          contract.JoinFacts
	Folder         folder.Folder
	// Limit is how long an answer is waited for; for ever when zero.
	Limit time.Duration
	// Say tells whoever watches how it goes, a line at a time.
	Say func(line string)
}

// Run asks until the device was approved, and writes its folder. Whenever it ends, it may be run again: it goes on with
// the key that it made, also when the token is good no more. Its error is a Diagnostic with the code JoinRefused,
// JoinDenied, JoinUnfinished or FolderUnusable.
func (j Joining) Run(ctx context.Context) error {
	if err := j.Folder.Claim(j.Device); err != nil {
		return err
	}
	key, made, err := j.Folder.Key(assertion.New)
	if err != nil {
		return err
	}
	whose := "the key that is there already"
	if made {
		whose = "a new key, which stays on this device"
	}
	j.Say(fmt.Sprintf("device %s, %s\nfingerprint %s", j.Device, whose, key.ID))
	answer, err := j.approved(ctx, key)
	if err != nil {
		return err
	}
	did, err := j.Folder.Write(folder.Told{Device: j.Device, Plane: answer.Plane, Issuer: j.Issuer, Access: answer.Access})
	for _, line := range did {
		j.Say(line)
	}
	return err
}

// approved asks until somebody has answered.
func (j Joining) approved(ctx context.Context, key assertion.Key) (answer contract.JoinAnswer, err error) {
	provider := &minter.Provider{Issuer: j.Issuer, CAFile: j.CAFile}
	last := ""
	err = wait.Until(ctx, "somebody to approve "+j.Device.String(), wait.Pace{Every: askEvery, Limit: j.Limit}, func(ctx context.Context) (string, bool, error) {
		var err error
		answer, err = j.ask(ctx, provider, key)
		saw := "nobody has approved it yet"
		switch {
		case ctx.Err() != nil: // it was cut off, and saw nothing
			return "", false, err
		case passing(err):
			saw = err.Error()
		case err != nil:
			return "", false, diag.New(diag.JoinRefused, j.Device.String()).Because(err)
		case answer.Standing == contract.JoinDenied:
			return "", false, diag.New(diag.JoinDenied, j.Device.String()).Saw("the issuer is " + j.Issuer)
		case answer.Standing == contract.JoinApproved:
			return "", true, nil
		}
		if saw != last {
			j.Say("waiting: " + saw)
			last = saw
		}
		return saw, false, nil
	})
	var gaveUp *wait.GaveUp
	if errors.As(err, &gaveUp) {
		unfinished := diag.New(diag.JoinUnfinished, j.Device.String()).Because(gaveUp.Cause)
		if gaveUp.Saw != "" {
			unfinished.Saw(gaveUp.Saw)
		}
		return answer, unfinished.Try("have it approved, and run this again; it goes on where it was:", "harmony-fleet approve "+j.Device.String())
	}
	return answer, err
}

// passing tells whether a failure may be gone the next time: all but what the issuer says of the question itself.
func passing(err error) bool {
	var refused *minter.RefusedError
	if !errors.As(err, &refused) {
		return err != nil
	}
	return refused.Status == http.StatusTooManyRequests || refused.Status >= http.StatusInternalServerError
}

func (j Joining) ask(ctx context.Context, provider *minter.Provider, key assertion.Key) (contract.JoinAnswer, error) {
	data, err := provider.Post(ctx, contract.JoinPath, j.Token, func(now time.Time) ([]byte, error) {
		said, err := key.Endorse(j.Device.String(), j.Issuer+contract.JoinPath, key.ID, now)
		if err != nil {
			return nil, err
		}
		return contract.JoinRequest{Assertion: said, Key: string(key.Public()), Facts: j.Facts}.Encode()
	})
	if err != nil {
		return contract.JoinAnswer{}, err
	}
	answer, err := contract.DecodeJoinAnswer(data)
	if err == nil && answer.Device != j.Device {
		err = &minter.RefusedError{Why: "the answer is for " + answer.Device.String()}
	}
	return answer, err
}
