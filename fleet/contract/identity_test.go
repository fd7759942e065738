// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"errors"
	"strings"
	"testing"

	"nationtech.io/harmony/fleet/contract"
	"pgregory.net/rapid"
)

func TestIdentities(t *testing.T) {
	parse := map[string]func(string) (string, error){
		"device":   func(s string) (string, error) { id, err := contract.ParseDeviceID(s); return id.String(), err },
		"plane":    func(s string) (string, error) { id, err := contract.ParsePlaneID(s); return id.String(), err },
		"request":  func(s string) (string, error) { id, err := contract.ParseRequestID(s); return id.String(), err },
		"instance": func(s string) (string, error) { id, err := contract.ParseInstanceID(s); return id.String(), err },
	}
	for _, c := range []struct {
		kind string
		good []string
		bad  []string
	}{
		{
			"device",
			[]string{"a", "0", "press-07", "a--b", strings.Repeat("a", 63)},
			[]string{"", "-a", "a-", "A", "a.b", "a_b", "*", ">", "a b", "é", "a\n", "$JS", strings.Repeat("a", 64)},
		},
		{
			"plane",
			[]string{"3f0c2a9e-5b1d-4c77-9a64-0d2b8e6f1a35"},
			[]string{"", "3F0C2A9E-5b1d-4c77-9a64-0d2b8e6f1a35", "3f0c2a9e5b1d4c779a640d2b8e6f1a35", "3f0c2a9e-5b1d-4c77-9a64-0d2b8e6f1a3", "3f0c2a9e-5b1d-4c77-9a64-0d2b8e6f1a3.", "prod"},
		},
		{"request", []string{strings.Repeat("0a", 16)}, []string{"", strings.Repeat("0A", 16), strings.Repeat("0a", 15), strings.Repeat("0.", 16)}},
		{"instance", []string{strings.Repeat("0a", 8)}, []string{"", strings.Repeat("0g", 8), strings.Repeat("0a", 9)}},
	} {
		for _, text := range c.good {
			if got, err := parse[c.kind](text); err != nil || got != text {
				t.Errorf("%s %q: %q, %v", c.kind, text, got, err)
			}
		}
		for _, text := range c.bad {
			_, err := parse[c.kind](text)
			var invalid *contract.InvalidID
			if !errors.As(err, &invalid) || invalid.Kind != c.kind {
				t.Errorf("%s %q: got %v, want an InvalidID", c.kind, text, err)
			}
		}
	}
}

func TestMadeIdentitiesAreValidAndDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		p, r, i := contract.NewPlaneID(), contract.NewRequestID(), contract.NewInstanceID()
		must(contract.ParsePlaneID(p.String()))
		must(contract.ParseRequestID(r.String()))
		must(contract.ParseInstanceID(i.String()))
		for _, text := range []string{p.String(), r.String(), i.String()} {
			if seen[text] {
				t.Fatalf("%s was made twice", text)
			}
			seen[text] = true
		}
	}
}

func TestVerbOfReadsOnlyThisDevicesSubjects(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		verb := contract.Verb(rapid.StringMatching("[a-z][a-z0-9-]{0,31}").Draw(t, "verb"))
		if got, ok := contract.VerbOf(device, contract.CommandSubject(device, verb)); !ok || got != verb {
			t.Fatalf("got %q, %v", got, ok)
		}
		if got, ok := contract.VerbOf(other, contract.CommandSubject(device, verb)); ok {
			t.Fatalf("another device read %q", got)
		}
	})
	for _, subject := range []string{"", "device-commands.press-07", "device-commands.press-07.", "device-commands.press-07.a.b", "device-commands.press-07.*", "device-commands.press-07.Ping"} {
		if got, ok := contract.VerbOf(device, subject); ok {
			t.Errorf("%s: got %q", subject, got)
		}
	}
}
