// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/internal/needs"
	"nationtech.io/harmony/wait"
)

func TestApplyMakesEverythingAndWaitsUntilItIsReady(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	changes := apply(t, c.Client, in, everything(subject(t))...)
	if len(changes) != 11 || slices.ContainsFunc(changes, func(ch harmony.Change) bool { return ch.Action != harmony.Created }) {
		t.Errorf("got %v, want 11 objects created", changes)
	}
	if got := objectsOf(changes); got[0] != "Namespace/"+in.Namespace || got[len(got)-1] != "Deployment/web" {
		t.Errorf("order is %v, want the namespace first and the workload last", got)
	}
	d, err := c.stranger.AppsV1().Deployments(in.Namespace).Get(t.Context(), "web", metav1.GetOptions{})
	if err != nil || d.Status.AvailableReplicas != 1 {
		t.Fatalf("the Deployment is not available: %v %v", d.Status, err)
	}
	for _, m := range d.ManagedFields {
		if m.Operation == metav1.ManagedFieldsOperationApply && m.Manager != "harmony" {
			t.Errorf("applied by %s", m.Manager)
		}
		if m.Manager == "harmony" && strings.Contains(string(m.FieldsV1.GetRawBytes()), "f:status") {
			t.Error("Harmony owns the status")
		}
	}
	ns, err := c.stranger.CoreV1().Namespaces().Get(t.Context(), in.Namespace, metav1.GetOptions{})
	if err != nil || ns.Labels["pod-security.kubernetes.io/enforce"] != "restricted" {
		t.Errorf("the namespace does not enforce Pod Security: %v %v", ns.Labels, err)
	}
}

func objectsOf(changes []harmony.Change) (names []string) {
	for _, ch := range changes {
		names = append(names, ch.Object)
	}
	return names
}

func TestAnApplyThatChangesNothingWritesNothing(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	objects := everything(subject(t))
	apply(t, c.Client, in, objects...)
	before := c.settled(t, in.Namespace)
	var writes atomic.Int64
	counting := c.with(t, func(r *http.Request) {
		if r.Method != http.MethodGet && !strings.Contains(r.URL.RawQuery, "dryRun=All") {
			writes.Add(1)
		}
	})
	if changes := apply(t, counting, in, objects...); len(changes) != 0 {
		t.Errorf("changed %v", changes)
	}
	if writes.Load() != 0 {
		t.Errorf("%d requests were no reads", writes.Load())
	}
	if diff := cmp.Diff(before, c.versions(t, in.Namespace)); diff != "" {
		t.Errorf("resourceVersions changed:\n%s", diff)
	}
}

func TestApplyChangesOnlyWhatIsWantedOtherwise(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	apply(t, c.Client, in, settings("one", map[string]string{"a": "1", "b": "2"}), settings("two", nil))
	changes := apply(t, c.Client, in, settings("one", map[string]string{"a": "1", "b": "3"}), settings("two", nil))
	want := []harmony.Change{{Action: harmony.Updated, Object: "ConfigMap/one", Detail: "data.b"}}
	if diff := cmp.Diff(want, changes); diff != "" {
		t.Error(diff)
	}
	password := func(p string) *corev1.Secret {
		return &corev1.Secret{ObjectMeta: named("given"), StringData: map[string]string{"password": p}}
	}
	one, two := settings("one", map[string]string{"a": "1", "b": "3"}), settings("two", nil)
	apply(t, c.Client, in, one, two, password("first password"))
	changes = apply(t, c.Client, in, one, two, password("second password"))
	want = []harmony.Change{{Action: harmony.Updated, Object: "Secret/given", Detail: "data.password"}}
	if diff := cmp.Diff(want, changes); diff != "" {
		t.Error(diff)
	}
}

