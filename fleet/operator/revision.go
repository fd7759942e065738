// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
)

// compareLimit bounds how long is waited for the revision of the API server.
const compareLimit = 3 * time.Second

// A wentBack says that the API server was taken back to an earlier revision: what is watched is not what it has. A watch that was
// begun at a later revision is accepted, and stays silent, so only another process learns how things are.
type wentBack struct{ is, was uint64 }

func (e *wentBack) Error() string {
	return fmt.Sprintf("the API server went back from revision %d to %d", e.was, e.is)
}

// revisions are the latest revision that the API server has shown of itself, and whether it may have gone back since.
type revisions struct {
	latest  atomic.Uint64
	doubted atomic.Bool
}

// saw notes the revision of an object, or of a list.
func (r *revisions) saw(text string) {
	revision, err := strconv.ParseUint(text, 10, 64)
	for err == nil {
		was := r.latest.Load()
		if revision <= was || r.latest.CompareAndSwap(was, revision) {
			return
		}
	}
}

// answered notes how a request ended. Who takes an API server back has to stop it, so one that did not answer is in doubt.
func (r *revisions) answered(ctx context.Context, o client.Object, err error) error {
	var status apierrors.APIStatus
	switch {
	case err == nil:
		r.saw(o.GetResourceVersion())
	case !errors.As(err, &status) && ctx.Err() == nil:
		r.doubted.Store(true)
	}
	return err
}

// compare ends the reign when the API server has gone back. Until it is known that it has not, no status is written, so that
// its revision does not pass the one that was seen.
func (r *reign) compare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, compareLimit)
	defer cancel()
	latest := r.revisions.latest.Load() // what is seen meanwhile may be later than the answer
	var all fleet.FleetStateList
	if err := r.reader.List(ctx, &all, client.InNamespace(r.Namespace), client.Limit(1)); err != nil {
		if !r.revisions.doubted.Swap(true) {
			r.log.Warn("the API server does not say its revision: no status is written until it does", "reason", err.Error())
		}
		return nil
	}
	if revision, err := strconv.ParseUint(all.ResourceVersion, 10, 64); err == nil && revision < latest {
		return &wentBack{revision, latest}
	}
	r.revisions.saw(all.ResourceVersion)
	if r.revisions.doubted.Swap(false) {
		r.log.Info("the API server answers again, and has not gone back")
	}
	return nil
}

// A witness is a client that notes which revisions the API server shows.
type witness struct {
	client.Client
	revisions *revisions
}

// Get reads an object.
func (w witness) Get(ctx context.Context, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
	err := w.Client.Get(ctx, key, o, options...)
	if err == nil {
		w.revisions.saw(o.GetResourceVersion())
	}
	return err
}

// Create makes an object.
func (w witness) Create(ctx context.Context, o client.Object, options ...client.CreateOption) error {
	return w.revisions.answered(ctx, o, w.Client.Create(ctx, o, options...))
}

// Patch changes an object.
func (w witness) Patch(ctx context.Context, o client.Object, p client.Patch, options ...client.PatchOption) error {
	return w.revisions.answered(ctx, o, w.Client.Patch(ctx, o, p, options...))
}

// Status writes into the status of objects.
func (w witness) Status() client.SubResourceWriter {
	return witnessedStatus{w.Client.Status(), w.revisions}
}

type witnessedStatus struct {
	client.SubResourceWriter
	revisions *revisions
}

// Update replaces a status.
func (w witnessedStatus) Update(ctx context.Context, o client.Object, options ...client.SubResourceUpdateOption) error {
	return w.revisions.answered(ctx, o, w.SubResourceWriter.Update(ctx, o, options...))
}

// Patch changes a status.
func (w witnessedStatus) Patch(ctx context.Context, o client.Object, p client.Patch, options ...client.SubResourcePatchOption) error {
	return w.revisions.answered(ctx, o, w.SubResourceWriter.Patch(ctx, o, p, options...))
}
