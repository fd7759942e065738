// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"slices"
	"strings"
)

// JoinPath and RotatePath are where an issuer hears devices that want to join, and those that change their key. They are
// posted to; the audience of what a device signs for them is the issuer's name with the path.
const (
	JoinPath   = "/join"
	RotatePath = "/rotate"
)

const (
	// MaxJoin is the largest message of a device that joins or changes its key, in bytes.
	MaxJoin = 8 << 10
	// MaxServers is how many addresses of NATS a device is told at most.
	MaxServers     = 16
	maxJoinAnswer  = 96 << 10
	maxAssertion   = 4 << 10
	maxPublicKey   = 2 << 10 // a PEM block with RSA of 8192 bits has less
	maxAuthorities = 32 << 10
	maxServer      = 256
)

// JoinStanding is how it stands with a device that wants to join.
type JoinStanding string

// What may have become of a device that wants to join.
const (
	JoinPending  JoinStanding = "pending"
	JoinApproved JoinStanding = "approved"
	JoinDenied   JoinStanding = "denied"
)

// JoinRequest is what a device says that wants to join, again and again until it is answered. Who it is stands in the
// assertion. All of it is the device's own word; the facts are for the person who approves it.
type JoinRequest struct {
	// Assertion is signed with the key, for JoinPath, and names the device and that key.
	Assertion string `json:"assertion"`
	// Key is the device's public key, a PEM block "PUBLIC KEY".
	Key   string    `json:"key"`
	Facts JoinFacts `json:"facts"`
}

// JoinFacts are what a device says of itself; each is empty when it cannot be told, and has no more than 128 bytes, all
// of which can be printed.
type JoinFacts struct {
	Hostname string `json:"hostname,omitempty"`
	Machine  string `json:"machine,omitempty"` // as in State
	OS       string `json:"os,omitempty"`
	Arch     string `json:"arch,omitempty"`
	Kernel   string `json:"kernel,omitempty"`
	Agent    string `json:"agent,omitempty"` // version
}

// Access is where a device connects.
type Access struct {
	// NATS are addresses of servers, 1 to MaxServers.
	NATS []string `json:"nats"`
	// Authorities is a PEM file with those that the certificate of NATS is signed by; empty for those of the system.
	Authorities string `json:"authorities,omitempty"`
	// IssuerAuthorities are those of the issuer's certificate: the same ones when nil, those of the system when empty.
	IssuerAuthorities *string `json:"issuer_authorities,omitempty"`
}

// OfIssuer are the authorities of the issuer's certificate; empty for those of the system.
func (a Access) OfIssuer() string {
	if a.IssuerAuthorities == nil {
		return a.Authorities
	}
	return *a.IssuerAuthorities
}

// The kinds of identity providers at which devices are enrolled. At another one that is done by hand.
const (
	ProviderIssuer  = "harmony" // the fleet's own issuer, which devices may also ask by themselves
	ProviderZitadel = "zitadel"
)

// JoinAnswer is what the issuer says to a device that wants to join.
type JoinAnswer struct {
	Device   DeviceID     `json:"device"`
	Standing JoinStanding `json:"standing"`
	// Plane and Access are there once it was approved.
	Plane  PlaneID `json:"plane,omitzero"`
	Access Access  `json:"access,omitzero"`
}

// RotateRequest is what a device says that changes its key.
type RotateRequest struct {
	// Assertion is signed with the key that the device has, for RotatePath, and names the new one.
	Assertion string `json:"assertion"`
	// Key is the new public key, a PEM block "PUBLIC KEY".
	Key string `json:"key"`
}

// Encode gives the request as it goes over the wire. Its error is a *Refusal.
func (j JoinRequest) Encode() ([]byte, error) {
	if r := j.complete(); r != nil {
		return nil, r
	}
	return encode(j, MaxJoin)
}

// DecodeJoinRequest reads a request. Its error is a *Refusal.
func DecodeJoinRequest(data []byte) (JoinRequest, error) {
	var j JoinRequest
	if r := decode(data, MaxJoin, &j); r != nil {
		return JoinRequest{}, r
	}
	if r := j.complete(); r != nil {
		return JoinRequest{}, r
	}
	return j, nil
}

