// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
)

// DeviceID names a device: an RFC 1123 label (1 to 63 lower-case letters, digits
// and inner hyphens), so it is one token of a NATS subject, a key of a bucket and
// the name of a Kubernetes object as it stands. The zero value is no device.
type DeviceID struct{ label string }

// PlaneID names a control plane: the UID of its FleetState object, a lower-case UUID.
// The zero value is no plane.
type PlaneID struct{ uid string }

// RequestID names one request of one caller: 32 lower-case hexadecimal digits
// (128 bits), not to be guessed. The zero value is no request.
type RequestID struct{ hex string }

// InstanceID names one run of one agent process: 16 lower-case hexadecimal digits
// (64 bits). The zero value is no instance.
type InstanceID struct{ hex string }

// An InvalidID says that a text is not an identity of its kind.
type InvalidID struct {
	Kind string // "device", "plane", "request", "instance", "workload" or "digest"
	Text string // as given, at most 80 bytes of it
	Rule string // what an identity of this kind looks like
}

func (e *InvalidID) Error() string {
	return fmt.Sprintf("%q is no %s id: %s", e.Text, e.Kind, e.Rule)
}

// ParseDeviceID checks that text is a device id. Its error is an *InvalidID.
func ParseDeviceID(text string) (DeviceID, error) {
	if !isLabel(text) {
		return DeviceID{}, invalid("device", text, "1 to 63 of a-z, 0-9 and '-', which is neither first nor last")
	}
	return DeviceID{text}, nil
}

// ParsePlaneID checks that text is a plane id. Its error is an *InvalidID.
func ParsePlaneID(text string) (PlaneID, error) {
	if !isUUID(text) {
		return PlaneID{}, invalid("plane", text, "a UUID in lower case, as 8-4-4-4-12 hexadecimal digits")
	}
	return PlaneID{text}, nil
}

// ParseRequestID checks that text is a request id. Its error is an *InvalidID.
func ParseRequestID(text string) (RequestID, error) {
	if len(text) != 32 || !isHex(text) {
		return RequestID{}, invalid("request", text, "32 hexadecimal digits in lower case")
	}
	return RequestID{text}, nil
}

// ParseInstanceID checks that text is an instance id. Its error is an *InvalidID.
func ParseInstanceID(text string) (InstanceID, error) {
	if len(text) != 16 || !isHex(text) {
		return InstanceID{}, invalid("instance", text, "16 hexadecimal digits in lower case")
	}
	return InstanceID{text}, nil
}

// NewPlaneID makes a random plane id, for callers that stand before there is a FleetState.
func NewPlaneID() PlaneID {
	b := random(16)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80 // a UUID of version 4
	return PlaneID{fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])}
}

// NewRequestID makes a random request id.
func NewRequestID() RequestID { return RequestID{hex.EncodeToString(random(16))} }

// NewInstanceID makes a random instance id.
func NewInstanceID() InstanceID { return InstanceID{hex.EncodeToString(random(8))} }

func (id DeviceID) String() string   { return id.label }
func (id PlaneID) String() string    { return id.uid }
func (id RequestID) String() string  { return id.hex }
func (id InstanceID) String() string { return id.hex }

// IsZero tells whether there is no device.
func (id DeviceID) IsZero() bool { return id == DeviceID{} }

// IsZero tells whether there is no plane.
func (id PlaneID) IsZero() bool { return id == PlaneID{} }

// IsZero tells whether there is no request.
func (id RequestID) IsZero() bool { return id == RequestID{} }

// IsZero tells whether there is no instance.
func (id InstanceID) IsZero() bool { return id == InstanceID{} }

// MarshalText gives the id as text. Its error is nil.
func (id DeviceID) MarshalText() ([]byte, error) { return []byte(id.label), nil }

// MarshalText gives the id as text. Its error is nil.
func (id PlaneID) MarshalText() ([]byte, error) { return []byte(id.uid), nil }

// MarshalText gives the id as text. Its error is nil.
func (id RequestID) MarshalText() ([]byte, error) { return []byte(id.hex), nil }

// MarshalText gives the id as text. Its error is nil.
func (id InstanceID) MarshalText() ([]byte, error) { return []byte(id.hex), nil }

// UnmarshalText is ParseDeviceID.
func (id *DeviceID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseDeviceID(string(text))
	return err
}

// UnmarshalText is ParsePlaneID.
func (id *PlaneID) UnmarshalText(text []byte) (err error) {
	*id, err = ParsePlaneID(string(text))
	return err
}

// UnmarshalText is ParseRequestID.
func (id *RequestID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseRequestID(string(text))
	return err
}

// UnmarshalText is ParseInstanceID.
func (id *InstanceID) UnmarshalText(text []byte) (err error) {
	*id, err = ParseInstanceID(string(text))
	return err
}

func invalid(kind, text, rule string) error {
	return &InvalidID{kind, text[:min(len(text), 80)], rule}
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails: it ends the process rather than give weak bytes
	return b
}

func isLabel(s string) bool {
	if len(s) == 0 || len(s) > 63 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	return only(s, func(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' })
}

func isHex(s string) bool {
	return only(s, func(c byte) bool { return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' })
}

func isUUID(s string) bool {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return false
	}
	return isHex(s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:])
}

func only(s string, ok func(byte) bool) bool {
	for i := range len(s) {
		if !ok(s[i]) {
			return false
		}
	}
	return true
}
