// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
)

const (
	// releasesKept is how many releases of a Deployment are kept.
	releasesKept = 10
	// deploymentLabel is on a Release, with the UID of its Deployment.
	deploymentLabel = "fleet.nationtech.io/deployment"
)

// record keeps what a Deployment asks for as a Release, which goes with it. One that is there already stays as it is. Those
// beyond the last ones are taken away, but for this and those of the digests in use, however old they are.
func (o *operator) record(ctx context.Context, p *fleet.Deployment, is fleet.ReleaseRef, used []string) error {
	r := &fleet.Release{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: p.Namespace, Name: fmt.Sprintf("%s-%.12s", p.Name, is.Digest),
			Labels: map[string]string{deploymentLabel: string(p.UID)},
		},
		Spec: fleet.ReleaseSpec{Deployment: p.Name, Generation: is.Generation, Digest: is.Digest, Score: p.Spec.Score},
	}
	if err := controllerutil.SetOwnerReference(p, r, o.client.Scheme()); err != nil {
		return fmt.Errorf("record release %s: %w", r.Name, err)
	}
	err := o.client.Create(ctx, r)
	if err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("record release %s: %w", r.Name, err)
	}
	if err != nil {
		// One of another Deployment, which had this name and is gone, goes with that.
		all, unread := o.releases(ctx, p)
		if unread != nil {
			return unread
		}
		if !slices.ContainsFunc(all.Items, func(there fleet.Release) bool { return there.Name == r.Name }) {
			return fmt.Errorf("record release %s beside that of another Deployment: %w", r.Name, err)
		}
	}
	return o.drop(ctx, p, releasesKept, append(used, is.Digest))
}

// releases lists those of a Deployment, in no order.
func (o *operator) releases(ctx context.Context, p *fleet.Deployment) (all fleet.ReleaseList, err error) {
	if err := o.reader.List(ctx, &all, client.InNamespace(p.Namespace), client.MatchingLabels{deploymentLabel: string(p.UID)}); err != nil {
		return all, fmt.Errorf("list the releases of %s: %w", p.Name, err)
	}
	return all, nil
}

// drop takes away the releases of a Deployment but the newest, as many as are to be kept, and those of the digests in use.
func (o *operator) drop(ctx context.Context, p *fleet.Deployment, keep int, used []string) error {
	all, err := o.releases(ctx, p)
	if err != nil {
		return err
	}
	slices.SortFunc(all.Items, func(a, b fleet.Release) int {
		return cmp.Or(b.CreationTimestamp.Compare(a.CreationTimestamp.Time), cmp.Compare(b.Spec.Generation, a.Spec.Generation))
	})
	for i := range all.Items {
		if i < keep || slices.Contains(used, all.Items[i].Spec.Digest) {
			continue
		}
		if err := o.client.Delete(ctx, &all.Items[i], client.Preconditions{UID: &all.Items[i].UID}); client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("take release %s away: %w", all.Items[i].Name, err)
		}
	}
	return nil
}
