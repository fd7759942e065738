// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package token

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"nationtech.io/harmony/fleet/contract"
)

// MaxToken is the largest token in bytes that is looked at. Those of an issuer of Harmony have less than one KiB, those of
// Zitadel some.
const MaxToken = 16 << 10

// Skew is by how much clocks may differ.
const Skew = 30 * time.Second

// signatures are the algorithms that are accepted, all with a key pair.
var signatures = []jose.SignatureAlgorithm{jose.ES256, jose.ES384, jose.RS256, jose.PS256, jose.EdDSA}

// Verifier checks tokens of one provider for one audience.
type Verifier struct {
	Keys     *Keys
	Audience string
	// DeviceClaim and RolesClaim are where the provider puts a device's id and the roles: a list of names, or an object whose
	// fields are named so. contract.ClaimDevice and contract.ClaimRoles when empty.
	// The id of a device may be its subject, "sub".
	DeviceClaim, RolesClaim string
}

// Identity is whose a token is.
type Identity struct {
	Subject string
	Role    contract.Role
	Device  contract.DeviceID // of a device; zero otherwise
	Expires time.Time
}

// Verify tells whose a token is. Its error is a *Refused.
func (v Verifier) Verify(ctx context.Context, text string, now time.Time) (Identity, error) {
	switch {
	case text == "":
		return Identity{}, &Refused{Reason: NoToken}
	case len(text) > MaxToken:
		return Identity{}, &Refused{Reason: TooLarge}
	}
	read, err := jwt.ParseSigned(text, signatures)
	if err != nil {
		return Identity{}, unread(err)
	}
	var standard jwt.Claims
	var own map[string]any
	if err := v.check(ctx, read, now, &standard, &own); err != nil {
		return Identity{}, err
	}
	if reason := v.timely(standard, now); reason != "" {
		return Identity{}, &Refused{Reason: reason, Subject: standard.Subject}
	}
	who, reason := v.identity(standard, own)
	if reason != "" {
		return Identity{}, &Refused{Reason: reason, Subject: standard.Subject}
	}
	return who, nil
}

func unread(err error) error {
	var algorithm *jose.ErrUnexpectedSignatureAlgorithm
	if errors.As(err, &algorithm) || errors.Is(err, jose.ErrUnsupportedAlgorithm) {
		return &Refused{Reason: WrongAlgorithm, Cause: err}
	}
	return &Refused{Reason: Malformed, Cause: err}
}

// check reads the claims, if the signature is that of a key of the provider.
func (v Verifier) check(ctx context.Context, read *jwt.JSONWebToken, now time.Time, into ...any) error {
	head := read.Headers[0]
	if head.KeyID == "" {
		return &Refused{Reason: UnknownKey}
	}
	key, known := v.Keys.find(ctx, head.KeyID, now)
	switch {
	case !known && !v.Keys.Ready():
		return &Refused{Reason: KeysUnavailable}
	case !known:
		return &Refused{Reason: UnknownKey}
	case key.Algorithm != "" && key.Algorithm != head.Algorithm:
		return &Refused{Reason: WrongAlgorithm}
	}
	if err := read.Claims(key.Key, into...); err != nil {
		return &Refused{Reason: BadSignature, Cause: err}
	}
	return nil
}

// timely tells what is wrong with whom a token is from and for, and with when it is good. A token without an end is not good.
func (v Verifier) timely(c jwt.Claims, now time.Time) Reason {
	switch {
	case c.Issuer != v.Keys.Issuer:
		return WrongIssuer
	case !slices.Contains(c.Audience, v.Audience):
		return WrongAudience
	case c.Expiry == nil || !now.Before(c.Expiry.Time().Add(Skew)):
		return Expired
	case c.NotBefore != nil && now.Add(Skew).Before(c.NotBefore.Time()):
		return NotYetValid
	case c.IssuedAt != nil && now.Add(Skew).Before(c.IssuedAt.Time()):
		return NotYetValid
	}
	return ""
}

// subject is a claim that everyone has: as a device's id it is the one of devices alone.
const subject = "sub"

func (v Verifier) identity(c jwt.Claims, own map[string]any) (Identity, Reason) {
	who := Identity{Subject: c.Subject, Role: strongest(names(own[cmp.Or(v.RolesClaim, contract.ClaimRoles)])), Expires: c.Expiry.Time()}
	claim := cmp.Or(v.DeviceClaim, contract.ClaimDevice)
	device, given := own[claim]
	switch {
	case c.Subject == "":
		return who, NoSubject
	case who.Role == "":
		return who, NoRole
	case who.Role != contract.RoleDevice && (!given || claim == subject):
		return who, ""
	case (who.Role == contract.RoleDevice) != given:
		return who, BadDevice
	}
	text, _ := device.(string)
	id, err := contract.ParseDeviceID(text)
	if err != nil {
		return who, BadDevice
	}
	who.Device = id
	return who, ""
}

// names are those of a list, or of the fields of an object, as Zitadel gives roles.
func names(claim any) (found []string) {
	switch claim := claim.(type) {
	case []any:
		for _, one := range claim {
			if name, ok := one.(string); ok {
				found = append(found, name)
			}
		}
	case map[string]any:
		for name := range claim {
			found = append(found, name)
		}
	}
	return found
}

// strongest is the role that counts; none when there is none, or when a device has another one too.
func strongest(roles []string) contract.Role {
	has := func(r contract.Role) bool { return slices.Contains(roles, string(r)) }
	switch {
	case has(contract.RoleDevice) && (has(contract.RoleOperator) || has(contract.RoleReader)):
		return ""
	case has(contract.RoleDevice):
		return contract.RoleDevice
	case has(contract.RoleOperator):
		return contract.RoleOperator
	case has(contract.RoleReader):
		return contract.RoleReader
	}
	return ""
}
