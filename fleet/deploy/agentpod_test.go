// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
)

func agent(t *testing.T) AgentPod {
	t.Helper()
	id, err := contract.ParseDeviceID("demo-1")
	if err != nil {
		t.Fatal(err)
	}
	return AgentPod{Namespace: "fleet", Device: id, NATS: NATS{Namespace: "fleet"}.Ref()}
}

func TestTheAgentsPodIsRestrictedAndBounded(t *testing.T) {
	objects, err := agent(t).objects("image", password{as: agent(t).NATS.Device(agent(t).Device)})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range objects {
		d, ok := o.(*appsv1.Deployment)
		if !ok {
			continue
		}
		spec := d.Spec.Template.Spec
		pod := spec.SecurityContext
		if !*pod.RunAsNonRoot || pod.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault || *spec.AutomountServiceAccountToken {
			t.Errorf("the Pod: %+v", pod)
		}
		for _, c := range spec.Containers {
			if s := c.SecurityContext; *s.AllowPrivilegeEscalation || !slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}) || len(s.Capabilities.Add) > 0 {
				t.Errorf("container %s: %+v", c.Name, s)
			}
			for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
				if c.Resources.Requests.Name(name, "").IsZero() || c.Resources.Limits.Name(name, "").IsZero() {
					t.Errorf("container %s has no request or limit of %s", c.Name, name)
				}
			}
		}
		return
	}
	t.Fatal("there is no Deployment")
}

func TestOnlyTheLastAnswerOfAPingDecides(t *testing.T) {
	wrong, forbidden := diag.New(diag.WrongAnswer), diag.New(diag.Forbidden)
	for _, c := range []struct {
		name    string
		answers []error // the last for ever
		want    error
	}{
		{"the right one", []error{nil}, nil},
		{"the right one after that of the Pod before it", []error{wrong, wrong, nil}, nil},
		{"a wrong one is told as such", []error{errors.New("silence"), wrong}, wrong},
		{"who may not ask is told so", []error{forbidden}, forbidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				asked := 0
				err := agent(t).answered(ctx, nil, func(context.Context) error {
					asked++
					return c.answers[min(asked, len(c.answers))-1]
				})
				if !errors.Is(err, c.want) {
					t.Errorf("got %v, want %v", err, c.want)
				}
			})
		})
	}
}

func TestAnAnswerFromSomeoneElsesPodIsWrong(t *testing.T) {
	for uid, want := range map[string][]diag.Code{"ours": nil, "theirs": {diag.WrongAnswer}} {
		var got []diag.Code
		for _, d := range diag.All(agent(t).compare(t.Context(), contract.PingReply{PodUID: uid}, []string{"ours"}, time.Millisecond)) {
			got = append(got, d.Code)
		}
		if !slices.Equal(got, want) {
			t.Errorf("an answer from Pod %s: got %v, want %v", uid, got, want)
		}
	}
}

func TestAnAgentAwayFromItsNATSIsRefused(t *testing.T) {
	elsewhere := agent(t)
	elsewhere.Namespace = "other"
	for name, s := range map[string]AgentPod{"elsewhere": elsewhere, "nobody": {}} {
		var d *diag.Diagnostic
		if err := s.check(); !errors.As(err, &d) || d.Code != diag.BadPlacement {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := agent(t).check(); err != nil {
		t.Error(err)
	}
}
