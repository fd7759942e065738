// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
)

// A site is a place with nothing but a cluster.
type site struct {
	cluster kube.Cluster
	client  *kube.Client
}

func (site) Name() string               { return "site" }
func (s site) Kubernetes() kube.Cluster { return s.cluster }
func (s site) Planning(d *harmony.Draft) harmony.Topology {
	return site{s.client.Planning(d), s.client}
}

// A job is a Score that is nothing but what it does.
type job struct {
	name string
	do   func(context.Context, kube.Cluster) (harmony.Outcome, error)
}

func (j job) Name() string { return j.name }
func (j job) Interpret(ctx context.Context, on kube.Place) (harmony.Outcome, error) {
	return j.do(ctx, on.Kubernetes())
}
func (job) SmokeTest(context.Context, kube.Place) error { return nil } // these are tests of what is applied

func (c cluster) on(name string, do func(context.Context, kube.Cluster) (harmony.Outcome, error)) *harmony.Placement {
	return harmony.Place(job{name, do}).On(site{c.Client, c.Client})
}

// applying is a component that is nothing but its objects.
func (c cluster) applying(in kube.Inventory, objects ...kube.Object) *harmony.Placement {
	return c.on(in.Name, func(ctx context.Context, on kube.Cluster) (harmony.Outcome, error) {
		return on.Apply(ctx, in, objects...)
	})
}

func planned(t *testing.T, ps ...*harmony.Placement) []harmony.Planned {
	t.Helper()
	report, err := harmony.Plan(t.Context(), ps...)
	if err != nil {
		t.Fatalf("plan: %v\n%s", err, text(err))
	}
	var all []harmony.Planned
	for _, p := range report.Placements {
		all = append(all, p.Planned...)
	}
	return all
}

func find(t *testing.T, all []harmony.Planned, object string) harmony.Planned {
	t.Helper()
	i := slices.IndexFunc(all, func(p harmony.Planned) bool { return p.Object == object })
	if i < 0 {
		t.Fatalf("nothing is planned for %s: %+v", object, all)
	}
	return all[i]
}

// does lists what a plan would do, as "create ConfigMap/one".
func does(all []harmony.Planned) (does []string) {
	for _, p := range all {
		does = append(does, fmt.Sprintf("%s %s", p.Intent, p.Object))
	}
	slices.Sort(does)
	return does
}

// did lists what a deploy did, in the same words.
func did(changes []harmony.Change) (did []string) {
	for _, ch := range changes {
		did = append(did, fmt.Sprintf("%s %s", ch.Action.Intent(), ch.Object))
	}
	slices.Sort(did)
	return did
}

func TestAPlanOfWhatDoesNotStandSaysWhatTheDeployThenDoes(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	objects := everything(subject(t))
	var writes atomic.Int64
	counting := cluster{c.with(t, func(r *http.Request) {
		if r.Method != http.MethodGet && !strings.Contains(r.URL.RawQuery, "dryRun=All") {
			writes.Add(1)
		}
	}), c.stranger}
	plan := planned(t, counting.applying(in, objects...))
	if _, err := c.stranger.CoreV1().Namespaces().Get(t.Context(), in.Namespace, metav1.GetOptions{}); err == nil || writes.Load() > 0 {
		t.Errorf("the plan has written: %d requests, %v", writes.Load(), err)
	}
	if diff := cmp.Diff(does(plan), did(apply(t, c.Client, in, objects...))); diff != "" {
		t.Errorf("(-planned +done)\n%s", diff)
	}
	after := planned(t, counting.applying(in, objects...))
	if slices.ContainsFunc(after, func(p harmony.Planned) bool { return p.Intent != harmony.Keep }) || len(after) != len(objects) || writes.Load() > 0 {
		t.Errorf("then it plans %v, with %d writes", does(after), writes.Load())
	}
}

func TestAPlanNamesFieldsWithWhatTheyAreAndWillBe(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	objects := func(level, image string) []kube.Object {
		return []kube.Object{settings("one", map[string]string{"level": level, "same": "x"}), deployment("web", echo(image))}
	}
	image := subject(t)
	apply(t, c.Client, in, objects("1", image)...)
	plan := planned(t, c.applying(in, objects("2", "harmony.local/other:1")...))
	if diff := cmp.Diff([]harmony.Field{{Path: "data.level", Before: "1", After: "2"}}, find(t, plan, "ConfigMap/one").Fields); diff != "" {
		t.Error(diff)
	}
	want := []harmony.Field{{Path: "spec.template.spec.containers[main].image", Before: image, After: "harmony.local/other:1"}}
	if diff := cmp.Diff(want, find(t, plan, "Deployment/web").Fields); diff != "" {
		t.Error(diff)
	}
}

