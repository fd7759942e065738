// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/nats-io/jwt/v2"

	"nationtech.io/harmony/fleet/callout/token"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/stream"
)

const (
	// DeviceLifetime is how long a device stays connected on one answer, more or less by a third at random: so long can
	// callout and provider be away before devices lose NATS, and they do not come back all at once.
	DeviceLifetime = 24 * time.Hour
	spread         = 0.3
	// otherLifetime is that of all others, who come back with a new token.
	otherLifetime = time.Hour
)

// errNoRights is the error of an identity whose role is none of those that have rights.
var errNoRights = errors.New("its role has no rights")

// user is what a server shall make of an identity: the account, exactly the rights of its role, and an end.
func user(who token.Identity, key string, now time.Time) (*jwt.UserClaims, error) {
	u := jwt.NewUserClaims(key)
	// It has no name: a server that is reloaded looks for users of that name among its own, and would close all connections.
	u.AllowedConnectionTypes.Add(jwt.ConnectionTypeStandard)
	account, rights, life := contract.AccountFleet, contract.Rights{}, otherLifetime
	switch who.Role {
	case contract.RoleDevice:
		account, rights = contract.AccountDevices, contract.DeviceRights(who.Device)
		life = time.Duration(float64(DeviceLifetime) * (1 - spread + 2*spread*rand.Float64()))
	case contract.RoleOperator:
		rights = stream.OperatorRights()
	case contract.RoleReader:
		rights = stream.ReaderRights()
	default:
		return nil, errNoRights
	}
	u.Audience = string(account)
	u.Expires = now.Add(life).Unix()
	u.Pub.Allow.Add(rights.Publish...)
	u.Sub.Allow.Add(rights.Subscribe...)
	if len(rights.Publish) == 0 {
		u.Pub.Deny.Add(">") // an empty list of what is allowed would allow everything
	}
	return u, nil
}
