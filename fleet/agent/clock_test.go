// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/fleet/agent/clock"
	"nationtech.io/harmony/fleet/agent/natstest"
)

func TestTheCertificateOfNATSIsHeldAgainstTheTimeOfTheAgent(t *testing.T) {
	s := natstest.Reserve(t, devices())
	s.Secure()
	s.Up()
	r := prepareAt(t, "", `urls = ["`+s.URL()+`"]`+"\nca_file = \""+s.CA()+`"`)
	in1970 := clock.Machine{Wall: func() time.Time { return time.Unix(0, 0) }}
	r.link.clock = clock.New(in1970, time.Time{})
	r.start()
	r.untilLink("why it is not connected", func(l LinkStatus) bool { return !l.Connected && strings.Contains(l.LastError, "certificate") })
	r.link.clock.Passed(time.Now())
	r.untilLink("connected, now that the time is known", func(l LinkStatus) bool { return l.Connected })
}
