// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"

	"nationtech.io/harmony"
	"nationtech.io/harmony/wait"
)

// goneWithin is how long what belongs to deleted objects may take to be collected
// before it counts as something that is left.
const goneWithin = 30 * time.Second

// leave deletes the namespace if Harmony made it and nothing else is left in it, and waits
// until it is gone.
func (c *Client) leave(ctx context.Context, inventory Inventory, removed *harmony.Removed) error {
	ns, err := c.namespace(ctx, inventory.Namespace)
	if err != nil || ns == nil || ns.Annotations[madeAnnotation] != "true" {
		return err
	}
	ref := coreReference("Namespace", "", ns.Name)
	if ns.DeletionTimestamp == nil {
		others, err := c.others(ctx, ns.Name)
		if err != nil {
			return err
		}
		if len(others) > 0 {
			removed.Shared = append(removed.Shared, ref.String()+" (still holds "+detail(others)+")")
			return nil
		}
	}
	done, err := c.deleteOne(ctx, doomed{ref, namespaces, ns.UID})
	if done && err == nil {
		removed.Gone = append(removed.Gone, ref.String())
		changed(ctx, harmony.Deleted, ref, "")
	}
	return err
}

// others lists what is left in a namespace besides what every namespace has, after waiting for
// what is going away by itself.
func (c *Client) others(ctx context.Context, namespace string) (others []string, err error) {
	kinds, err := c.listable(ctx)
	if err != nil {
		return nil, err
	}
	err = wait.Until(ctx, "namespace "+namespace+" to become empty", wait.Pace{Limit: goneWithin}, func(ctx context.Context) (string, bool, error) {
		kept, going, err := c.inhabitants(ctx, kinds, namespace)
		if err != nil {
			return "", false, err
		}
		others = append(kept, going...)
		return detail(others), len(kept) > 0 || len(going) == 0, nil
	})
	var gave *wait.GaveUp
	if errors.As(err, &gave) && ctx.Err() == nil {
		return others, nil // what does not go away counts as someone's
	}
	return others, err
}

// A kind that objects of a namespace can have.
type listable struct {
	resource
	kind string
}

func (c *Client) listable(ctx context.Context) (kinds []listable, err error) {
	lists, err := c.kinds.discovery.ServerPreferredNamespacedResourcesWithContext(ctx)
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		return nil, failed(ctx, err, attempt{verb: "list the kinds that there are"})
	}
	for _, list := range lists {
		gv, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			continue
		}
		for _, r := range list.APIResources {
			if slices.Contains(r.Verbs, "list") && slices.Contains(r.Verbs, "delete") && r.Kind != "Event" {
				kinds = append(kinds, listable{resource{gv.WithResource(r.Name), true}, r.Kind})
			}
		}
	}
	return kinds, nil
}

// inhabitants lists what is in a namespace: what stays or may be there, and what goes away by itself because
// it is being deleted or is part of something that was.
func (c *Client) inhabitants(ctx context.Context, kinds []listable, namespace string) (kept, going []string, err error) {
	found, unknown := make([][]unstructured.Unstructured, len(kinds)), make([]string, len(kinds))
	var all side
	for i, k := range kinds {
		all.do(func() error {
			list, err := c.in(k.resource, namespace).List(ctx, metav1.ListOptions{})
			if apierrors.IsNotFound(err) || apierrors.IsMethodNotSupported(err) {
				return nil // the kind went away
			}
			if apierrors.IsForbidden(err) {
				unknown[i] = k.kind + " that these credentials may not list"
				return nil
			}
			if err != nil {
				return failed(ctx, err, attempt{"list", reference{schema.GroupVersionKind{Kind: k.kind}, namespace, ""}})
			}
			found[i] = list.Items
			return nil
		})
	}
	if err := all.wait(); err != nil {
		return nil, nil, err
	}
	kept = slices.DeleteFunc(unknown, func(kind string) bool { return kind == "" })
	for i, list := range found {
		for _, u := range list {
			name := kinds[i].kind + "/" + u.GetName()
			switch {
			case native(kinds[i].kind, &u) || c.leases(&u):
			case passing(kinds[i].kind, &u):
				going = append(going, name)
			default:
				kept = append(kept, name)
			}
		}
	}
	slices.Sort(kept)
	slices.Sort(going)
	return kept, going, nil
}

// leases tells whether the object is a Lease that a run of this client holds, which ends with the run.
func (c *Client) leases(u *unstructured.Unstructured) bool {
	_, ours := c.leased.Load(u.GetUID())
	return ours
}

// native tells whether every namespace has this object.
func native(kind string, u *unstructured.Unstructured) bool {
	return kind == "ServiceAccount" && u.GetName() == "default" ||
		kind == "ConfigMap" && u.GetName() == "kube-root-ca.crt" ||
		kind == "ConfigMap" && u.GetName() == "openshift-service-ca.crt" ||
		kind == "PodMetrics"
}

// passing tells whether an object goes away by itself.
func passing(kind string, u *unstructured.Unstructured) bool {
	_, derived := u.GetAnnotations()[corev1.EndpointsLastChangeTriggerTime]
	return u.GetDeletionTimestamp() != nil || len(u.GetOwnerReferences()) > 0 ||
		kind == "EndpointSlice" && strings.HasPrefix(u.GetLabels()[discoveryv1.LabelManagedBy], "endpointslice") ||
		kind == "Endpoints" && (derived || u.GetLabels()["endpoints.kubernetes.io/managed-by"] != "")
}