func (j JoinRequest) complete() *Refusal {
	if r := signed(j.Assertion, j.Key); r != nil {
		return r
	}
	return j.Facts.complete()
}

func (f JoinFacts) complete() *Refusal {
	for _, fact := range []string{f.Hostname, f.OS, f.Arch, f.Kernel, f.Agent} {
		if len(fact) > maxFact || !isPrintable(fact) {
			return refuse(CodeMalformed, "a fact has %d bytes at most, all of which can be printed", maxFact)
		}
	}
	if !isMachine(f.Machine) {
		return refuse(CodeMalformed, "machine is 32 hexadecimal digits")
	}
	return nil
}

// Encode gives the answer as it goes over the wire. Its error is a *Refusal.
func (a JoinAnswer) Encode() ([]byte, error) {
	if r := a.complete(); r != nil {
		return nil, r
	}
	return encode(a, maxJoinAnswer)
}

// DecodeJoinAnswer reads an answer. Its error is a *Refusal.
func DecodeJoinAnswer(data []byte) (JoinAnswer, error) {
	var a JoinAnswer
	if r := decode(data, maxJoinAnswer, &a); r != nil {
		return JoinAnswer{}, r
	}
	if r := a.complete(); r != nil {
		return JoinAnswer{}, r
	}
	return a, nil
}

func (a JoinAnswer) complete() *Refusal {
	switch {
	case a.Device.IsZero() || !slices.Contains([]JoinStanding{JoinPending, JoinApproved, JoinDenied}, a.Standing):
		return refuse(CodeMalformed, "device is required; standing is pending, approved or denied")
	case a.Standing != JoinApproved:
		return nil
	case a.Plane.IsZero():
		return refuse(CodeMalformed, "a device that is approved is told its plane")
	}
	return a.Access.complete()
}

// Check tells whether a device could be told that. Its error is a *Refusal.
func (a Access) Check() error {
	if r := a.complete(); r != nil {
		return r
	}
	return nil
}

func (a Access) complete() *Refusal {
	switch {
	case len(a.NATS) == 0 || len(a.NATS) > MaxServers:
		return refuse(CodeMalformed, "nats has 1 to %d addresses", MaxServers)
	case len(a.Authorities) > maxAuthorities || len(a.OfIssuer()) > maxAuthorities:
		return refuse(CodeOversize, "authorities have %d bytes at most", maxAuthorities)
	}
	for _, server := range a.NATS {
		scheme, host, _ := strings.Cut(server, "://")
		if host == "" || len(server) > maxServer || !isPrintable(server) || strings.Contains(host, "@") || !slices.Contains([]string{"nats", "tls", "ws", "wss"}, scheme) {
			return refuse(CodeMalformed, "an address is such as tls://host:4222, without credentials, and has %d bytes at most, all of which can be printed", maxServer)
		}
	}
	return nil
}

// Encode gives the request as it goes over the wire. Its error is a *Refusal.
func (r RotateRequest) Encode() ([]byte, error) {
	if refused := signed(r.Assertion, r.Key); refused != nil {
		return nil, refused
	}
	return encode(r, MaxJoin)
}

// DecodeRotateRequest reads a request. Its error is a *Refusal.
func DecodeRotateRequest(data []byte) (RotateRequest, error) {
	var r RotateRequest
	if refused := decode(data, MaxJoin, &r); refused != nil {
		return RotateRequest{}, refused
	}
	if refused := signed(r.Assertion, r.Key); refused != nil {
		return RotateRequest{}, refused
	}
	return r, nil
}

// signed checks what every message about a key has.
func signed(assertion, key string) *Refusal {
	if !isText(assertion, maxAssertion) || !isText(key, maxPublicKey) {
		return refuse(CodeMalformed, "an assertion of 1 to %d bytes and a key of 1 to %d are required", maxAssertion, maxPublicKey)
	}
	return nil
}
