// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/wait"
)

// access is what revoke and allow show.
type access struct {
	Device string       `json:"device"`
	Access fleet.Access `json:"access"`
	// Reason and Message are those of the condition Ready, as the operator last wrote it.
	Reason  string `json:"reason"`
	Message string `json:"message"`
	// CutOff is true when the operator says that the device is refused, and that its connections were closed.
	CutOff  bool    `json:"cut_off"`
	Seconds float64 `json:"seconds"`
}

func (p *program) revoke() *cobra.Command {
	return p.accessing("revoke", "Cut a device off: it is not let in, told nothing more, and not heard; what it runs keeps running", fleet.AccessRevoked, "is cut off")
}

func (p *program) allow() *cobra.Command {
	return p.accessing("allow", "Let a device in again that was revoked", fleet.AccessAllowed, "is let in")
}

func (p *program) accessing(verb, short string, to fleet.Access, done string) *cobra.Command {
	cmd := &cobra.Command{
		Use: verb + " DEVICE", Short: short, GroupID: groupChange, Args: exactly(1, "the name of a device"),
		Example: "  harmony-fleet " + verb + " press-07", ValidArgsFunction: p.completeDevices(1),
	}
	known := p.options.outputs(cmd.Flags(), "text", "json")
	limit := cmd.Flags().Duration("timeout", 30*time.Second, "how long to wait for the operator; 0s looks once")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := known(); err != nil {
			return err
		}
		s, err := p.options.open()
		if err != nil {
			return err
		}
		a, err := s.access(cmd.Context(), args[0], to, *limit)
		if p.options.output == "json" && a.Device != "" {
			if written := writeJSON(p.streams.Out, a); written != nil {
				return written
			}
		} else if err == nil {
			fmt.Fprintf(p.streams.Out, "Device %s %s (%s)\n", a.Device, done, event.Human(time.Duration(a.Seconds*float64(time.Second))))
		}
		return err
	}
	return cmd
}

// access says whether a device is let in, and waits until the operator says so, too. What it gives names no device when nothing
// was changed.
func (s *session) access(ctx context.Context, name string, to fleet.Access, limit time.Duration) (a access, err error) {
	began := time.Now()
	var d fleet.Device
	what := "Device " + name
	if err = s.objects.Get(ctx, types.NamespacedName{Name: name}, &d); err != nil {
		return a, s.refused(ctx, what, "harmony-fleet devices", err)
	}
	if d.Spec.Fleet != s.fleet {
		return a, diag.New(diag.NotInFleet, what).Saw("it belongs to fleet " + d.Spec.Fleet).Try("name its fleet: --fleet " + d.Spec.Fleet)
	}
	patch := fmt.Sprintf(`{"spec":{"access":%q}}`, to)
	if err = s.objects.Patch(ctx, &d, client.RawPatch(types.MergePatchType, []byte(patch)), owner); err != nil {
		return a, s.refused(ctx, what, "harmony-fleet devices", err)
	}
	a, changed := access{Device: name, Access: to}, d.Generation
	look := func(ctx context.Context) (string, bool, error) {
		if err := s.objects.Get(ctx, types.NamespacedName{Name: name}, &d); err != nil {
			return "", false, s.refused(ctx, what, "harmony-fleet devices", err)
		}
		return a.said(&d, changed), a.settled(&d), nil
	}
	if limit <= 0 {
		var done bool
		if _, done, err = look(ctx); err == nil && !done {
			err = a.unsettled()
		}
		return a, err
	}
	err = wait.Until(ctx, what, wait.Pace{Limit: limit}, look)
	a.Seconds = time.Since(began).Seconds()
	var found *diag.Diagnostic
	switch {
	case err == nil || errors.As(err, &found):
		return a, err
	case ctx.Err() != nil:
		return a, diag.Ended(ctx)
	}
	return a, a.unsettled()
}

// said takes what the operator says of the device since its access was changed.
func (a *access) said(d *fleet.Device, changed int64) string {
	a.Reason, a.Message = "", "the operator has not written anything about it yet"
	if c := meta.FindStatusCondition(d.Status.Conditions, fleet.ConditionReady); c != nil && c.ObservedGeneration >= changed {
		a.Reason, a.Message = c.Reason, c.Message
	}
	a.CutOff = a.Reason == fleet.ReasonRevoked
	return a.Message
}

// settled tells whether the operator says what was asked for. Of a device that was let in before and never heard, it says nothing.
func (a *access) settled(d *fleet.Device) bool {
	if a.Access == fleet.AccessRevoked {
		return a.CutOff
	}
	c := meta.FindStatusCondition(d.Status.Conditions, fleet.ConditionReady)
	return c == nil || c.Reason != fleet.ReasonRevoked && c.Reason != fleet.ReasonRevoking
}

func (a *access) unsettled() error {
	return diag.New(diag.NotCutOff, "Device "+a.Device).Saw("its access is " + string(a.Access) + " since now").Saw(a.Message).
		Try("wait for the operator: harmony-fleet describe device " + a.Device)
}
