// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"fmt"
	"net/http"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/fleet/people"
)

func (s *Server) devices(w http.ResponseWriter, r *http.Request, who Person) error {
	if err := s.Access.demand(r.Context(), who, right{verb: "list", resource: "devices"}); err != nil {
		return err
	}
	selector, err := selectorOf(r.URL.Query().Get("selector"))
	if err != nil {
		return err
	}
	list := people.DeviceList{Source: s.source(), Devices: []people.Device{}}
	for _, v := range s.State.Views(func(_ string, l labels.Set) bool { return selector.Matches(l) }) {
		has, err := s.Inventory(r.Context(), v.ID, false)
		if err != nil {
			return err
		}
		list.Devices = append(list.Devices, s.deviceOf(v, has))
	}
	return s.answer(w, list)
}

func selectorOf(text string) (labels.Selector, error) {
	selector, err := labels.Parse(text)
	if err != nil {
		return nil, diag.New(diag.QuestionRefused).Saw(fmt.Sprintf("%q is no selector of labels", text)).Because(err).
			Try("write it as kubectl does: site=lyon,line!=2")
	}
	return selector, nil
}

func (s *Server) device(w http.ResponseWriter, r *http.Request, who Person) error {
	name := r.PathValue("name")
	if err := s.Access.demand(r.Context(), who, right{verb: "get", resource: "devices", name: name}); err != nil {
		return err
	}
	v, ok := s.State.View(name)
	if !ok {
		return s.unknown(name)
	}
	has, err := s.Inventory(r.Context(), name, true)
	if err != nil {
		return err
	}
	return s.answer(w, s.deviceOf(v, has))
}

func (s *Server) unknown(device string) error {
	return diag.New(diag.NotInFleet).Saw("device " + device + " is not enrolled in fleet " + s.Fleet).
		Try("look who is: harmony-fleet devices")
}

func (s *Server) deviceOf(v plane.View, has people.Inventory) people.Device {
	d := people.Device{
		Name: v.ID, Labels: v.Labels, Online: v.Online, Inventory: has, Findings: s.findings(v), Workloads: s.workloads(v),
	}
	if !v.Turned.IsZero() {
		d.Since = &v.Turned
	}
	if !v.Seen.IsZero() {
		d.Seen = &v.Seen
	}
	return d
}

func (s *Server) deployments(w http.ResponseWriter, r *http.Request, who Person) error {
	list := people.DeploymentList{Source: s.source(), Deployments: []people.Deployment{}}
	namespaces := s.Namespaces
	asked := r.URL.Query().Get("namespace")
	if asked != "" {
		namespaces = []string{asked}
	}
	var visible []string
	var refusal error
	for _, namespace := range namespaces {
		if err := s.Access.demand(r.Context(), who, right{verb: "list", resource: "deployments", namespace: namespace}); err != nil {
			refusal = err
			continue
		}
		visible = append(visible, namespace)
	}
	if len(visible) == 0 {
		return refusal
	}
	if asked != "" && !slices.Contains(s.Namespaces, asked) {
		return s.unwatched(asked)
	}
	for _, t := range s.State.Deployments() {
		if slices.Contains(visible, t.Deployment.Namespace) {
			list.Deployments = append(list.Deployments, deploymentOf(t))
		}
	}
	return s.answer(w, list)
}

func (s *Server) unwatched(namespace string) error {
	return diag.New(diag.NotInFleet).Saw("fleet " + s.Fleet + " does not look at namespace " + namespace).
		Try("grant it devices: harmony-fleet-deploy server --grant " + namespace)
}

func (s *Server) deployment(w http.ResponseWriter, r *http.Request, who Person) error {
	namespace, name := r.PathValue("namespace"), r.PathValue("name")
	if err := s.Access.demand(r.Context(), who, right{verb: "get", resource: "deployments", namespace: namespace, name: name}); err != nil {
		return err
	}
	latest, err := s.Latest(r.Context(), namespace, name)
	if err != nil {
		return err
	}
	t, err := s.find(namespace, name)
	if err != nil && latest > 0 && slices.Contains(s.Namespaces, namespace) {
		return s.answer(w, people.Deployment{Namespace: namespace, Name: name, Latest: latest}) // it was made a moment ago, or is refused
	}
	if err != nil {
		return err
	}
	d := deploymentOf(t)
	d.Latest = latest
	d.Rollout = s.rolloutOf(t.Deployment)
	for _, v := range s.State.Views(nil) {
		for _, of := range s.workloads(v) {
			if of.UID == t.Deployment.UID && of.Reason != nil && len(d.Devices) < people.MaxNamed {
				d.Devices = append(d.Devices, people.Laggard{Device: v.ID, Standing: of.Standing, Reason: *of.Reason})
			}
		}
	}
	return s.answer(w, d)
}

// find finds a Deployment that the plane was told of.
func (s *Server) find(namespace, name string) (plane.Told, error) {
	if !slices.Contains(s.Namespaces, namespace) {
		return plane.Told{}, s.unwatched(namespace)
	}
	for _, t := range s.State.Deployments() {
		if t.Deployment.Namespace == namespace && t.Deployment.Name == name {
			return t, nil
		}
	}
	return plane.Told{}, diag.New(diag.NotInFleet).Saw("the operator tells devices of no Deployment "+name+" in namespace "+namespace).
		Try("see whether it is there, and whether it was refused:", "kubectl --namespace "+namespace+" describe fleetdep "+name)
}

func deploymentOf(t plane.Told) people.Deployment {
	n, told := t.Change.Counts, t.Deployment
	d := people.Deployment{
		Namespace: told.Namespace, Name: told.Name, Generation: told.Generation, Release: told.EntryGeneration, Digest: told.Digest, Deleting: told.Deleting,
		Matched: n.Matched, Updated: n.Updated, Ready: n.Ready, Failed: n.Failed, Pending: n.Pending, Offline: n.Offline,
	}
	if f := t.Change.Failure; f.Device != "" {
		d.LastError = &people.DeviceError{Device: f.Device, Code: f.Code, Message: f.Message}
	}
	return d
}
