// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nationtech.io/harmony/fleet/people"
)

func (p *program) describe() *cobra.Command {
	cmd := &cobra.Command{
		Use: "describe", Short: "Why a device, or a Deployment, is not as wanted, and what to do next", GroupID: groupLook,
		Example: "  harmony-fleet describe device press-07\n  harmony-fleet describe deployment thermostat",
		Args:    knownCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.describeDevice(), p.describeDeployment())
	return cmd
}

func (p *program) describeDevice() *cobra.Command {
	cmd := &cobra.Command{
		Use: "device NAME", Short: "One device: what it shall run, what it runs, and why that differs", Args: exactly(1, "the name of a device"),
		Example: "  harmony-fleet describe device press-07", ValidArgsFunction: p.completeDevices(1),
	}
	known := p.options.outputs(cmd.Flags(), "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := known(); err != nil {
			return err
		}
		s, err := p.options.open()
		if err != nil {
			return err
		}
		var d people.Device
		if err := s.get(cmd.Context(), people.DevicesPath+"/"+url.PathEscape(args[0]), &d); err != nil {
			return err
		}
		if p.options.output == "json" {
			return writeJSON(p.streams.Out, d)
		}
		return writeDevice(p.streams.Out, d, time.Now())
	}
	return cmd
}

func writeDevice(w io.Writer, d people.Device, now time.Time) error {
	presence := "offline"
	if d.Online {
		presence = "online"
	}
	if d.Since != nil {
		presence += " for " + ago(d.Since, now)
	}
	fmt.Fprintf(w, "%s   %s, agent %s, %s/%s, kernel %s, labels %s\n", d.Name, presence, orDash(d.Agent), orDash(d.OS), orDash(d.Arch), orDash(d.Kernel), pairs(d.Labels))
	fmt.Fprintf(w, "    %-7s %s\n", "says", said(d.Inventory))
	for _, f := range d.Findings {
		reason(w, "found", f)
	}
	for _, of := range d.Workloads {
		wants := "wants nothing of it"
		switch {
		case of.Wanted && of.Release == 0:
			wants = "wants nothing of it yet"
		case of.Wanted:
			wants = fmt.Sprintf("wants release %d", of.Release)
		}
		has := "has nothing of it"
		if of.Held != nil {
			has = fmt.Sprintf("has release %d (%s)", of.Held.Release, of.Held.Phase)
		}
		name := of.Namespace + "/" + of.Name
		if of.Name == "" {
			name = of.UID
		}
		fmt.Fprintf(w, "  %s   %s, %s: %s\n", name, wants, has, of.Standing)
		if of.Reason != nil {
			reason(w, "why", *of.Reason)
		}
	}
	if len(d.Workloads) == 0 {
		fmt.Fprintln(w, "  no Deployment selects it, and it has nothing")
	}
	return nil
}

// said is what a device says of what it is.
func said(i people.Inventory) string {
	var disks []string
	for _, d := range i.Disks {
		disks = append(disks, d.Path+" "+size(d.Bytes))
	}
	runtime := i.Runtime
	if runtime == "" {
		runtime = "no runtime"
	}
	return fmt.Sprintf("hostname %s, %s CPUs, memory %s, disks %s, %s, labels %s",
		orDash(i.Hostname), number(i.CPUs), size(i.MemoryBytes), orDash(strings.Join(disks, " and ")), runtime, pairs(i.Reported))
}

// reason writes why, and on a line of its own what to do next.
func reason(w io.Writer, word string, r people.Reason) {
	fmt.Fprintf(w, "    %-7s %s: %s\n", word, r.Code, r.Why)
	if r.Next != "" {
		fmt.Fprintf(w, "    %-7s %s\n", "next", r.Next)
	}
}

func (p *program) describeDeployment() *cobra.Command {
	cmd := &cobra.Command{
		Use: "deployment NAME", Short: "One Deployment: on how many devices it is ready, and why it is not on the others", Args: exactly(1, "the name of a Deployment"),
		Example: "  harmony-fleet describe deployment thermostat --namespace shop",
	}
	known := p.options.outputs(cmd.Flags(), "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := known(); err != nil {
			return err
		}
		s, err := p.options.open()
		if err != nil {
			return err
		}
		var d people.Deployment
		if err := s.get(cmd.Context(), s.deploymentPath(args[0]), &d); err != nil {
			return err
		}
		if p.options.output == "json" {
			return writeJSON(p.streams.Out, d)
		}
		return writeDeployment(p.streams.Out, d)
	}
	return cmd
}

func (s *session) deploymentPath(name string) string {
	return people.DeploymentsPath + "/" + url.PathEscape(s.in()) + "/" + url.PathEscape(name)
}

func writeDeployment(w io.Writer, d people.Deployment) error {
	state := fmt.Sprintf("release %d (%.12s)", d.Release, d.Digest)
	if d.Deleting {
		state += ", being deleted"
	}
	fmt.Fprintf(w, "%s/%s   %s: %s\n", d.Namespace, d.Name, state, counts(d))
	if d.Matched == 0 {
		reason(w, "why", people.Reason{
			Code: "NothingMatched", Why: "no device that this namespace may target has labels that its selector matches",
			Next: "compare: harmony-fleet devices --output wide; who may target what: kubectl get fleetstate fleet --output yaml",
		})
	}
	writeRollout(w, d.Rollout)
	for _, l := range d.Devices {
		fmt.Fprintf(w, "  %s   %s\n", l.Device, l.Standing)
		reason(w, "why", l.Reason)
	}
	return nil
}

func counts(d people.Deployment) string {
	return fmt.Sprintf("%d of %d devices ready, %d pending, %d failed, %d offline", d.Ready, d.Matched, d.Pending, d.Failed, d.Offline)
}
