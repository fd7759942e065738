// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"nationtech.io/harmony/fleet/people"
)

func (p *program) devices() *cobra.Command {
	var selector string
	cmd := &cobra.Command{
		Use: "devices", Short: "Which devices there are, who is online, and how many of their Deployments are ready", Args: exactly(0, "no arguments"), GroupID: groupLook,
		Example: "  harmony-fleet devices\n  harmony-fleet devices --selector site=lyon --output wide",
	}
	known := p.options.outputs(cmd.Flags(), "text", "wide", "json")
	cmd.Flags().StringVarP(&selector, "selector", "l", "", "only devices with these labels, such as site=lyon,line!=2")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := known(); err != nil {
			return err
		}
		s, err := p.options.open()
		if err != nil {
			return err
		}
		var list people.DeviceList
		if err := s.get(cmd.Context(), people.DevicesPath+"?selector="+url.QueryEscape(selector), &list); err != nil {
			return err
		}
		if p.options.output == "json" {
			return writeJSON(p.streams.Out, list)
		}
		p.recovering(list.Source)
		return table(p.streams.Out, deviceRows(list.Devices, p.options.output == "wide", time.Now())...)
	}
	return cmd
}

// recovering says that the operator does not know the whole yet.
func (p *program) recovering(s people.Source) {
	if !s.Converged {
		fmt.Fprintf(p.streams.Err, "operator %s leads since a moment ago and has not heard of all devices yet\n", s.Leader)
	}
}

func deviceRows(devices []people.Device, wide bool, now time.Time) [][]string {
	head := []string{"NAME", "ONLINE", "SINCE", "AGENT", "ARCH", "READY", "FINDING"}
	if wide {
		head = append(head, "OS", "KERNEL", "CPUS", "MEMORY", "LABELS")
	}
	rows := [][]string{head}
	for _, d := range devices {
		ready, wanted, finding := 0, 0, ""
		for _, w := range d.Workloads {
			if w.Wanted {
				wanted++
			}
			if w.Standing == "Ready" {
				ready++
			}
			if w.Reason != nil && finding == "" {
				finding = w.Reason.Code
			}
		}
		if len(d.Findings) > 0 {
			finding = d.Findings[0].Code
		}
		online := "no"
		if d.Online {
			online = "yes"
		}
		row := []string{d.Name, online, ago(d.Since, now), orDash(d.Agent), orDash(d.Arch), fmt.Sprintf("%d/%d", ready, wanted), orDash(finding)}
		if wide {
			row = append(row, orDash(d.OS), orDash(d.Kernel), number(d.CPUs), size(d.MemoryBytes), pairs(d.Labels))
		}
		rows = append(rows, row)
	}
	return rows
}

func (p *program) deployments() *cobra.Command {
	cmd := &cobra.Command{
		Use: "deployments", Short: "Which Deployments there are, and on how many devices they are ready", Args: exactly(0, "no arguments"), GroupID: groupLook,
		Example: "  harmony-fleet deployments\n  harmony-fleet deployments --namespace shop --output json",
	}
	known := p.options.outputs(cmd.Flags(), "text", "wide", "json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := known(); err != nil {
			return err
		}
		s, err := p.options.open()
		if err != nil {
			return err
		}
		var list people.DeploymentList
		// Without a namespace, those of all namespaces that the person may see.
		if err := s.get(cmd.Context(), people.DeploymentsPath+"?namespace="+url.QueryEscape(p.options.namespace), &list); err != nil {
			return err
		}
		if p.options.output == "json" {
			return writeJSON(p.streams.Out, list)
		}
		p.recovering(list.Source)
		return table(p.streams.Out, deploymentRows(list.Deployments, p.options.output == "wide")...)
	}
	return cmd
}

func deploymentRows(all []people.Deployment, wide bool) [][]string {
	head := []string{"NAMESPACE", "NAME", "MATCHED", "READY", "PENDING", "FAILED", "OFFLINE"}
	if wide {
		head = append(head, "RELEASE", "UPDATED", "DIGEST", "LAST ERROR")
	}
	rows := [][]string{head}
	for _, d := range all {
		row := []string{d.Namespace, d.Name, strconv.Itoa(d.Matched), strconv.Itoa(d.Ready), strconv.Itoa(d.Pending), strconv.Itoa(d.Failed), strconv.Itoa(d.Offline)}
		if wide {
			last := "-"
			if d.LastError != nil {
				last = d.LastError.Device + ": " + d.LastError.Code
			}
			row = append(row, strconv.FormatInt(d.Release, 10), strconv.Itoa(d.Updated), fmt.Sprintf("%.12s", d.Digest), last)
		}
		rows = append(rows, row)
	}
	return rows
}
