// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package bus

import (
	"strings"
	"testing"

	"nationtech.io/harmony/fleet/contract"
)

// fetched remembers what was asked for.
type fetched struct {
	Listener
	device contract.DeviceID
	digest string
	times  int
}

func (f *fetched) Fetch(device contract.DeviceID, digest string) {
	f.device, f.digest, f.times = device, digest, f.times+1
}

// FuzzFetch hears arbitrary subjects that a device may publish on: each asks for nothing, or for one thing for that device.
func FuzzFetch(f *testing.F) {
	press, err := contract.ParseDeviceID("press-07")
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"manifest", "body." + strings.Repeat("a", digestLength), "body." + strings.Repeat("a", digestLength+1), "body", "body..", "", ".", "manifest.manifest", "*", ">"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, rest string) {
		var heard fetched
		fetch(&heard, press, "fleet.fetch.press-07."+rest)
		want := rest == "manifest" || strings.HasPrefix(rest, "body.") && len(rest) == len("body.")+digestLength && strings.Count(rest, ".") == 1
		if (heard.times == 1) != want || heard.times > 1 || want && (heard.device != press || "body."+heard.digest != rest && rest != "manifest") {
			t.Errorf("%q asks %d times, for %q", rest, heard.times, heard.digest)
		}
	})
}
