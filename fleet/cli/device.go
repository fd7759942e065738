// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"nationtech.io/harmony/diag"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/admin"
)

// labelled reads the values of --label.
func labelled(given []string) (map[string]string, error) {
	labels := map[string]string{}
	for _, text := range given {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" || !contract.IsLabelValue(value) {
			return nil, diag.New(diag.BadFlag, "--label").Saw(fmt.Sprintf("%q is no label", text)).Try("write it like this: --label site=lyon")
		}
		labels[name] = value
	}
	return labels, nil
}

// enrolledKey is the annotation of a Device with the key that it was enrolled with: an enrolment that was cut off between
// Kubernetes and the issuer knows by it that the Device is its own.
const enrolledKey = "fleet.nationtech.io/enrolled-key"

// register makes the Device of a name, or gives it these labels beside those that it has, and says what it did. The labels
// are what selectors see, so they come from people and never from the device. key is empty for a device that is only
// expected. Its error is a Diagnostic.
func (s *session) register(ctx context.Context, name string, labels map[string]string, key string) (did string, err error) {
	what := "Device/" + name
	annotations := map[string]string{}
	if key != "" {
		annotations[enrolledKey] = key
	}
	d, err := s.registered(ctx, name)
	switch {
	case err != nil:
		return "", err
	case d == nil:
		d = &fleet.Device{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels, Annotations: annotations}, Spec: fleet.DeviceSpec{Fleet: s.fleet}}
		if err := s.objects.Create(ctx, d, owner); err != nil {
			return "", s.unregistered(ctx, name, err)
		}
		return what + " made", nil
	case d.Spec.Fleet != s.fleet:
		return "", diag.New(diag.DeviceNotMade, what).Saw("it belongs to fleet "+d.Spec.Fleet).
			Try("a device that moves is deleted there, and enrolled here:", "kubectl delete fleetdev "+name)
	case has(d.Labels, labels) && has(d.Annotations, annotations):
		return what + " left as it is", nil
	}
	text, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": labels, "annotations": annotations}})
	if err != nil {
		return "", s.unregistered(ctx, name, err)
	}
	if err := s.objects.Patch(ctx, d, client.RawPatch(types.MergePatchType, text), owner); err != nil {
		return "", s.unregistered(ctx, name, err)
	}
	return what + " changed", nil
}

// rekeyed writes that keys were taken from a device, after they were: its operator closes the connections that were made with them.
// Whoever is cut off in between does the whole again.
func (s *session) rekeyed(ctx context.Context, name string, now time.Time) error {
	text, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]string{fleet.KeysTaken: now.UTC().Format(time.RFC3339Nano)}}})
	if err != nil {
		return s.unregistered(ctx, name, err)
	}
	d := &fleet.Device{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if err := s.objects.Patch(ctx, d, client.RawPatch(types.MergePatchType, text), owner); err != nil {
		return s.unregistered(ctx, name, err)
	}
	return nil
}

// has tells whether all of wanted are there.
func has(there, wanted map[string]string) bool {
	for name, value := range wanted {
		if got, ok := there[name]; !ok || got != value {
			return false
		}
	}
	return true
}

// registered is the Device of a name; nil if there is none.
func (s *session) registered(ctx context.Context, name string) (*fleet.Device, error) {
	var d fleet.Device
	err := s.objects.Get(ctx, types.NamespacedName{Name: name}, &d)
	switch {
	case err == nil:
		return &d, nil
	case apierrors.IsNotFound(err):
		return nil, nil //nolint:nilnil // there is none, and that is no error
	}
	return nil, s.unregistered(ctx, name, err)
}

// free makes sure that a name is nobody's, or that of the device that asks for it.
func (s *session) free(ctx context.Context, j admin.Join) error {
	taken := diag.New(diag.NameTaken, j.Device).
		Try("if this device takes its place, say so; whatever else has the name loses its keys:", "harmony-fleet approve "+j.Device+" --replace")
	if j.Taken {
		return taken.Saw("the issuer knows it by another key, or it was revoked")
	}
	d, err := s.registered(ctx, j.Device)
	if err == nil && d != nil && d.Annotations[enrolledKey] != j.Key {
		err = taken.Saw("there is a Device of that name, which was not made for this key")
	}
	return err
}

// unregistered says why a Device was not made or changed.
func (s *session) unregistered(ctx context.Context, name string, err error) error {
	if apierrors.ReasonForError(err) == "" { // it is not the API server that says so
		if unreached := s.kube.Answers(ctx); unreached != nil {
			return unreached
		}
	}
	d := diag.New(diag.DeviceNotMade, "Device/"+name).Because(err)
	if apierrors.IsForbidden(err) {
		d.Try("ask whoever gives rights in this cluster for create and patch of devices." + fleet.GroupVersion.Group)
	}
	return d
}
