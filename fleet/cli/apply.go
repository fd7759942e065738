// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"nationtech.io/harmony/diag"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/people"
)

// owner is the field manager of what is applied.
const owner = client.FieldOwner("harmony-fleet")

func (p *program) apply() *cobra.Command {
	var file string
	var yes, dry bool
	cmd := &cobra.Command{
		Use: "apply --file FILE", Short: "Apply Deployments and Devices, after showing which devices that changes", Args: exactly(0, "no arguments"), GroupID: groupChange,
		Example: "  harmony-fleet apply --file thermostat.yaml\n  harmony-fleet apply --file thermostat.yaml --dry-run\n  harmony-fleet apply --file - --yes < thermostat.yaml",
	}
	known := p.options.outputs(cmd.Flags(), "text", "json")
	cmd.Flags().StringVarP(&file, "file", "f", "", "a file of YAML or JSON documents; - is standard input (required)")
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "show which devices would change, and change nothing")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := known(); err != nil {
			return err
		}
		if file == "" {
			return diag.New(diag.BadFlag, "--file").Saw("no file is named").Try(cmd.CommandPath() + " --file thermostat.yaml")
		}
		if !yes && !dry && (file == "-" || !p.streams.CanAsk()) {
			return diag.New(diag.BadFlag, "--yes").Saw("there is no terminal to ask at").Try("look first, and apply then:", "--dry-run", "--yes")
		}
		objects, err := p.objects(file)
		if err != nil {
			return err
		}
		s, err := p.options.open()
		if err != nil {
			return err
		}
		plan, err := s.plan(cmd.Context(), objects)
		if err != nil {
			return err
		}
		if err := errors.Join(p.show(plan), unwelcome(plan)); err != nil || dry {
			return err
		}
		if !yes {
			if err := p.streams.Ask(cmd.Context()); err != nil {
				return err
			}
		}
		return p.carryOut(cmd.Context(), s, objects)
	}
	return cmd
}

// objects reads a file. Nothing but Deployments and Devices is applied: what else is in it is an error, before anything is done.
func (p *program) objects(file string) (all []*unstructured.Unstructured, err error) {
	from := p.streams.In
	if file != "-" {
		opened, err := os.Open(file)
		if err != nil {
			return nil, refused(file, err)
		}
		defer func() { _ = opened.Close() }() // it was only read
		from = opened
	}
	for d := yaml.NewYAMLOrJSONDecoder(from, 4096); ; {
		var o unstructured.Unstructured
		err := d.Decode(&o.Object)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, refused(file, err)
		}
		if len(o.Object) == 0 {
			continue // a document of comments alone
		}
		if kind := o.GetKind(); o.GetAPIVersion() != fleet.GroupVersion.String() || kind != "Deployment" && kind != "Device" || o.GetName() == "" {
			return nil, diag.New(diag.ObjectsRefused, file).Saw(fmt.Sprintf("document %d is %q of %q, named %q", len(all)+1, kind, o.GetAPIVersion(), o.GetName())).
				Try("apply Deployments and Devices of " + fleet.GroupVersion.String() + " here, and the rest with kubectl")
		}
		if o.GetKind() == "Deployment" && o.GetNamespace() == "" {
			o.SetNamespace(p.options.in())
		}
		all = append(all, &o)
	}
	if len(all) == 0 {
		return nil, diag.New(diag.ObjectsRefused, file).Saw("there is no object in it")
	}
	return all, nil
}

// unwelcome tells of what the operator would refuse. Then nothing is applied.
func unwelcome(plan people.Plan) error {
	for _, c := range plan.Changes {
		if c.Refused != "" {
			return diag.New(diag.ObjectsRefused, c.Kind+"/"+c.Name).Saw("the operator would refuse it: " + c.Refused).Note("nothing was applied")
		}
	}
	return nil
}

func refused(file string, err error) error { return diag.New(diag.ObjectsRefused, file).Because(err) }

