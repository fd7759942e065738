// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package agent

import (
	"context"
	"fmt"
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

func TestTheTimeThatHasPassedOutlivesTheAgent(t *testing.T) {
	s := natstest.Start(t, devices())
	more := fmt.Sprintf("runtime_enabled = true\nruntime.state_dir = %q\nruntime.podman_socket = \"/does/not/exist\"", t.TempDir())
	at := time.Now().Truncate(time.Second)
	r := prepare(t, more, s)
	r.keeper.right.Passed(at)
	r.start()
	until(t, "the time is kept", func(context.Context) (string, bool) {
		r.keeper.mu.Lock()
		defer r.keeper.mu.Unlock()
		return r.keeper.timeKept.String(), r.keeper.timeKept.Equal(at)
	})
	r.end()
	again := run(t, more, s)
	until(t, "it is known again", func(context.Context) (string, bool) {
		floor := again.keeper.right.Floor()
		return floor.String(), floor.Equal(at)
	})
}
