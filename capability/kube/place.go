// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"net"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"nationtech.io/harmony"
	"nationtech.io/harmony/secret"
)

// Place is what a Score asks for that needs a Kubernetes.
type Place interface{ Kubernetes() Cluster }

// Object is a typed Kubernetes object, as k8s.io/api defines them.
type Object interface {
	metav1.Object
	runtime.Object
}

// A Cluster is one Kubernetes, as Scores see it. Errors are Diagnostics.
type Cluster interface {
	Applier
	Reader
	Dialer
}

// An Applier changes objects.
type Applier interface {
	// Apply makes the objects of the inventory be exactly these, deletes what the
	// inventory had before and has no longer, and returns when all are ready. The inventory's namespace is
	// made when it is missing. What someone edited or deleted is repaired alone. Never touches
	// what it does not own: an object of that name that is not in the inventory is an error.
	Apply(ctx context.Context, inventory Inventory, objects ...Object) (harmony.Outcome, error)
	// Generate gives the values of the inventory's Secret of that name. A key that it lacks is
	// generated; what is there is never changed. The Secret is data: only a purge deletes it.
	Generate(ctx context.Context, inventory Inventory, name string, keys ...string) (map[string]secret.Value, harmony.Outcome, error)
	// Remove deletes what the inventory lists, in the reverse order, and waits until it is gone. Data (volume
	// claims and Secrets with DataLabels) is kept and listed unless purged. The namespace goes only if
	// Harmony made it and nothing else is left in it.
	Remove(ctx context.Context, inventory Inventory, how harmony.Removal) (harmony.Removed, error)
	// Alone runs do while no other run does the like under the same inventory, on whichever machine: it waits for its turn as
	// long as the context lasts, and says for whom. It is for smoke tests that make something. What do applies is held
	// no longer than do lasts. Its context is cancelled when another run has taken over, because this one was suspended.
	Alone(ctx context.Context, inventory Inventory, do func(context.Context) error) error
}

// A Reader looks at what is there.
type Reader interface {
	// Pods lists the Pods of a namespace that have these labels.
	Pods(ctx context.Context, namespace string, labels map[string]string) ([]corev1.Pod, error)
	// Secret gives the values of a Secret; none when there is no such Secret.
	Secret(ctx context.Context, namespace, name string) (map[string]secret.Value, error)
	// Versions tells which Kubernetes it is and what it serves.
	Versions(ctx context.Context) (Versions, error)
}

// A Dialer connects to what runs in the cluster.
type Dialer interface {
	// Dial connects to a ready Pod behind the Service. Its errors carry the codes
	// NoService, NoEndpoint, ConnectionRefused or APIUnreachable.
	Dial(ctx context.Context, to Service) (net.Conn, error)
}

// Service is a port of a Service in a namespace.
type Service struct {
	Namespace string
	Name      string
	Port      int
}

// Inventory names what one component owns in a namespace.
type Inventory struct {
	Namespace string
	Name      string // the component's name
	// Shared is for what a cluster has once and several components bring along, such as definitions of kinds. Their runs do not
	// wait for each other: none holds a Lease. What two of them write at the same time, each lists.
	Shared bool
}

// Labels are what Apply puts on every object of the inventory.
func (i Inventory) Labels() map[string]string {
	return map[string]string{ManagedByLabel: "harmony", ComponentLabel: i.Name}
}

// DataLabels mark data of the inventory that Apply does not make itself, such as
// the claims that a StatefulSet makes: put them on its volumeClaimTemplates.
func (i Inventory) DataLabels() map[string]string {
	return map[string]string{ManagedByLabel: "harmony", ComponentLabel: i.Name, DataLabel: "true"}
}

// The labels by which objects are found again.
const (
	ManagedByLabel = "app.kubernetes.io/managed-by"
	ComponentLabel = "harmony.nationtech.io/component"
	DataLabel      = "harmony.nationtech.io/data"
	// InventoryLabel marks the ConfigMaps that are inventories.
	InventoryLabel = "harmony.nationtech.io/inventory"
)