// plan has the API server tell what would stand, and the operator which devices that would change.
func (s *session) plan(ctx context.Context, objects []*unstructured.Unstructured) (people.Plan, error) {
	var asked people.PlanRequest
	for _, o := range objects {
		would := o.DeepCopy()
		if err := s.put(ctx, would, client.DryRunAll); err != nil {
			return people.Plan{}, err
		}
		text, err := json.Marshal(would.Object)
		if err != nil {
			return people.Plan{}, refused(named(o), err)
		}
		asked.Objects = append(asked.Objects, text)
	}
	var plan people.Plan
	return plan, s.call(ctx, http.MethodPost, people.PlanPath, asked, &plan)
}

func (s *session) put(ctx context.Context, o *unstructured.Unstructured, options ...client.ApplyOption) error {
	as := o.DeepCopy()
	err := s.objects.Apply(ctx, client.ApplyConfigurationFromUnstructured(as), append(options, owner)...)
	if ours(err) {
		err = s.objects.Apply(ctx, client.ApplyConfigurationFromUnstructured(o), append(options, owner, client.ForceOwnership)...)
	} else {
		o.Object = as.Object
	}
	if err == nil {
		return nil
	}
	if unreached := s.kube.Answers(ctx); unreached != nil {
		return unreached
	}
	return diag.New(diag.ObjectsRefused, named(o)).Saw("the API server refuses it").Because(err)
}

// ours tells whether nothing stands against an apply but what this program itself has changed, by rollout pause, resume or undo.
func ours(err error) bool {
	var answer apierrors.APIStatus
	if !errors.As(err, &answer) || answer.Status().Details == nil || len(answer.Status().Details.Causes) == 0 {
		return false
	}
	for _, c := range answer.Status().Details.Causes {
		if c.Type != metav1.CauseTypeFieldManagerConflict || !strings.HasPrefix(c.Message, fmt.Sprintf("conflict with %q", owner)) {
			return false
		}
	}
	return true
}

func named(o *unstructured.Unstructured) string { return o.GetKind() + "/" + o.GetName() }

func (p *program) carryOut(ctx context.Context, s *session, objects []*unstructured.Unstructured) error {
	for _, o := range objects {
		if err := s.put(ctx, o.DeepCopy()); err != nil {
			return err
		}
		if p.options.output != "json" {
			fmt.Fprintf(p.streams.Out, "%s applied\n", named(o))
		}
	}
	return nil
}

const shownDevices = 8

// show shows a plan.
func (p *program) show(plan people.Plan) error {
	if p.options.output == "json" {
		return writeJSON(p.streams.Out, plan)
	}
	p.recovering(plan.Source)
	for _, c := range plan.Changes {
		name, of := c.Kind+" "+c.Name, "devices"
		if c.Kind == "Device" {
			of = "Deployments"
		} else {
			name = c.Kind + " " + c.Namespace + "/" + c.Name
		}
		if c.New {
			name += " (new)"
		}
		fmt.Fprintln(p.streams.Out, name)
		for _, line := range []struct {
			what string
			some people.Some
		}{{"+ get it", c.Gain}, {"~ get another release", c.Update}, {"- lose it", c.Lose}, {"= see no change", c.Same}} {
			if line.some.Count > 0 {
				fmt.Fprintf(p.streams.Out, "  %-24s %d %s: %s\n", line.what, line.some.Count, of, first(line.some))
			}
		}
		switch {
		case c.Refused != "":
			fmt.Fprintf(p.streams.Out, "  the operator would refuse it: %s\n", c.Refused)
		case c.Gain.Count+c.Update.Count+c.Lose.Count+c.Same.Count == 0:
			fmt.Fprintf(p.streams.Out, "  no %s are concerned\n", of)
		case c.Offline > 0:
			fmt.Fprintf(p.streams.Out, "  offline: %d, to follow when back\n", c.Offline)
		}
	}
	return nil
}

func first(s people.Some) string {
	text := some(s.Names, shownDevices)
	if s.Count > len(s.Names) && len(s.Names) <= shownDevices {
		text += ", …"
	}
	return text
}
