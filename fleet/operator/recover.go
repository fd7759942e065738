// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/operator/plane"
)

// begin finds out which release devices have been told until now, and where a rollout goes on from. What this process has told
// them it knows. When it sees a Deployment for the first time, its status says it.
func (d *deployments) begin(ctx context.Context, p *fleet.Deployment, k known, how *plane.Rollout) (known, error) {
	if k.uid != "" {
		if how != nil {
			how.Start = plane.Everyone(plane.Release(k.release)) // without a rollout, all were told it
		}
		return k, nil
	}
	if how == nil {
		var err error
		k.release, err = d.said(ctx, p)
		return k, err
	}
	// What is watched may be behind what the last leader has kept, and told devices.
	var now fleet.Deployment
	if err := d.reader.Get(ctx, client.ObjectKeyFromObject(p), &now); err != nil {
		return k, fmt.Errorf("read Deployment %s: %w", p.Name, err)
	}
	var err error
	if k.release, err = d.said(ctx, &now); err != nil {
		return k, err
	}
	switch {
	case now.Status.Rollout != nil:
		how.Start, err = progressOf(now.Status.Rollout)
	case k.release.Digest != "":
		how.Start = plane.Everyone(plane.Release(k.release))
	}
	if err != nil {
		return k, err
	}
	return k, d.stock(ctx, p, &how.Start)
}

// said is the release that a status says devices were told; none when they may have been told another one since. A status is
// written after devices are told, and so its writer may have died before that, and a backup that is restored brings an older one.
// What is asked for is then a release of this generation, which devices accept after all that they were told before.
//
// Of all edits but the last one, any may have been told. It does not help to look for their Releases alone: one that was asked for
// before is there already, with the generation that it was first asked for in. The position of a rollout is kept before devices are
// told: there a later Release says enough, and a rollout that was paused and resumed meanwhile does not begin anew.
func (d *deployments) said(ctx context.Context, p *fleet.Deployment) (fleet.ReleaseRef, error) {
	is := p.Status.Release
	switch {
	case p.Generation-p.Status.ObservedGeneration <= 1:
		return is, nil
	case p.Status.Rollout == nil:
		return fleet.ReleaseRef{}, nil
	}
	all, err := d.releases(ctx, p)
	if err != nil {
		return is, err
	}
	for _, r := range all.Items {
		if r.Spec.Generation > is.Generation && r.Spec.Digest != is.Digest {
			return fleet.ReleaseRef{}, nil
		}
	}
	return is, nil
}

// stock has the contents again that devices are told, or may be taken back to: they stand in the Releases.
func (d *deployments) stock(ctx context.Context, p *fleet.Deployment, start *plane.Progress) error {
	all, err := d.releases(ctx, p)
	if err != nil {
		return err
	}
	found := map[string]bool{}
	for _, r := range all.Items {
		if !slices.Contains(start.Digests(), r.Spec.Digest) {
			continue
		}
		digest, body, err := content(r.Spec.Score)
		if err != nil || digest != r.Spec.Digest {
			d.log.Warn("a release is not what its digest says", "namespace", r.Namespace, "release", r.Name)
			continue
		}
		if err := d.bus.PutBody(ctx, digest, body); err != nil {
			return err
		}
		d.contents.add(string(p.UID), digest, body)
		found[digest] = true
	}
	for _, digest := range start.Digests() {
		if !found[digest] {
			d.log.Warn("a release that devices are told is gone; those that do not have it yet cannot get it",
				"namespace", p.Namespace, "deployment", p.Name, "digest", digest)
		}
	}
	if back := plane.ReleaseOf(start.Position.Before).Digest; back != "" && !found[back] {
		start.Position.Before = "" // nobody is taken back to what cannot be had
	}
	return nil
}
