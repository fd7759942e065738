// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package exempt

import corev1 "k8s.io/api/core/v1"

func pod() corev1.Pod { return corev1.Pod{} }
