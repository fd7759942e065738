// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package addons has the Kubernetes objects that every cluster gets: CoreDNS, the
// StorageClass, the rights of localkube's own identities, and the probe Pod.
//
// localkube makes the place that Scores are placed on, so it has objects of its own
// and cannot use the framework, of which it imports nothing.
//
//harmony:exempt kubeobjects what makes the place that Scores are placed on cannot place Scores
package addons
