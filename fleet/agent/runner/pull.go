// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"fmt"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
)

// pullSilence is after how long without a byte a pull is ended and tried again. There is no limit on the whole, for links are slow.
// It is long because podman says nothing either while it unpacks what it has: the largest layers take minutes on a bad disk.
const pullSilence = 15 * time.Minute

// pull fetches the images that a release needs, as their policies say.
func (r *Runner) pull(ctx context.Context, w workload, release contract.Release, fresh bool) error {
	always, never := map[string]bool{}, map[string]bool{}
	for _, c := range append(append([]contract.Container{}, release.Podman.InitContainers...), release.Podman.Services...) {
		always[c.Image] = always[c.Image] || fresh && c.PullPolicy == contract.PullAlways
		never[c.Image] = never[c.Image] || c.PullPolicy == contract.PullNever
	}
	for _, image := range release.Images() {
		has, err := r.podman.HasImage(ctx, image)
		if err != nil {
			return unavailable(err)
		}
		if has && !always[image] {
			continue
		}
		if never[image] {
			return notPulled(w, image).Saw("the device does not have it, and pullPolicy is Never")
		}
		err = r.pulls.take(ctx, func(progress func()) error { return r.fetch(ctx, w, image, progress) })
		if err != nil {
			return err
		}
	}
	return nil
}

// fetch fetches one image, and gives up when nothing comes any more.
func (r *Runner) fetch(ctx context.Context, w workload, image string, progress func()) error {
	r.stands(w, contract.Pulling, nil)
	limited, end := context.WithCancel(ctx)
	defer end()
	silent := time.AfterFunc(r.quiet, end)
	defer silent.Stop()
	err := r.podman.Pull(limited, image, r.login(image), func() {
		progress()
		silent.Reset(r.quiet)
	})
	switch {
	case err == nil:
		return nil
	case limited.Err() != nil && ctx.Err() == nil:
		return notPulled(w, image).Saw(fmt.Sprintf("nothing of it has come for %s", r.quiet)).Because(err)
	}
	return notPulled(w, image).Saw(err.Error()).Because(err)
}

func notPulled(w workload, image string) *diag.Diagnostic {
	return diag.New(diag.ImageNotPulled, w.Namespace, w.Name, image)
}
