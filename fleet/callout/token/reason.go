// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package token

// A Reason is why a token is no good. It stands in the audit and in what is counted; who showed the token is told nothing.
type Reason string

// The reasons.
const (
	NoToken         Reason = "no-token"
	TooLarge        Reason = "too-large"        // more than MaxToken bytes
	Malformed       Reason = "malformed"        // not a signed token
	WrongAlgorithm  Reason = "wrong-algorithm"  // none, a shared secret, or one that its key is not for
	UnknownKey      Reason = "unknown-key"      // the provider publishes no such key
	KeysUnavailable Reason = "keys-unavailable" // nothing is known of the provider's keys yet
	BadSignature    Reason = "bad-signature"
	WrongIssuer     Reason = "wrong-issuer"
	WrongAudience   Reason = "wrong-audience"
	Expired         Reason = "expired"
	NotYetValid     Reason = "not-yet-valid"
	NoRole          Reason = "no-role"    // none of the fleet, or roles that do not go together
	BadDevice       Reason = "bad-device" // the id of a device is missing or is none, or stands where none belongs
	NoSubject       Reason = "no-subject"
)

// Refused is the error of a token that is no good.
type Refused struct {
	Reason Reason
	// Subject is who the token is for, if its signature was good.
	Subject string
	Cause   error
}

func (e *Refused) Error() string {
	text := "the token is refused: " + string(e.Reason)
	if e.Cause != nil {
		text += ": " + e.Cause.Error()
	}
	return text
}

// Unwrap gives the cause.
func (e *Refused) Unwrap() error { return e.Cause }
