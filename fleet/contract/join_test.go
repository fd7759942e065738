// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract_test

import (
	"reflect"
	"strings"
	"testing"

	"nationtech.io/harmony/fleet/contract"
)

func TestWhatIsSaidToJoinIsReadAsItWasWritten(t *testing.T) {
	id, err := contract.ParseDeviceID("press-07")
	if err != nil {
		t.Fatal(err)
	}
	request := contract.JoinRequest{Assertion: "a.b.c", Key: "-----BEGIN", Facts: contract.JoinFacts{Hostname: "Pressé 7", Machine: strings.Repeat("0a", 16), OS: "linux"}}
	data, err := request.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := contract.DecodeJoinRequest(data); err != nil || got != request {
		t.Errorf("%+v, %v", got, err)
	}
	for _, answer := range []contract.JoinAnswer{
		{Device: id, Standing: contract.JoinPending},
		{Device: id, Standing: contract.JoinDenied},
		{Device: id, Standing: contract.JoinApproved, Plane: contract.NewPlaneID(), Access: contract.Access{NATS: []string{"tls://a:4222"}, Authorities: "-----BEGIN"}},
		{Device: id, Standing: contract.JoinApproved, Plane: contract.NewPlaneID(), Access: contract.Access{NATS: []string{"tls://a:4222"}, Authorities: "-----BEGIN", IssuerAuthorities: new(string)}},
	} {
		data, err := answer.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := contract.DecodeJoinAnswer(data); err != nil || !reflect.DeepEqual(got, answer) {
			t.Errorf("%+v, %v: %s", got, err, data)
		}
	}
	rotate := contract.RotateRequest{Assertion: "a.b.c", Key: "-----BEGIN"}
	if data, err = rotate.Encode(); err != nil {
		t.Fatal(err)
	}
	if got, err := contract.DecodeRotateRequest(data); err != nil || got != rotate {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWhatIsSaidToJoinIsReadStrictly(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":             ``,
		"no key":              `{"assertion":"a","facts":{}}`,
		"an unknown field":    `{"assertion":"a","key":"b","facts":{},"roles":["operator"]}`,
		"a field twice":       `{"assertion":"a","assertion":"c","key":"b","facts":{}}`,
		"another case":        `{"Assertion":"a","key":"b","facts":{}}`,
		"a key that is long":  `{"assertion":"a","key":"` + strings.Repeat("b", 2049) + `","facts":{}}`,
		"a fact that is long": `{"assertion":"a","key":"b","facts":{"hostname":"` + strings.Repeat("b", 129) + `"}}`,
		"a fact with a line":  `{"assertion":"a","key":"b","facts":{"os":"linux\n"}}`,
		"a fact with escapes": `{"assertion":"a","key":"b","facts":{"agent":"\u001b[2J"}}`,
		"another machine":     `{"assertion":"a","key":"b","facts":{"machine":"x"}}`,
		"more after it":       `{"assertion":"a","key":"b","facts":{}}{}`,
	} {
		if _, err := contract.DecodeJoinRequest([]byte(text)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	plane := contract.NewPlaneID().String()
	for name, text := range map[string]string{
		"no device":             `{"standing":"pending"}`,
		"another standing":      `{"device":"a","standing":"maybe"}`,
		"approved for no plane": `{"device":"a","standing":"approved","access":{"nats":["tls://a"]}}`,
		"approved for no NATS":  `{"device":"a","standing":"approved","plane":"` + plane + `","access":{"nats":[]}}`,
		"an address with lines": `{"device":"a","standing":"approved","plane":"` + plane + `","access":{"nats":["tls://a\n[x]"]}}`,
	} {
		if _, err := contract.DecodeJoinAnswer([]byte(text)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
}

func FuzzDecodeJoinRequest(f *testing.F) {
	f.Add([]byte(`{"assertion":"a","key":"b","facts":{"hostname":"h"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := contract.DecodeJoinRequest(data)
		if err != nil {
			return
		}
		again, err := got.Encode()
		if err != nil {
			t.Fatalf("what was accepted cannot be said: %v", err)
		}
		if same, err := contract.DecodeJoinRequest(again); err != nil || same != got {
			t.Fatalf("%+v and %+v, %v", got, same, err)
		}
	})
}

func FuzzDecodeRotateRequest(f *testing.F) {
	f.Add([]byte(`{"assertion":"a","key":"b"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := contract.DecodeRotateRequest(data)
		if err != nil {
			refused(t, err)
			return
		}
		if same, err := contract.DecodeRotateRequest(must(got.Encode())); err != nil || same != got {
			t.Fatalf("%+v and %+v, %v", got, same, err)
		}
	})
}
