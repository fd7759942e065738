// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package embeds has a Score of another package, and none of its own.
package embeds

import (
	corev1 "k8s.io/api/core/v1" // want "import of k8s.io/api/core/v1 in a package that implements no Score"

	"nationtech.io/harmony/cmd/harmony-vet/testdata/kubeobjects/score"
)

type harness struct{ score.Score }

func (harness) pod() corev1.Pod { return corev1.Pod{} }
