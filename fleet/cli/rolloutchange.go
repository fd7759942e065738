// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"nationtech.io/harmony/diag"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/wait"
)

func (p *program) rolloutPause() *cobra.Command {
	cmd := &cobra.Command{
		Use: "pause NAME", Short: "Tell no more devices the newest release, until resume", Args: exactly(1, "the name of a Deployment"),
		Example: "  harmony-fleet rollout pause thermostat",
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := p.options.open()
		if err != nil {
			return err
		}
		said, err := s.pause(cmd.Context(), args[0])
		if err == nil {
			fmt.Fprintln(p.streams.Out, said)
		}
		return err
	}
	return cmd
}

func (p *program) rolloutResume() *cobra.Command {
	cmd := &cobra.Command{
		Use: "resume NAME", Short: "Go on with a rollout that was paused, or that has stopped because devices failed", Args: exactly(1, "the name of a Deployment"),
		Example: "  harmony-fleet rollout resume thermostat",
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := p.options.open()
		if err != nil {
			return err
		}
		said, err := s.resume(cmd.Context(), args[0])
		if err == nil {
			fmt.Fprintln(p.streams.Out, said)
		}
		return err
	}
	return cmd
}

// pause says in the Deployment that nobody else is to be told, and gives a sentence about it.
func (s *session) pause(ctx context.Context, name string) (string, error) {
	return s.changing(ctx, name, s.pauses)
}

func (s *session) pauses(ctx context.Context, d *fleet.Deployment) (string, error) {
	name := d.Name
	if d.Spec.Rollout != nil && d.Spec.Rollout.Paused {
		return "Deployment " + name + " is paused already", nil
	}
	return "Deployment " + name + " is paused", s.amend(ctx, d, map[string]any{"paused": true})
}

// resume takes a pause away, and raises the number that makes a rollout go on which has stopped.
func (s *session) resume(ctx context.Context, name string) (string, error) {
	return s.changing(ctx, name, s.resumes)
}

// conflictLimit is how long a change is tried again: an operator writes a status once in a second at most.
const conflictLimit = 5 * time.Second

// changing reads a Deployment and changes it, and does so once more where the operator has written its status meanwhile.
func (s *session) changing(ctx context.Context, name string, change func(context.Context, *fleet.Deployment) (string, error)) (said string, err error) {
	var conflict error
	err = wait.Until(ctx, "a moment in which nobody writes "+name, wait.Pace{Limit: conflictLimit}, func(ctx context.Context) (string, bool, error) {
		d, err := s.wanted(ctx, name)
		if err == nil {
			said, err = change(ctx, d)
		}
		if apierrors.IsConflict(err) {
			conflict = err
			return err.Error(), false, nil
		}
		return "", err == nil, err
	})
	if errors.Is(err, context.DeadlineExceeded) && conflict != nil {
		return "", conflict
	}
	return said, err
}

func (s *session) resumes(ctx context.Context, d *fleet.Deployment) (string, error) {
	name := d.Name
	change, seen := map[string]any{}, int64(0)
	if d.Spec.Rollout != nil {
		seen = d.Spec.Rollout.Resume
		if d.Spec.Rollout.Paused {
			change["paused"] = nil
		}
	}
	if at := d.Status.Rollout; at != nil && at.Position.Stopped {
		change["resume"] = max(seen, at.Position.Resumed) + 1
	}
	if len(change) == 0 {
		return "Deployment " + name + " is neither paused, nor has its rollout stopped", nil
	}
	return "Deployment " + name + " goes on", s.amend(ctx, d, change)
}

// wanted reads a Deployment as it stands in Kubernetes.
func (s *session) wanted(ctx context.Context, name string) (*fleet.Deployment, error) {
	var d fleet.Deployment
	if err := s.objects.Get(ctx, types.NamespacedName{Namespace: s.in(), Name: name}, &d); err != nil {
		return nil, s.unchanged(ctx, name, err)
	}
	return &d, nil
}

// amend changes fields of the rollout of a Deployment, unless that was changed by someone else meanwhile.
func (s *session) amend(ctx context.Context, d *fleet.Deployment, change map[string]any) error {
	text, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"resourceVersion": d.ResourceVersion}, "spec": map[string]any{"rollout": change},
	})
	if err == nil {
		err = s.objects.Patch(ctx, d, client.RawPatch(types.MergePatchType, text), owner)
	}
	if err != nil {
		return s.unchanged(ctx, d.Name, err)
	}
	return nil
}

// unchanged says why a Deployment could not be changed.
func (s *session) unchanged(ctx context.Context, name string, err error) error {
	return s.refused(ctx, "Deployment "+s.in()+"/"+name, "harmony-fleet deployments", err)
}

// refused says why the API server did not change an object; list shows which there are.
func (s *session) refused(ctx context.Context, what, list string, err error) error {
	if apierrors.IsNotFound(err) {
		kind, _, _ := strings.Cut(what, " ")
		return diag.New(diag.NotInFleet, what).Saw("there is no such " + kind).Try("look which there are: " + list)
	}
	if apierrors.ReasonForError(err) == "" { // it is not the API server that says so
		if unreached := s.kube.Answers(ctx); unreached != nil {
			return unreached
		}
	}
	d := diag.New(diag.ChangeRefused, what).Because(err)
	if apierrors.IsConflict(err) {
		d.Saw("someone else has changed it meanwhile").Try("look at it, and do it again")
	}
	return d
}
