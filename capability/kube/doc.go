// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package kube is the capability to have objects applied to a Kubernetes, watched
// until they are ready, reached and removed.
//
// Besides the Scores, this package alone handles Kubernetes objects
// (harmony:kubeobjects-exempt): it keeps the inventory of each component as a
// ConfigMap and makes the namespaces and generated credentials that components ask for.
package kube
