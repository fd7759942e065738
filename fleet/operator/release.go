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

// record keeps what a Deployment asks for as a Release, which goes with it. One that is there already stays as it is.
func (o *operator) record(ctx context.Context, p *fleet.Deployment, is fleet.ReleaseRef) error {
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
	if err := o.client.Create(ctx, r); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("record release %s: %w", r.Name, err)
	}
	return o.prune(ctx, p, r.Name)
}

// prune takes away the releases of a Deployment beyond those that are kept. The one in use is kept however old it is.
func (o *operator) prune(ctx context.Context, p *fleet.Deployment, used string) error {
	return o.drop(ctx, p, releasesKept, used)
}

// drop takes away the releases of a Deployment but the newest, as many as are to be kept, and the one in use.
func (o *operator) drop(ctx context.Context, p *fleet.Deployment, keep int, used string) error {
	var all fleet.ReleaseList
	if err := o.reader.List(ctx, &all, client.InNamespace(p.Namespace), client.MatchingLabels{deploymentLabel: string(p.UID)}); err != nil {
		return fmt.Errorf("list the releases of %s: %w", p.Name, err)
	}
	slices.SortFunc(all.Items, func(a, b fleet.Release) int {
		return cmp.Or(b.CreationTimestamp.Compare(a.CreationTimestamp.Time), cmp.Compare(b.Spec.Generation, a.Spec.Generation))
	})
	for i := range all.Items {
		if i < keep || all.Items[i].Name == used {
			continue
		}
		if err := o.client.Delete(ctx, &all.Items[i]); client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("take release %s away: %w", all.Items[i].Name, err)
		}
	}
	return nil
}