func TestAPlanSaysWhoEditedWhatAndWhen(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	objects := []kube.Object{settings("one", map[string]string{"a": "1"}), settings("two", nil), deployment("web", echo(subject(t)))}
	apply(t, c.Client, in, objects...)
	begin := time.Now().Add(-2 * time.Second)
	maps := c.stranger.CoreV1().ConfigMaps(in.Namespace)
	_, err := maps.Patch(t.Context(), "one", types.MergePatchType, []byte(`{"data":{"a":"2"}}`), metav1.PatchOptions{FieldManager: "kubectl-edit"})
	fatal(t, err)
	fatal(t, maps.Delete(t.Context(), "two", metav1.DeleteOptions{}))
	scales := c.stranger.AppsV1().Deployments(in.Namespace)
	scale, err := scales.GetScale(t.Context(), "web", metav1.GetOptions{})
	fatal(t, err)
	scale.Spec.Replicas = 0
	_, err = scales.UpdateScale(t.Context(), "web", scale, metav1.UpdateOptions{FieldManager: "night-shift"})
	fatal(t, err)

	report, err := harmony.Plan(t.Context(), c.applying(in, objects...))
	fatal(t, err)
	drifted := slices.DeleteFunc(slices.Clone(report.Placements[0].Planned), func(p harmony.Planned) bool { return !p.Drift() })
	if diff := cmp.Diff([]string{"repair ConfigMap/one", "repair ConfigMap/two", "repair Deployment/web"}, does(drifted)); diff != "" {
		t.Fatal(diff)
	}
	for object, want := range map[string]harmony.Field{
		"ConfigMap/one": {Path: "data.a", Before: "2", After: "1", Owner: "kubectl-edit"},
		// The API server does not note who scales.
		"Deployment/web": {Path: "spec.replicas", Before: int64(0), After: int64(1)},
	} {
		fields := find(t, drifted, object).Fields
		if len(fields) != 1 || want.Owner != "" && fields[0].Since.Before(begin.UTC().Truncate(time.Second)) {
			t.Fatalf("%s: %+v", object, fields)
		}
		fields[0].Since = time.Time{}
		if diff := cmp.Diff(want, fields[0]); diff != "" {
			t.Errorf("%s: %s", object, diff)
		}
	}
	if diff := cmp.Diff(does(drifted), did(apply(t, c.Client, in, objects...))); diff != "" {
		t.Errorf("the next deploy: (-planned +done)\n%s", diff)
	}
}

func TestAPlanOfADefinitionAndItsObjectsTogether(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	group := strings.ReplaceAll(in.Namespace, "-", "") + ".test"
	widget := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": group + "/v1", "kind": "Widget", "metadata": map[string]any{"name": "one"}, "spec": map[string]any{"size": "1"},
	}}
	t.Cleanup(func() {
		_, err := c.Remove(context.WithoutCancel(t.Context()), in, harmony.Removal{Purge: true})
		fatal(t, err)
	})
	plan := planned(t, c.applying(in, widgets(group), widget))
	if find(t, plan, "Widget/one").Intent != harmony.Create || find(t, plan, "CustomResourceDefinition/widgets."+group).Intent != harmony.Create {
		t.Errorf("got %v", does(plan))
	}
	outcome, _ := c.Apply(t.Context(), in, widgets(group), widget) // nobody can judge a Widget
	if diff := cmp.Diff(does(plan), did(outcome.Changes)); diff != "" {
		t.Errorf("(-planned +done)\n%s", diff)
	}
	for _, p := range planned(t, c.applying(in, widgets(group), widget)) {
		if p.Intent != harmony.Keep {
			t.Errorf("then it plans to %s %s: %+v", p.Intent, p.Object, p.Fields)
		}
	}
}

func TestWhatIsNoLongerWantedIsPlannedToGoAndDataToStay(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "data", Labels: in.DataLabels()}, Spec: stateful(in, "none").Spec.VolumeClaimTemplates[0].Spec}
	apply(t, c.Client, in, settings("one", nil), settings("two", nil), claim)
	plan := planned(t, c.applying(in, settings("one", nil)))
	want := []string{"delete ConfigMap/two", "keep ConfigMap/one", "keep PersistentVolumeClaim/data"}
	if diff := cmp.Diff(want, does(plan)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"delete ConfigMap/two"}, did(apply(t, c.Client, in, settings("one", nil)))); diff != "" {
		t.Error(diff)
	}
}

