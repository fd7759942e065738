// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"nationtech.io/harmony/diag"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/people"
)

func (p *program) rolloutUndo() *cobra.Command {
	var to int64
	var yes, dry bool
	cmd := &cobra.Command{
		Use: "undo NAME", Short: "Ask again for what an earlier release asked for, after showing which devices that changes",
		Args:    exactly(1, "the name of a Deployment"),
		Example: "  harmony-fleet rollout undo thermostat\n  harmony-fleet rollout undo thermostat --to 4 --dry-run",
	}
	known := p.options.outputs(cmd.Flags(), "text", "json")
	cmd.Flags().Int64Var(&to, "to", 0, "the generation of the release (default: the one before)")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "show which devices would change, and change nothing")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := known(); err != nil {
			return err
		}
		if !yes && !dry && !p.streams.CanAsk() {
			return diag.New(diag.BadFlag, "--yes").Saw("there is no terminal to ask at").Try("look first, and undo then:", "--dry-run", "--yes")
		}
		s, err := p.options.open()
		if err != nil {
			return err
		}
		u, err := s.undo(cmd.Context(), args[0], to)
		if err != nil {
			return err
		}
		if p.options.output != "json" {
			fmt.Fprintf(p.streams.Out, "back to what release %d (%.12s) asked for\n", u.to.Generation, u.to.Digest)
		}
		if err := p.show(u.plan); err != nil || dry {
			return err
		}
		if !yes {
			if err := p.streams.Ask(cmd.Context()); err != nil {
				return err
			}
		}
		if err := u.carryOut(cmd.Context()); err != nil {
			return err
		}
		if p.options.output != "json" {
			fmt.Fprintf(p.streams.Out, "Deployment/%s undone\n", args[0])
		}
		return nil
	}
	return cmd
}

// An undoing is what a Deployment shall ask for again.
type undoing struct {
	*session
	of    *fleet.Deployment
	to    fleet.ReleaseSpec
	patch client.Patch
	plan  people.Plan
}

// undo finds the release to go back to, and which devices that would change. 0 is the release before.
func (s *session) undo(ctx context.Context, name string, to int64) (*undoing, error) {
	d, err := s.wanted(ctx, name)
	if err != nil {
		return nil, err
	}
	var all fleet.ReleaseList
	if err := s.objects.List(ctx, &all, client.InNamespace(d.Namespace)); err != nil {
		return nil, s.unchanged(ctx, name, err)
	}
	u := &undoing{session: s, of: d}
	if u.to, err = earlier(d, all.Items, to); err != nil {
		return nil, err
	}
	// The score is replaced as a whole, and only where nobody has changed the Deployment since.
	text, err := json.Marshal([]map[string]any{
		{"op": "replace", "path": "/metadata/resourceVersion", "value": d.ResourceVersion},
		{"op": "replace", "path": "/spec/score", "value": u.to.Score},
	})
	if err != nil {
		return nil, s.unchanged(ctx, name, err)
	}
	u.patch = client.RawPatch(types.JSONPatchType, text)
	would := d.DeepCopy()
	if err := s.objects.Patch(ctx, would, u.patch, owner, client.DryRunAll); err != nil {
		return nil, s.unchanged(ctx, name, err)
	}
	would.TypeMeta = metav1.TypeMeta{APIVersion: fleet.GroupVersion.String(), Kind: "Deployment"}
	object, err := json.Marshal(would)
	if err != nil {
		return nil, s.unchanged(ctx, name, err)
	}
	return u, s.call(ctx, http.MethodPost, people.PlanPath, people.PlanRequest{Objects: []json.RawMessage{object}}, &u.plan)
}

// earlier chooses among the releases of a namespace: the one of that generation, or the one before. That is the last one that was
// finished, if a rollout knows it, or else the latest that is not asked for now.
func earlier(d *fleet.Deployment, all []fleet.Release, to int64) (fleet.ReleaseSpec, error) {
	var found []fleet.ReleaseSpec
	var generations []int64
	for _, r := range all {
		ours := slices.ContainsFunc(r.OwnerReferences, func(o metav1.OwnerReference) bool { return o.UID == d.UID })
		if ours && r.Spec.Digest != d.Status.Release.Digest && !equal(r.Spec.Score, d.Spec.Score) {
			found = append(found, r.Spec)
		}
	}
	slices.SortFunc(found, func(a, b fleet.ReleaseSpec) int { return cmp.Compare(b.Generation, a.Generation) })
	for _, r := range found {
		if r.Generation == to {
			return r, nil
		}
		generations = append(generations, r.Generation)
	}
	if to == 0 && len(found) > 0 {
		if at := d.Status.Rollout; at != nil && at.Position.Before != nil {
			if i := slices.IndexFunc(found, func(r fleet.ReleaseSpec) bool { return r.Digest == at.Position.Before.Digest }); i >= 0 {
				return found[i], nil
			}
		}
		return found[0], nil
	}
	missing := diag.New(diag.ReleaseMissing, "Deployment "+d.Namespace+"/"+d.Name)
	if to != 0 {
		missing.Saw(fmt.Sprintf("no other release that is kept is of generation %d", to))
	}
	if len(generations) == 0 {
		return fleet.ReleaseSpec{}, missing.Saw("there is no release but the one that it asks for")
	}
	return fleet.ReleaseSpec{}, missing.Saw(fmt.Sprintf("there are those of the generations %d", generations)).
		Try("kubectl --namespace " + d.Namespace + " get fleetrel")
}

// equal tells whether two scores ask for the same.
func equal(a, b fleet.Score) bool {
	var x, y any
	if json.Unmarshal(a.Data.Raw, &x) != nil || json.Unmarshal(b.Data.Raw, &y) != nil {
		return false
	}
	return a.Type == b.Type && reflect.DeepEqual(x, y)
}

func (u *undoing) carryOut(ctx context.Context) error {
	if err := u.objects.Patch(ctx, u.of, u.patch, owner); err != nil {
		return u.unchanged(ctx, u.of.Name, err)
	}
	return nil
}
