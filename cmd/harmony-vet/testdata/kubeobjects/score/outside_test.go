// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package score_test

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"nationtech.io/harmony/cmd/harmony-vet/testdata/kubeobjects/score"
)

func TestObjectsAreLookedAtFromOutside(t *testing.T) {
	for _, o := range score.Objects() {
		if pod, ok := o.(*corev1.Pod); ok && pod.Name == "" {
			t.Error(pod)
		}
	}
	_ = score.Pod{} // want "a k8s.io/api/core/v1.Pod is built"
}
