// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony/diag"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/fleet/people"
)

const maxObjects = 100

// plan tells what objects would change. It names devices and Deployments, so it needs the right to list both.
func (s *Server) plan(w http.ResponseWriter, r *http.Request, who Person) error {
	var asked people.PlanRequest
	if err := read(r, &asked); err != nil {
		return err
	}
	if len(asked.Objects) == 0 || len(asked.Objects) > maxObjects {
		return diag.New(diag.QuestionRefused).Saw(fmt.Sprintf("a plan is of 1 to %d objects, and this of %d", maxObjects, len(asked.Objects)))
	}
	if err := s.Access.demand(r.Context(), who, right{verb: "list", resource: "devices"}); err != nil {
		return err
	}
	b, err := s.batch(r, who, asked.Objects)
	if err != nil {
		return err
	}
	return s.answer(w, people.Plan{Source: s.source(), Changes: b.changes()})
}

// A batch is objects that are applied together: each is seen beside the others.
type batch struct {
	*Server
	deployments []*fleet.Deployment
	devices     map[string]*fleet.Device
	order       []func() people.Change
}

func (b *batch) changes() (all []people.Change) {
	for _, change := range b.order {
		all = append(all, change())
	}
	return all
}

func (s *Server) batch(r *http.Request, who Person, objects []json.RawMessage) (*batch, error) {
	b := &batch{Server: s, devices: map[string]*fleet.Device{}}
	for _, raw := range objects {
		var of metav1.TypeMeta
		if err := json.Unmarshal(raw, &of); err != nil {
			return nil, diag.New(diag.QuestionRefused).Saw("an object is not understood").Because(err)
		}
		if of.APIVersion != fleet.GroupVersion.String() || of.Kind != "Deployment" && of.Kind != "Device" {
			return nil, diag.New(diag.QuestionRefused).Saw(of.APIVersion + " " + of.Kind + " changes no device: a plan is of Deployments and Devices")
		}
		var p fleet.Deployment
		var d fleet.Device
		into := any(&d)
		if of.Kind == "Deployment" {
			into = &p
		}
		if err := json.Unmarshal(raw, into); err != nil {
			return nil, diag.New(diag.QuestionRefused).Saw("a " + of.Kind + " is not understood").Because(err)
		}
		if of.Kind == "Device" {
			d.Labels = s.seen(&d)
			b.devices[d.Name] = &d
			b.order = append(b.order, func() people.Change { return b.ofDevice(&d) })
			continue
		}
		if err := s.Access.demand(r.Context(), who, right{verb: "get", resource: "deployments", namespace: p.Namespace, name: p.Name}); err != nil {
			return nil, err
		}
		b.deployments = append(b.deployments, &p)
		b.order = append(b.order, func() people.Change { return b.ofDeployment(&p) })
	}
	return b, nil
}

// seen are the labels of a device that selectors will see: its own, and those that it reports and that they see now.
func (s *Server) seen(d *fleet.Device) labels.Set {
	all := labels.Set{}
	if v, known := s.State.View(d.Name); known {
		for name, value := range v.Labels {
			if strings.HasPrefix(name, fleet.ReportedPrefix) {
				all[name] = value
			}
		}
	}
	maps.Copy(all, d.Labels)
	return all
}