func TestWhatSomeoneEditedIsRepairedAloneAndNamed(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	secret := &corev1.Secret{ObjectMeta: named("given"), StringData: map[string]string{"password": "hunter2"}}
	objects := []kube.Object{settings("one", map[string]string{"a": "1"}), settings("two", map[string]string{"a": "1"}), service("web", intPort), secret}
	objects = append(objects, deployment("web", echo(subject(t))))
	apply(t, c.Client, in, objects...)
	as := metav1.PatchOptions{FieldManager: "kubectl-edit"}
	core := c.stranger.CoreV1()
	_, err := core.ConfigMaps(in.Namespace).Patch(t.Context(), "two", types.MergePatchType, []byte(`{"data":{"a":"other"},"metadata":{"labels":null}}`), as)
	fatal(t, err)
	_, err = core.Services(in.Namespace).Patch(t.Context(), "web", types.JSONPatchType, []byte(`[{"op":"replace","path":"/spec/ports/0/targetPort","value":9}]`), as)
	fatal(t, err)
	_, err = core.Secrets(in.Namespace).Patch(t.Context(), "given", types.MergePatchType, []byte(`{"data":{"password":"b3RoZXI="}}`), as)
	fatal(t, err)
	want := []harmony.Change{
		{Action: harmony.Repaired, Object: "ConfigMap/two", Detail: "kubectl-edit had changed data.a, metadata.labels"},
		{Action: harmony.Repaired, Object: "Secret/given", Detail: "kubectl-edit had changed data.password"},
		{Action: harmony.Repaired, Object: "Service/web", Detail: "kubectl-edit had changed spec.ports[main].targetPort"},
	}
	if diff := cmp.Diff(want, apply(t, c.Client, in, objects...)); diff != "" {
		t.Error(diff)
	}
	if again := apply(t, c.Client, in, objects...); len(again) > 0 {
		t.Errorf("a second repair: %v", again)
	}
}

