// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/wait"
)

// A lostTerm says that another operator has raised the term: this one must not write any more.
type lostTerm struct{ have, mine int64 }

func (e *lostTerm) Error() string {
	return fmt.Sprintf("another operator leads: the term is %d, ours was %d", e.have, e.mine)
}

// raise takes a new term, above the one that stands and above least, by compare and swap. It waits for the FleetState to be made.
func (o *operator) raise(ctx context.Context, mine, least int64) (f *fleet.FleetState, err error) {
	err = wait.Until(ctx, "FleetState "+o.Namespace+"/"+fleet.FleetStateName, wait.Pace{}, func(ctx context.Context) (string, bool, error) {
		if f, err = o.fleet(ctx); apierrors.IsNotFound(err) {
			return "it is not there", false, nil
		}
		if err != nil {
			return err.Error(), false, nil
		}
		if mine != 0 && f.Status.Term != mine {
			return "", false, &lostTerm{f.Status.Term, mine}
		}
		f.Status.Term, f.Status.Leader, f.Status.API = max(f.Status.Term, least)+1, o.Identity, o.api.known()
		switch err = o.client.Status().Update(ctx, f); {
		case apierrors.IsConflict(err):
			return "it was written by someone else", false, nil
		case err != nil:
			return err.Error(), false, nil
		}
		return "", true, nil
	})
	return f, err
}

// amend changes the status of the FleetState by compare and swap, as the leader of its term.
func (o *operator) amend(ctx context.Context, change func(*fleet.FleetState)) error {
	return wait.Until(ctx, "the FleetState to be written", wait.Pace{}, func(ctx context.Context) (string, bool, error) {
		f, err := o.fleet(ctx)
		if err != nil {
			return err.Error(), false, err
		}
		if mine := o.state.Order().Term; f.Status.Term != mine {
			return "", false, &lostTerm{f.Status.Term, mine}
		}
		change(f)
		err = o.client.Status().Update(ctx, f)
		if apierrors.IsConflict(err) {
			return "it was written by someone else", false, nil
		}
		if err == nil {
			o.state.SetGraves(graves(f))
		}
		return fmt.Sprint(err), err == nil, err
	})
}

// fleet asks the API server: a cache may be behind.
func (o *operator) fleet(ctx context.Context) (*fleet.FleetState, error) {
	var f fleet.FleetState
	err := o.reader.Get(ctx, types.NamespacedName{Namespace: o.Namespace, Name: fleet.FleetStateName}, &f)
	return &f, err
}