func TestWhatCannotBeChangedIsReplacedWhenThatIsAllowed(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	fixed := func(value string) *corev1.ConfigMap {
		cm := settings("fixed", map[string]string{"a": value})
		cm.Immutable = pointer(true)
		return cm
	}
	apply(t, c.Client, in, fixed("1"), settings("one", nil))
	before := c.versions(t, in.Namespace)
	placement := c.applying(in, fixed("2"), settings("one", map[string]string{"b": "2"}))

	report, err := harmony.Plan(t.Context(), placement)
	if diff := cmp.Diff([]diag.Code{diag.Immutable}, codes(err)); diff != "" {
		t.Errorf("%s\n%s", diff, text(err))
	}
	p := find(t, report.Placements[0].Planned, "ConfigMap/fixed")
	if p.Intent != harmony.Replace || p.Loses == "" || len(p.Fields) != 1 || p.Fields[0].Path != "data.a" {
		t.Errorf("got %+v", p)
	}
	if _, err := harmony.Deploy(t.Context(), placement); !slices.Contains(codes(err), diag.Immutable) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(before, c.versions(t, in.Namespace)); diff != "" {
		t.Errorf("something was touched:\n%s", diff)
	}
	replacing := harmony.Run{Replace: true}
	if _, err := replacing.Plan(t.Context(), placement); err != nil {
		t.Errorf("a plan of the deploy that may replace: %v", err)
	}
	deployed, err := replacing.Deploy(t.Context(), placement)
	if err != nil {
		t.Fatal(text(err))
	}
	if diff := cmp.Diff([]string{"replace ConfigMap/fixed", "update ConfigMap/one"}, did(deployed.Placements[0].Changes)); diff != "" {
		t.Error(diff)
	}
	for _, p := range planned(t, placement) {
		if p.Intent != harmony.Keep {
			t.Errorf("then it plans to %s %s", p.Intent, p.Object)
		}
	}
}

func TestAPlanShowsNoSecret(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	given := func(password string) []kube.Object {
		return []kube.Object{
			&corev1.Secret{ObjectMeta: named("given"), StringData: map[string]string{"password": password}},
			settings("one", map[string]string{"url": "nats://user:" + password + "@host"}),
		}
	}
	apply(t, c.Client, in, given("first-password")...)
	var generated string
	report, err := harmony.Plan(t.Context(), c.on("web", func(ctx context.Context, on kube.Cluster) (harmony.Outcome, error) {
		values, _, err := on.Generate(ctx, in, "made", "key")
		if err != nil {
			return harmony.Outcome{}, err
		}
		generated = values["key"].Reveal()
		return on.Apply(ctx, in, append(given("second-password"), settings("two", map[string]string{"key": generated}))...)
	}))
	fatal(t, err)
	all, err := json.Marshal(report)
	fatal(t, err)
	for _, hidden := range []string{"second-password", "first-password", "c2Vjb25k", "Zmlyc3", generated} {
		if strings.Contains(string(all), hidden) {
			t.Errorf("%q is shown:\n%s", hidden, all)
		}
	}
	fields := find(t, report.Placements[0].Planned, "Secret/given").Fields
	if len(fields) != 1 || !fields[0].Hidden || fields[0].Path != "data.password" {
		t.Errorf("got %+v", fields)
	}
	if made := find(t, report.Placements[0].Planned, "Secret/made"); made.Intent != harmony.Create || !made.Fields[0].Hidden {
		t.Errorf("got %+v", made)
	}
}

func TestTwoComponentsOfAPlanAreGivenTheSameCredential(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	seen := make(chan string, 2)
	ask := func(name string) *harmony.Placement {
		return c.on(name, func(ctx context.Context, on kube.Cluster) (harmony.Outcome, error) {
			values, _, err := on.Generate(ctx, in, "made", "key")
			if err != nil {
				return harmony.Outcome{}, err
			}
			read, err := on.Secret(ctx, in.Namespace, "made")
			if read["key"].Equal(values["key"]) {
				seen <- values["key"].Reveal()
			}
			return harmony.Outcome{}, err
		})
	}
	plan := planned(t, ask("a"), ask("b"))
	if diff := cmp.Diff([]string{"create Namespace/" + in.Namespace, "create Secret/made"}, does(plan)); diff != "" {
		t.Error(diff)
	}
	if len(seen) != 2 {
		t.Fatal("what is generated cannot be read")
	}
	if a, b := <-seen, <-seen; a != b {
		t.Error("they are given two")
	}
}

func TestAPlanTellsWhoseTheObjectsAreThatStandInTheWay(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	apply(t, c.Client, in, settings("one", nil))
	other := kube.Inventory{Namespace: in.Namespace, Name: "other"}
	report, err := harmony.Plan(t.Context(), c.applying(other, settings("one", nil), settings("free", nil)))
	if diff := cmp.Diff([]diag.Code{diag.NotOurs}, codes(err)); diff != "" {
		t.Error(diff)
	}
	if p := find(t, report.Placements[0].Planned, "ConfigMap/free"); p.Intent != harmony.Create {
		t.Errorf("what else was found is lost: %+v", report.Placements[0].Planned)
	}
}

func TestAConnectionIsKnownAfterTheApply(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	report, err := harmony.Plan(t.Context(), c.on("web", func(ctx context.Context, on kube.Cluster) (harmony.Outcome, error) {
		_, err := on.Dial(ctx, kube.Service{Namespace: in.Namespace, Name: "web", Port: 80})
		if !errors.Is(err, harmony.ErrAfterApply) {
			t.Errorf("got %v", err)
		}
		return harmony.Outcome{}, err
	}))
	if err != nil || len(report.Placements[0].Later) != 1 {
		t.Errorf("got %v, %+v", err, report)
	}
}