// selected are the devices that a selector would match when the batch stands.
func (b *batch) selected(namespace string, selector labels.Selector) []string {
	ids := slices.DeleteFunc(b.State.Selected(namespace, selector), func(id string) bool { return b.devices[id] != nil })
	for id, d := range b.devices {
		if d.Spec.Fleet == b.Fleet && b.State.Selects(namespace, selector, d.Labels) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// selecting are the Deployments that would match a device when the batch stands.
func (b *batch) selecting(l labels.Set) (names []string) {
	among := map[string]bool{}
	for _, p := range b.deployments {
		among[p.Namespace+"/"+p.Name] = true
		selector, err := metav1.LabelSelectorAsSelector(&p.Spec.TargetSelector)
		if err == nil && slices.Contains(b.Namespaces, p.Namespace) && b.State.Selects(p.Namespace, selector, l) {
			names = append(names, p.Namespace+"/"+p.Name)
		}
	}
	for _, t := range b.State.Deployments() {
		p := t.Deployment
		if !among[nameOf(p)] && !p.Deleting && b.State.Selects(p.Namespace, p.Selector, l) {
			names = append(names, nameOf(p))
		}
	}
	slices.Sort(names)
	return names
}

// ofDeployment compares what devices are told with what they would be told.
func (b *batch) ofDeployment(p *fleet.Deployment) people.Change {
	c := people.Change{Kind: "Deployment", Namespace: p.Namespace, Name: p.Name, New: true}
	selector, err := metav1.LabelSelectorAsSelector(&p.Spec.TargetSelector)
	if err != nil {
		c.Refused = "targetSelector: " + err.Error()
	}
	digest, err := digestOf(p.Spec.Score)
	if err != nil {
		c.Refused = "score: " + err.Error()
	}
	if !slices.Contains(b.Namespaces, p.Namespace) {
		c.Refused = "fleet " + b.Fleet + " does not look at namespace " + p.Namespace
	}
	before, err := b.find(p.Namespace, p.Name)
	var now []string
	if err == nil {
		c.New = false
		now = b.State.Matched(before.Deployment.UID)
	}
	if c.Refused != "" { // devices keep what they have
		c.Same = people.SomeOf(now)
		return c
	}
	then := b.selected(p.Namespace, selector)
	same := before.Deployment.Digest == digest
	var gain, update, lose, stay []string
	for _, id := range then {
		switch {
		case !slices.Contains(now, id):
			gain = append(gain, id)
		case same:
			stay = append(stay, id)
		default:
			update = append(update, id)
		}
	}
	for _, id := range now {
		if !slices.Contains(then, id) {
			lose = append(lose, id)
		}
	}
	c.Gain, c.Update, c.Lose, c.Same = people.SomeOf(gain), people.SomeOf(update), people.SomeOf(lose), people.SomeOf(stay)
	c.Offline = b.offline(slices.Concat(gain, update, lose))
	return c
}

func digestOf(score fleet.Score) (string, error) {
	release, err := contract.NewRelease(score.Type, score.Data.Raw)
	if err != nil {
		return "", err
	}
	_, digest, err := release.Encode()
	return digest.String(), err
}

// offline counts those devices that are.
func (s *Server) offline(ids []string) (n int) {
	among := map[string]bool{}
	for _, id := range ids {
		among[id] = true
	}
	for _, v := range s.State.Views(func(id string, _ labels.Set) bool { return among[id] }) {
		if !v.Online {
			n++
		}
	}
	return n
}

// ofDevice compares the Deployments that select a device with those that would.
func (b *batch) ofDevice(d *fleet.Device) people.Change {
	c := people.Change{Kind: "Device", Name: d.Name}
	v, known := b.State.View(d.Name)
	c.New = !known
	if d.Spec.Fleet != b.Fleet {
		c.Refused = "it is of fleet " + d.Spec.Fleet + ", and this is " + b.Fleet
		return c
	}
	now := map[string]bool{}
	for _, w := range v.Wants {
		now[nameOf(w.Deployment)] = true
	}
	var gain, stay, lose []string
	for _, name := range b.selecting(d.Labels) {
		if now[name] {
			stay = append(stay, name)
		} else {
			gain = append(gain, name)
		}
		delete(now, name)
	}
	for name := range now {
		lose = append(lose, name)
	}
	slices.Sort(lose)
	c.Gain, c.Lose, c.Same, c.Update = people.SomeOf(gain), people.SomeOf(lose), people.SomeOf(stay), people.SomeOf(nil)
	if !v.Online && len(gain)+len(lose) > 0 {
		c.Offline = 1
	}
	return c
}

func nameOf(p plane.Deployment) string { return p.Namespace + "/" + p.Name }
