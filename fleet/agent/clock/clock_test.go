// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package clock_test

import (
	"crypto/tls"
	"crypto/x509"
	"testing"
	"time"

	"nationtech.io/harmony/fleet/agent/clock"
)

var (
	truth = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	built = truth.Add(-30 * 24 * time.Hour)
)

// machine is one whose clock can be set.
type machine struct {
	wall   time.Time
	passed time.Duration
}

func (m *machine) clock() *clock.Clock {
	return clock.New(clock.Machine{Wall: func() time.Time { return m.wall }, Passed: func() time.Duration { return m.passed }}, built)
}

func (m *machine) pass(d time.Duration) { m.wall, m.passed = m.wall.Add(d), m.passed+d }

// proved is a connection to a provider whose certificate is good around truth.
func proved() *tls.ConnectionState {
	c := &x509.Certificate{NotBefore: truth.Add(-time.Hour), NotAfter: truth.Add(90 * 24 * time.Hour)}
	return &tls.ConnectionState{PeerCertificates: []*x509.Certificate{c}, VerifiedChains: [][]*x509.Certificate{{c}}}
}

func same(t *testing.T, what string, got, want time.Time) {
	t.Helper()
	if !got.Equal(want) {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

func TestNothingIsBeforeTheBuildOrWhatWasKept(t *testing.T) {
	m := &machine{wall: time.Unix(0, 0)}
	c := m.clock()
	same(t, "in 1970", c.Now(), built)
	c.Passed(truth.Add(-time.Hour))
	same(t, "with what was kept", c.Sure(), truth.Add(-time.Hour))
	c.Passed(built)
	same(t, "an older one", c.Floor(), truth.Add(-time.Hour))
	m.wall = truth
	same(t, "a clock that goes right", c.Now(), truth)
}

func TestTheProviderSetsTheClockRight(t *testing.T) {
	for _, wrong := range []time.Duration{-56 * 365 * 24 * time.Hour, 3 * time.Second, -61 * time.Minute, 20 * 24 * time.Hour} {
		m := &machine{wall: truth.Add(wrong)}
		c := m.clock()
		c.Told(truth, proved())
		m.pass(time.Minute)
		same(t, wrong.String(), c.Now(), truth.Add(time.Minute))
		same(t, wrong.String(), c.Sure(), truth.Add(time.Minute))
		same(t, wrong.String(), c.Floor(), truth)
	}
}

func TestAClockThatIsSetAnewIsBelievedAgain(t *testing.T) {
	m := &machine{wall: time.Unix(0, 0)}
	c := m.clock()
	c.Told(truth, proved())
	m.pass(time.Minute)
	m.wall = truth.Add(time.Minute) // NTP comes late
	same(t, "set right", c.Now(), truth.Add(time.Minute))
	m.pass(time.Hour)
	same(t, "later", c.Now(), truth.Add(61*time.Minute))
}

func TestWhatProvesNoTime(t *testing.T) {
	unverified := proved()
	unverified.VerifiedChains = nil
	for name, c := range map[string]struct {
		at   time.Time
		over *tls.ConnectionState
		now  time.Time
	}{
		"without TLS":                     {truth.Add(time.Hour), nil, truth.Add(time.Hour)},
		"a certificate nobody looked at":  {truth.Add(time.Hour), unverified, truth},
		"after the certificate has ended": {truth.Add(91 * 24 * time.Hour), proved(), truth},
		"before the certificate is good":  {truth.Add(-2 * time.Hour), proved(), truth},
	} {
		m := &machine{wall: truth}
		k := m.clock()
		k.Told(c.at, c.over)
		same(t, name, k.Now(), c.now)
		same(t, name+": the floor", k.Floor(), built)
	}
}

func TestNobodyHoldsTheTimeOfCertificatesBack(t *testing.T) {
	m := &machine{wall: truth}
	c := m.clock()
	c.Told(truth, proved())
	c.Told(truth.Add(-30*time.Minute), proved())
	same(t, "assertions follow the provider", c.Now(), truth.Add(-30*time.Minute))
	same(t, "certificates do not", c.Sure(), truth)
	c.Told(built.Add(-time.Hour), nil)
	same(t, "nor without TLS", c.Sure(), truth)
}
