// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"nationtech.io/harmony/diag"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/people"
)

func image(n int) fleet.Score {
	return fleet.Score{Type: "PodmanV0", Data: runtime.RawExtension{Raw: fmt.Appendf(nil, `{"services":[{"image":"web:%d","name":"main"}]}`, n)}}
}

// wants gives a session with a Deployment that asks for image 3, whose releases asked for images 1 to 3.
func wants(t *testing.T, change func(*fleet.Deployment)) *session {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := fleet.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	d := &fleet.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: "fleet", Name: "web", UID: "u1"}, Spec: fleet.DeploymentSpec{Score: image(3)}}
	d.Status.Release = fleet.ReleaseRef{Digest: "c3", Generation: 3}
	if change != nil {
		change(d)
	}
	objects := []client.Object{d}
	for n := 1; n <= 3; n++ {
		objects = append(objects, &fleet.Release{
			ObjectMeta: metav1.ObjectMeta{Namespace: "fleet", Name: fmt.Sprint("web-c", n), OwnerReferences: []metav1.OwnerReference{{UID: "u1"}}},
			Spec:       fleet.ReleaseSpec{Deployment: "web", Generation: int64(n), Digest: fmt.Sprint("c", n), Score: image(n)},
		})
	}
	objects = append(objects, &fleet.Release{
		ObjectMeta: metav1.ObjectMeta{Namespace: "fleet", Name: "other-c9", OwnerReferences: []metav1.OwnerReference{{UID: "u2"}}},
		Spec:       fleet.ReleaseSpec{Deployment: "other", Generation: 9, Digest: "c9", Score: image(9)},
	})
	s := spoken(t, map[string]string{people.PlanPath: `{"changes":[{"kind":"Deployment","namespace":"fleet","name":"web","update":{"count":1,"names":["press-1"]}}]}`})
	s.objects = fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()
	return s
}

func (s *session) spec(t *testing.T) fleet.DeploymentSpec {
	t.Helper()
	var d fleet.Deployment
	if err := s.objects.Get(t.Context(), types.NamespacedName{Namespace: "fleet", Name: "web"}, &d); err != nil {
		t.Fatal(err)
	}
	return d.Spec
}

func says(t *testing.T, do func(context.Context, string) (string, error), want string) {
	t.Helper()
	if said, err := do(t.Context(), "web"); err != nil || !strings.Contains(said, want) {
		t.Errorf("%q, %v: want %q", said, err, want)
	}
}

func TestAPauseStandsInTheDeploymentUntilItIsResumed(t *testing.T) {
	s := wants(t, nil)
	says(t, s.resume, "neither paused, nor")
	says(t, s.pause, "is paused")
	if r := s.spec(t).Rollout; r == nil || !r.Paused {
		t.Errorf("%+v", r)
	}
	says(t, s.pause, "paused already")
	says(t, s.resume, "goes on")
	if r := s.spec(t).Rollout; r == nil || r.Paused || r.Resume != 0 {
		t.Errorf("%+v", r)
	}
	_, err := s.pause(t.Context(), "nothing")
	is(t, err, diag.NotInFleet, "no such Deployment")
}

func TestAStoppedRolloutIsResumedByAHigherNumberThanWasEverSeen(t *testing.T) {
	s := wants(t, func(d *fleet.Deployment) {
		d.Spec.Rollout = &fleet.Rollout{Resume: 2}
		d.Status.Rollout = &fleet.RolloutStatus{Position: fleet.RolloutPosition{Stopped: true, Resumed: 5}}
	})
	says(t, s.resume, "goes on")
	if r := s.spec(t).Rollout; r.Resume != 6 {
		t.Errorf("%+v", r)
	}
}

// The operator writes the status whenever it likes, and nobody who pauses has to type it twice for that.
func TestAStatusThatIsWrittenMeanwhileIsNoReasonNotToPause(t *testing.T) {
	s := wants(t, nil)
	under, written := s.objects, false
	s.objects = interceptor.NewClient(under.(client.WithWatch), interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, options ...client.PatchOption) error {
			if !written {
				written = true
				d, err := s.wanted(ctx, "web")
				if err != nil {
					return err
				}
				d.Labels = map[string]string{"written": "meanwhile"}
				if err := under.Update(ctx, d); err != nil {
					return err
				}
			}
			return c.Patch(ctx, o, p, options...)
		},
	})
	says(t, s.pause, "is paused")
	if r := s.spec(t).Rollout; !written || r == nil || !r.Paused {
		t.Errorf("%+v", r)
	}
}

