// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/admin"
)

func (p *program) enrollments() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use: "enrollments", Short: "Which devices ask to be taken in", Args: exactly(0, "no arguments"), GroupID: groupEnrol,
		Long: "Lists devices that wait for an approval. What a device says of itself proves nothing; its fingerprint does: compare it with the\n" +
			"one that harmony-fleet-agent join shows on the device.",
		Example: "  harmony-fleet enrollments\n  harmony-fleet enrollments --all --output json",
	}
	known := p.options.outputs(cmd.Flags(), "text", "json")
	cmd.Flags().BoolVar(&all, "all", false, "those that were approved or denied in the last week, too")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := known(); err != nil {
			return err
		}
		issuer, err := p.administrator(cmd.Context())
		if err != nil {
			return err
		}
		list, err := issuer.Joins(cmd.Context())
		if err != nil {
			return err
		}
		if !all {
			list = slices.DeleteFunc(list, func(j admin.Join) bool { return j.Standing != contract.JoinPending })
		}
		if p.options.output == "json" {
			return writeJSON(p.streams.Out, list)
		}
		return table(p.streams.Out, joinRows(list, time.Now())...)
	}
	return cmd
}

func joinRows(list []admin.Join, now time.Time) [][]string {
	rows := [][]string{{"NAME", "STANDING", "ASKED", "FROM", "HOST", "MACHINE", "LABELS", "NOTE", "FINGERPRINT"}}
	for _, j := range list {
		note := "-"
		if j.Taken {
			note = "name is taken"
		}
		machine := strings.Trim(j.Facts.OS+"/"+j.Facts.Arch, "/")
		rows = append(rows, []string{
			j.Device, string(j.Standing), ago(&j.Asked, now) + " ago", j.From, orDash(j.Facts.Hostname), orDash(machine), pairs(j.Labels), note, j.Key,
		})
	}
	return rows
}

// An answering is a person's answer to a device that asks.
type answering struct {
	name, fingerprint string
	labels            map[string]string
	replace, yes      bool
}

// answers makes a command that answers a device.
func (p *program) answers(verb, short string) (*cobra.Command, *answering) {
	a := new(answering)
	cmd := &cobra.Command{
		Use: verb + " NAME", Short: short, Args: exactly(1, "the name of a device that asks"), GroupID: groupEnrol,
		Example: "  harmony-fleet enrollments\n  harmony-fleet " + verb + " press-07",
	}
	cmd.Flags().StringVar(&a.fingerprint, "fingerprint", "", "the fingerprint that the device shows; the device is asked for by it, and no question is put")
	cmd.Flags().BoolVar(&a.yes, "yes", false, "do not ask")
	return cmd, a
}

func (p *program) approve() *cobra.Command {
	cmd, a := p.answers("approve", "Take in a device that asks: make its Device, and enrol it")
	var labels []string
	cmd.Flags().StringArrayVar(&labels, "label", nil, "a label of the Device, beside those of the token; may be given again")
	cmd.Flags().BoolVar(&a.replace, "replace", false, "let it take the name of a device that is enrolled, or was revoked; that one loses all keys, and its connections are closed")
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		a.name = args[0]
		if a.labels, err = labelled(labels); err != nil {
			return err
		}
		return p.answer(cmd.Context(), a, func(s *session, issuer admin.Client, j admin.Join) error {
			return s.approve(cmd.Context(), issuer, j, *a, p.streams.Out)
		})
	}
	return cmd
}

func (p *program) deny() *cobra.Command {
	cmd, a := p.answers("deny", "Refuse a device that asks")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		a.name = args[0]
		return p.answer(cmd.Context(), a, func(_ *session, issuer admin.Client, j admin.Join) error {
			if err := issuer.Deny(cmd.Context(), j.Device, admin.Approval{Key: j.Key}); err != nil {
				return err
			}
			fmt.Fprintf(p.streams.Out, "%s denied\n", j.Device)
			return nil
		})
	}
	return cmd
}

// answer finds the device that is meant, shows it, has the person agree, and does it.
func (p *program) answer(ctx context.Context, a *answering, do func(*session, admin.Client, admin.Join) error) error {
	ask := !a.yes && a.fingerprint == ""
	if ask && !p.streams.CanAsk() {
		return diag.New(diag.BadFlag, "--yes").Saw("there is no terminal to ask at").Try("look first: harmony-fleet enrollments", "--fingerprint FINGERPRINT")
	}
	s, err := p.options.open()
	if err != nil {
		return err
	}
	issuer, err := s.asked(ctx)
	if err != nil {
		return err
	}
	j, err := meant(ctx, issuer, *a)
	if err != nil {
		return err
	}
	if ask {
		if err := table(p.streams.Err, joinRows([]admin.Join{j}, time.Now())...); err != nil {
			return err
		}
		if err := p.streams.Ask(ctx); err != nil {
			return err
		}
	}
	return do(s, issuer, j)
}

// meant is the device that is meant. Who names one by its fingerprint may answer anew.
func meant(ctx context.Context, issuer admin.Client, a answering) (admin.Join, error) {
	list, err := issuer.Joins(ctx)
	if err != nil {
		return admin.Join{}, err
	}
	list = slices.DeleteFunc(list, func(j admin.Join) bool {
		return j.Device != a.name || a.fingerprint != "" && j.Key != a.fingerprint || a.fingerprint == "" && j.Standing != contract.JoinPending
	})
	nobody := diag.New(diag.NobodyJoins, a.name)
	switch {
	case len(list) == 1:
		return list[0], nil
	case len(list) > 1:
		return admin.Join{}, nobody.Saw(fmt.Sprintf("%d devices ask for that name", len(list))).
			Try("name the one that you mean by its fingerprint:", "harmony-fleet enrollments", "--fingerprint FINGERPRINT")
	case a.fingerprint != "":
		return admin.Join{}, nobody.Saw("no device of that name has asked with the key " + a.fingerprint).Try("harmony-fleet enrollments")
	}
	return admin.Join{}, nobody.Saw("no device of that name waits for an approval").Try("harmony-fleet enrollments --all")
}

// approve makes the Device first: when the agent connects, the operator knows it.
func (s *session) approve(ctx context.Context, issuer admin.Client, j admin.Join, a answering, out io.Writer) error {
	if !a.replace {
		if err := s.free(ctx, j); err != nil {
			return err
		}
	}
	labels := maps.Clone(j.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	maps.Copy(labels, a.labels)
	did, err := s.register(ctx, j.Device, labels, j.Key)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, did)
	if err := issuer.Approve(ctx, j.Device, admin.Approval{Key: j.Key, Replace: a.replace}); err != nil {
		return err
	}
	if a.replace {
		if err := s.rekeyed(ctx, j.Device, time.Now()); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "%s approved\n", j.Device)
	return nil
}