func TestWhatSomeoneDeletedIsMadeAgain(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	objects := []kube.Object{settings("one", nil), settings("two", nil)}
	apply(t, c.Client, in, objects...)
	fatal(t, c.stranger.CoreV1().ConfigMaps(in.Namespace).Delete(t.Context(), "one", metav1.DeleteOptions{}))
	want := []harmony.Change{{Action: harmony.Repaired, Object: "ConfigMap/one", Detail: "it had been deleted"}}
	if diff := cmp.Diff(want, apply(t, c.Client, in, objects...)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsSomeoneElsesIsReportedWholeAndNothingIsTouched(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	c.strangersNamespace(t, in.Namespace)
	for _, name := range []string{"one", "three"} {
		cm := settings(name, map[string]string{"mine": "yes"})
		cm.Labels = map[string]string{"app.kubernetes.io/managed-by": "Helm"}
		cm.Annotations = map[string]string{"meta.helm.sh/release-name": "shop"}
		_, err := c.stranger.CoreV1().ConfigMaps(in.Namespace).Create(t.Context(), cm, metav1.CreateOptions{})
		fatal(t, err)
	}
	before := c.versions(t, in.Namespace)
	_, err := c.Apply(t.Context(), in, settings("one", nil), settings("two", nil), settings("three", nil))
	if diff := cmp.Diff([]diag.Code{diag.NotOurs, diag.NotOurs}, codes(err)); diff != "" {
		t.Fatalf("%s\n%v", diff, err)
	}
	if !strings.Contains(text(err), "it belongs to the Helm release shop") {
		t.Errorf("the owner is not named:\n%s", text(err))
	}
	if diff := cmp.Diff(before, c.versions(t, in.Namespace)); diff != "" {
		t.Errorf("something was touched:\n%s", diff)
	}
	ns, err := c.stranger.CoreV1().Namespaces().Get(t.Context(), in.Namespace, metav1.GetOptions{})
	if err != nil || ns.Labels["pod-security.kubernetes.io/enforce"] != "" {
		t.Errorf("a stranger's namespace was relabelled: %v %v", ns.Labels, err)
	}
}

func TestTwoComponentsDoNotTakeEachOthersObjects(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	apply(t, c.Client, in, settings("one", nil))
	_, err := c.Apply(t.Context(), kube.Inventory{Namespace: in.Namespace, Name: "other"}, settings("one", map[string]string{"a": "1"}))
	if diff := cmp.Diff([]diag.Code{diag.NotOurs}, codes(err)); diff != "" || !strings.Contains(text(err), in.Namespace+"/web") {
		t.Fatalf("%s\n%v", diff, err)
	}
}

func TestWhatIsNoLongerWantedIsDeletedInReverseOrder(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	objects := everything(subject(t))
	apply(t, c.Client, in, objects...)
	changes := apply(t, c.Client, in, settings("settings", map[string]string{"a": "1", "b": "2"}))
	if len(changes) != 9 || changes[0].Object != "Deployment/web" || changes[0].Action != harmony.Deleted {
		t.Errorf("got %v, want 9 deletions, the workload first", changes)
	}
	pods, err := c.Pods(t.Context(), in.Namespace, app)
	if err != nil || len(pods) > 0 {
		t.Errorf("%d Pods are left, %v", len(pods), err)
	}
	if again := apply(t, c.Client, in, settings("settings", map[string]string{"a": "1", "b": "2"})); len(again) > 0 {
		t.Errorf("then changed %v", again)
	}
}

func TestARefusedObjectIsReportedBeforeTheFirstChange(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	c.strangersNamespace(t, in.Namespace)
	before := c.versions(t, in.Namespace)
	wrong := service("web", intPort)
	wrong.Spec.Ports[0].Port = 0
	_, err := c.Apply(t.Context(), in, settings("one", nil), wrong)
	if diff := cmp.Diff([]diag.Code{diag.ObjectRefused}, codes(err)); diff != "" {
		t.Fatalf("%s\n%v", diff, err)
	}
	if !strings.Contains(text(err), "spec.ports[0].port: ") {
		t.Errorf("the field is not named:\n%s", text(err))
	}
	if diff := cmp.Diff(before, c.versions(t, in.Namespace)); diff != "" {
		t.Errorf("something was touched:\n%s", diff)
	}
}

func TestAKindAndItsObjectsInOneApply(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	group := strings.ReplaceAll(in.Namespace, "-", "") + ".test"
	t.Cleanup(func() { _, _ = c.Remove(context.WithoutCancel(t.Context()), in, harmony.Removal{Purge: true}) })
	object := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": group + "/v1", "kind": "Widget", "metadata": map[string]any{"name": "one"}, "spec": map[string]any{"size": int64(1)},
	}}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	outcome, err := c.Apply(ctx, in, object, widgets(group))
	if got := objectsOf(outcome.Changes); len(got) != 3 || got[2] != "Widget/one" {
		t.Errorf("made %v", got)
	}
	// Nothing reports on the object: that is said, not taken for readiness.
	if diff := cmp.Diff([]diag.Code{diag.CannotJudge}, codes(err)); diff != "" {
		t.Errorf("%s\n%s", diff, text(err))
	}
}

func TestAnApplyThatIsKilledAnywhereIsSimplyRunAgainOrRemoved(t *testing.T) {
	c := connect(t)
	objects := everything("none")[3:] // those that have nothing to wait for
	const requests = 28               // more than one Apply of them sends
	for kill := 1; kill <= requests; kill++ {
		for _, again := range []bool{true, false} {
			in := c.component(t)
			t.Run(fmt.Sprintf("at request %d, run again %v", kill, again), func(t *testing.T) {
				t.Parallel()
				c.strangersNamespace(t, in.Namespace)
				before := c.versions(t, in.Namespace)
				c.killed(t, in, int64(kill), objects)
				if again {
					apply(t, c.Client, in, objects...)
					c.allRecorded(t, in, len(objects))
				}
				remove(t, c.Client, in, true)
				if diff := cmp.Diff(before, c.versions(t, in.Namespace)); diff != "" {
					t.Errorf("something is left:\n%s", diff)
				}
			})
		}
	}
}

// killed begins an Apply and ends it at its nth request.
func (c cluster) killed(t *testing.T, in kube.Inventory, n int64, objects []kube.Object) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var sent atomic.Int64
	dying := c.with(t, func(*http.Request) {
		if sent.Add(1) == n {
			cancel()
		}
	})
	if _, err := dying.Apply(ctx, in, objects...); err != nil && !slices.Contains(codes(err), diag.Interrupted) {
		t.Errorf("got %v, want an interruption", err)
	}
}

