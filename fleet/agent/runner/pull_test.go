// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/podmantest"
	"nationtech.io/harmony/fleet/contract"
)

func TestAPullEndsWhenNothingComesAndNotWhenItIsSlow(t *testing.T) {
	b := onPodman(t, podmantest.Start(t))
	b.quiet = 3 * time.Second // the slow one takes longer as a whole
	silent, slow := b.service(), b.service()
	silent.Image, slow.Image = b.machine.Push(t, podmantest.Silent+":1"), b.machine.PushLarger(t, podmantest.Slow+":1", 1<<20)
	never, late := b.wants("silent", silent), b.wants("slow", slow)
	if fault := b.sees(never, contract.Failed, diag.ImageNotPulled); !strings.Contains(fault.Error(), "nothing of it has come for 3s") {
		t.Errorf("it is said: %v", fault)
	}
	b.sees(late, contract.Running, "")
	if failures := b.entry(late).failures; failures != 0 {
		t.Errorf("the slow one was tried %d times", failures+1)
	}
}