func TestWhatSomeoneElseChangedMeanwhileIsNotOverwritten(t *testing.T) {
	s := wants(t, nil)
	d, err := s.wanted(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	u, err := s.undo(t.Context(), "web", 0)
	if err != nil {
		t.Fatal(err)
	}
	says(t, s.pause, "is paused")
	is(t, s.amend(t.Context(), d, map[string]any{"paused": nil}), diag.ChangeRefused, "someone else has changed it")
	err = u.carryOut(t.Context())
	is(t, err, diag.ChangeRefused, "someone else has changed it")
	if !s.spec(t).Rollout.Paused || !equal(s.spec(t).Score, image(3)) {
		t.Errorf("%+v", s.spec(t))
	}
}

func TestAnUndoAsksForAnEarlierReleaseAndTouchesNothingBeforeThat(t *testing.T) {
	finished := func(d *fleet.Deployment) {
		d.Status.Rollout = &fleet.RolloutStatus{Position: fleet.RolloutPosition{Before: &fleet.ReleaseRef{Digest: "c1", Generation: 1}}}
	}
	for name, c := range map[string]struct {
		change func(*fleet.Deployment)
		to     int64
		want   int
	}{
		"the latest":                  {nil, 0, 2},
		"the last that was finished":  {finished, 0, 1},
		"the one that is named":       {finished, 2, 2},
		"the operator has not looked": {func(d *fleet.Deployment) { d.Spec.Score, d.Status.Release = image(2), fleet.ReleaseRef{Digest: "c3"} }, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := wants(t, c.change)
			before := s.spec(t).Score
			u, err := s.undo(t.Context(), "web", c.to)
			if err != nil {
				t.Fatal(err)
			}
			if len(u.plan.Changes) != 1 || !equal(s.spec(t).Score, before) {
				t.Errorf("plan %+v, %+v", u.plan, s.spec(t))
			}
			if err := u.carryOut(t.Context()); err != nil || !equal(s.spec(t).Score, image(c.want)) {
				t.Errorf("%+v: %v", s.spec(t), err)
			}
		})
	}
	for to, want := range map[int64]string{9: "generations [2 1]", 3: "is of generation 3"} {
		_, err := wants(t, nil).undo(t.Context(), "web", to)
		is(t, err, diag.ReleaseMissing, want)
	}
}

func TestWhatUndoChangedApplyMayChangeAgain(t *testing.T) {
	s := wants(t, nil)
	file := func(n int) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": fleet.GroupVersion.String(), "kind": "Deployment", "metadata": map[string]any{"namespace": "fleet", "name": "web"},
			"spec": map[string]any{
				"score": map[string]any{"type": "PodmanV0", "data": map[string]any{"services": []any{
					map[string]any{"name": "main", "image": fmt.Sprint("web:", n)},
				}}},
			},
		}}
	}
	if err := s.objects.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(file(3)), owner, client.ForceOwnership); err != nil {
		t.Fatal(err)
	}
	u, err := s.undo(t.Context(), "web", 0)
	if err == nil {
		err = u.carryOut(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	err = s.objects.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(file(4)), owner)
	if !ours(err) {
		t.Fatalf("an apply that asks nobody is not refused for what undo changed: %v", err)
	}
	if err := s.put(t.Context(), file(4)); err != nil || !equal(s.spec(t).Score, image(4)) {
		t.Errorf("%+v: %v", s.spec(t), err)
	}
	if err := s.objects.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(file(5)), client.FieldOwner("else"), client.ForceOwnership); err != nil {
		t.Fatal(err)
	}
	if err := s.objects.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(file(6)), owner); err == nil || ours(err) {
		t.Errorf("what someone else owns counts as ours: %v", err)
	}
}

func TestARolloutThatGoesOnIsWaitedForAndOneThatDoesNotIsNot(t *testing.T) {
	path := people.DeploymentsPath + "/fleet/web"
	answer := func(code string) map[string]string {
		return map[string]string{path: `{"name":"web","namespace":"fleet","matched":4,"ready":1,"failed":1,"pending":2,"rollout":{"reason":{"code":"` + code +
			`","why":"that is why","next":"do this"},"batch":2,"releases":[{"release":3,"digest":"c3","devices":2}]}}`}
	}
	for _, code := range []string{"Paused", "TooManyFailed", "Reverted"} {
		_, err := spoken(t, answer(code)).settled(t.Context(), "web", time.Hour, func(string) {})
		is(t, err, diag.RolloutUnfinished, code+": that is why")
		is(t, err, diag.RolloutUnfinished, "do this")
	}
	for _, code := range []string{"BatchNotHealthy", "TooManyUnavailable"} {
		ctx, stop := context.WithCancel(t.Context())
		said := 0
		if _, err := spoken(t, answer(code)).settled(ctx, "web", time.Hour, func(string) { said++; stop() }); said != 1 || err == nil {
			t.Errorf("%s: it is not waited for: %v", code, err)
		}
	}
	behind := map[string]string{path: `{"name":"web","namespace":"fleet","generation":4,"latest":5,"matched":4,"ready":4}`}
	_, err := spoken(t, behind).settled(t.Context(), "web", 0, func(string) {})
	is(t, err, diag.RolloutUnfinished, "the operator has not taken generation 5 yet")
	d, err := spoken(t, map[string]string{path: `{"name":"web","matched":4,"ready":4,"rollout":{"reason":{"code":"Complete"}}}`}).settled(t.Context(), "web", time.Hour, func(string) {})
	if err != nil || d.Ready != 4 {
		t.Errorf("%+v: %v", d, err)
	}
	var b bytes.Buffer
	writeRollout(&b, &people.Rollout{Reason: people.Reason{Code: "Paused", Why: "a person", Next: "resume"}, Releases: []people.RolloutRelease{{Release: 3, Digest: "c3", Devices: 2}}})
	for _, want := range []string{"rollout Paused: a person", "next    resume", "release 3 (c3): 2 devices"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in\n%s", want, b.String())
		}
	}
}
