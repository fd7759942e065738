// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package kubernetes is the topology of any cluster that a kubeconfig leads to.
//
// Images go through a registry that this machine can push to and the cluster can
// pull from; a release of Harmony can do without, as its images are published.
package kubernetes
