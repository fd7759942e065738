// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package tools

import (
	"net"
	"os/exec"
	"testing"

	"nationtech.io/harmony/capability/kube"
)

func TestATestMayRunWhatItNeeds(t *testing.T) {
	var place kube.Place
	if _, ok := place.(interface{ Close() error }); ok {
		t.Error(exec.Command("true").Run())
	}
	if _, err := net.Dial("tcp", "127.0.0.1:0"); err == nil {
		t.Error("port 0 answers")
	}
}
