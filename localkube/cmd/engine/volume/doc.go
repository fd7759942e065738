// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package volume makes directories of a node into PersistentVolumes.
//
//harmony:exempt kubeobjects a volume provisioner is a part of the cluster, and describes each volume as an object
package volume
