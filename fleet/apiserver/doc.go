// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package apiserver is how the fleet's programs beside the operator reach the API server of Kubernetes: as a Pod of it, or
// by a kubeconfig. There they learn which control plane their fleet has, which is the UID of its FleetState.
package apiserver