func TestANamespaceOfAKilledApplyIsRemovedToo(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	c.killed(t, in, 22, everything("none")[3:])
	if removed := remove(t, c.Client, in, true); !slices.Contains(removed.Gone, "Namespace/"+in.Namespace) {
		t.Errorf("removed %+v", removed)
	}
}

// allRecorded checks that the inventory lists all objects with their uids.
func (c cluster) allRecorded(t *testing.T, in kube.Inventory, n int) {
	t.Helper()
	cm, err := c.stranger.CoreV1().ConfigMaps(in.Namespace).Get(t.Context(), "harmony-web", metav1.GetOptions{})
	fatal(t, err)
	if got := strings.Count(cm.Data["inventory.json"], `"uid"`); got != n {
		t.Errorf("%d objects are recorded, want %d:\n%s", got, n, cm.Data["inventory.json"])
	}
}

// settled are the versions once controllers have written the last of their status.
func (c cluster) settled(t *testing.T, namespace string) (versions map[string]string) {
	t.Helper()
	const quiet = 4
	same := 0
	err := wait.Until(t.Context(), "controllers to write nothing more", wait.Pace{Limit: time.Minute}, func(context.Context) (string, bool, error) {
		now := c.versions(t, namespace)
		if same++; !cmp.Equal(now, versions) {
			same = 0
		}
		versions = now
		return "", same == quiet, nil
	})
	fatal(t, err)
	return versions
}

// versions are the resourceVersions of all that stands in a namespace and does not change by itself.
func (c cluster) versions(t *testing.T, namespace string) map[string]string {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", needs.Local(t))
	fatal(t, err)
	config.QPS, config.Burst = 1000, 1000
	objects, err := dynamic.NewForConfig(config)
	fatal(t, err)
	found, err := discovery.NewDiscoveryClientForConfig(config)
	fatal(t, err)
	lists, err := found.ServerPreferredNamespacedResourcesWithContext(t.Context())
	fatal(t, err)
	versions := map[string]string{}
	for gvr := range must(discovery.GroupVersionResources(lists)) {
		if gvr.Resource == "events" || gvr.Resource == "endpoints" || gvr.Resource == "endpointslices" {
			continue
		}
		list, err := objects.Resource(gvr).Namespace(namespace).List(t.Context(), metav1.ListOptions{})
		if err != nil {
			continue // not listable
		}
		for _, u := range list.Items {
			// Controllers and the kubelet write statuses whenever they like; the generation leaves these out.
			version := u.GetResourceVersion()
			if g := u.GetGeneration(); g > 0 {
				version = fmt.Sprint("generation ", g)
			}
			versions[gvr.Resource+"/"+u.GetName()] = version
		}
	}
	return versions
}

func TestRunsAtTheSameTimeEndWithTheSame(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	objects := everything("none")[3:]
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := c.Apply(t.Context(), in, objects...); err != nil {
				t.Errorf("%v\n%s", err, text(err))
			}
		})
	}
	all.Wait()
	c.allRecorded(t, in, len(objects))
	if again := apply(t, c.Client, in, objects...); len(again) > 0 {
		t.Errorf("then changed %v", again)
	}
}

func TestAFieldThatCannotBeChangedIsReportedBeforeTheFirstChange(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	claim := func(size string) *corev1.PersistentVolumeClaim {
		spec := stateful(in, "none").Spec.VolumeClaimTemplates[0].Spec
		spec.StorageClassName = &size
		return &corev1.PersistentVolumeClaim{ObjectMeta: named("data"), Spec: spec}
	}
	apply(t, c.Client, in, settings("one", nil), claim("local-path"))
	before := c.versions(t, in.Namespace)
	_, err := c.Apply(t.Context(), in, settings("one", map[string]string{"a": "1"}), claim("other"))
	if !cmp.Equal(codes(err), []diag.Code{diag.Immutable}) || !strings.Contains(text(err), "it holds data") {
		t.Errorf("got\n%s", text(err))
	}
	if diff := cmp.Diff(before, c.versions(t, in.Namespace)); diff != "" {
		t.Errorf("something was touched:\n%s", diff)
	}
}
