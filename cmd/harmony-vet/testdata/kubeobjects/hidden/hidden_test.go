// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package hidden_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"nationtech.io/harmony/cmd/harmony-vet/testdata/kubeobjects/hidden"
)

func TestAHiddenScoreIsOne(t *testing.T) {
	if hidden.Placed(nil) == nil {
		t.Error(corev1.PodRunning)
	}
}
