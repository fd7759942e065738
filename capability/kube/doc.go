// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package kube is the capability to have objects applied to a Kubernetes, watched
// until they are ready, reached and removed.
//
// Scores see Place and Cluster; Connect gives the real one. Apply looks at everything
// first, by reading and by a dry run of server-side apply, and reports all that stands
// against it before the first change. Then it records in the component's inventory
// what it is about to make, makes it stage by stage, deletes what is no longer
// wanted, and watches the rest until every object is ready or one of them will
// not heal. What is ready, not yet, or bad is decided by rules: pure functions of
// the objects, one for each kind. A bad state counts only after its grace.
//
// Every object carries the inventory's labels and an annotation with its name, and the
// inventory, a ConfigMap in the component's namespace, carries the uid of each object: so
// a run may be killed anywhere, and nothing that Harmony did not make is ever changed.
//
// Besides the Scores, this package alone handles Kubernetes objects: all that goes to or
// comes from a cluster passes through here.
//
//harmony:exempt kubeobjects it applies and reads the objects of every Score, and makes inventories, namespaces and credentials for them
package kube
