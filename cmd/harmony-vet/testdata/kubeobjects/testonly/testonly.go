// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package testonly has a Score in its test and nowhere else.
package testonly

import corev1 "k8s.io/api/core/v1" // want "import of k8s.io/api/core/v1 in a package that implements no Score"

func pod() corev1.Pod { return corev1.Pod{} }
