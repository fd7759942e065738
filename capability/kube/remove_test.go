// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
)

// stateful is a StatefulSet whose claim is marked as the component's data.
func stateful(in kube.Inventory, image string) *appsv1.StatefulSet {
	claim := corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Name: "data", Labels: in.DataLabels()},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("16Mi")}},
		},
	}
	c := echo(image)
	c.VolumeMounts = []corev1.VolumeMount{{Name: "data", MountPath: "/data"}}
	return &appsv1.StatefulSet{ObjectMeta: named("web"), Spec: appsv1.StatefulSetSpec{
		Selector: &metav1.LabelSelector{MatchLabels: app}, Template: template(c), ServiceName: "web",
		VolumeClaimTemplates: []corev1.PersistentVolumeClaim{claim},
	}}
}

func remove(t *testing.T, c *kube.Client, in kube.Inventory, purge bool) harmony.Removed {
	t.Helper()
	removed, err := c.Remove(t.Context(), in, harmony.Removal{Purge: purge})
	if err != nil {
		t.Fatalf("remove: %v\n%s", err, text(err))
	}
	return removed
}

func TestRemoveLeavesNothingBehind(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	apply(t, c.Client, in, everything(subject(t))...)
	removed := remove(t, c.Client, in, false)
	if len(removed.Kept) > 0 || len(removed.Gone) != 11 || removed.Gone[0] != "Deployment/web" || removed.Gone[10] != "Namespace/"+in.Namespace {
		t.Errorf("got %+v, want all objects in reverse order, the namespace last", removed)
	}
	if _, err := c.stranger.CoreV1().Namespaces().Get(t.Context(), in.Namespace, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the namespace is not gone when Remove returns: %v", err)
	}
	if again := remove(t, c.Client, in, true); len(again.Gone)+len(again.Kept) > 0 {
		t.Errorf("removing what is not there: %+v", again)
	}
}

func TestRemoveKeepsDataUntilItIsPurged(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	values, _ := generate(t, c.Client, in, "admin")
	apply(t, c.Client, in, stateful(in, subject(t)), service("web", intPort))
	data := []string{"PersistentVolumeClaim/data-web-0", "Secret/credentials"}
	if removed := remove(t, c.Client, in, false); !cmp.Equal(removed, harmony.Removed{Gone: []string{"StatefulSet/web", "Service/web"}, Kept: data}) {
		t.Errorf("removed %+v", removed)
	}
	standing, err := c.Standing(t.Context(), in.Namespace)
	if err != nil || len(standing) != 1 || len(standing[0].Objects) != 0 || !cmp.Equal(standing[0].Data, data) {
		t.Errorf("standing: %+v, %v", standing, err)
	}
	apply(t, c.Client, in, stateful(in, subject(t)), service("web", intPort))
	if again, _ := generate(t, c.Client, in, "admin"); !again["admin"].Equal(values["admin"]) {
		t.Error("a new deploy did not find the credentials")
	}
	remove(t, c.Client, in, false)
	claim, err := c.stranger.CoreV1().PersistentVolumeClaims(in.Namespace).Get(t.Context(), "data-web-0", metav1.GetOptions{})
	fatal(t, err)
	removed := remove(t, c.Client, in, true)
	if want := append(data, "Namespace/"+in.Namespace); !cmp.Equal(removed, harmony.Removed{Gone: want}) {
		t.Errorf("purged %+v, want %v", removed, want)
	}
	if _, err := c.stranger.CoreV1().PersistentVolumes().Get(t.Context(), claim.Spec.VolumeName, metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("the volume is still there: %v", err)
	}
}

func TestAStrangersObjectSurvivesAndItsNamespaceToo(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	apply(t, c.Client, in, settings("one", nil))
	_, err := c.stranger.CoreV1().ConfigMaps(in.Namespace).Create(t.Context(), settings("theirs", nil), metav1.CreateOptions{})
	fatal(t, err)
	removed := remove(t, c.Client, in, true)
	want := harmony.Removed{Gone: []string{"ConfigMap/one"}, Shared: []string{"Namespace/" + in.Namespace + " (still holds ConfigMap/theirs)"}}
	if diff := cmp.Diff(want, removed); diff != "" {
		t.Error(diff)
	}
	if _, err := c.stranger.CoreV1().ConfigMaps(in.Namespace).Get(t.Context(), "theirs", metav1.GetOptions{}); err != nil {
		t.Errorf("the stranger's object: %v", err)
	}
}

func TestANamespaceThatHarmonyDidNotMakeStays(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	c.strangersNamespace(t, in.Namespace)
	apply(t, c.Client, in, settings("one", nil))
	if removed := remove(t, c.Client, in, true); !cmp.Equal(removed, harmony.Removed{Gone: []string{"ConfigMap/one"}}) {
		t.Errorf("removed %+v", removed)
	}
	if ns, err := c.stranger.CoreV1().Namespaces().Get(t.Context(), in.Namespace, metav1.GetOptions{}); err != nil || ns.DeletionTimestamp != nil {
		t.Errorf("the namespace: %v", err)
	}
}

func TestRemoveDoesNotTouchWhatReplacedOurs(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	apply(t, c.Client, in, settings("one", nil), settings("two", nil))
	maps := c.stranger.CoreV1().ConfigMaps(in.Namespace)
	fatal(t, maps.Delete(t.Context(), "one", metav1.DeleteOptions{}))
	_, err := maps.Create(t.Context(), settings("one", map[string]string{"whose": "theirs"}), metav1.CreateOptions{})
	fatal(t, err)
	removed := remove(t, c.Client, in, true)
	if !slices.Equal(removed.Gone, []string{"ConfigMap/two"}) {
		t.Errorf("removed %+v", removed)
	}
	if theirs, err := maps.Get(t.Context(), "one", metav1.GetOptions{}); err != nil || theirs.Data["whose"] != "theirs" {
		t.Errorf("theirs: %v %v", theirs, err)
	}
}

func TestTheLastOfTwoComponentsTakesTheNamespaceAlong(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	other := kube.Inventory{Namespace: in.Namespace, Name: "other"}
	apply(t, c.Client, in, settings("one", nil))
	apply(t, c.Client, other, settings("two", nil))
	standing, err := c.Standing(t.Context(), in.Namespace)
	if err != nil || len(standing) != 2 || standing[0].Component != "other" || standing[1].Version != "v1.2.3" || time.Since(standing[1].Since) > time.Minute {
		t.Errorf("standing: %+v, %v", standing, err)
	}
	if removed := remove(t, c.Client, in, false); !slices.Equal(removed.Gone, []string{"ConfigMap/one"}) {
		t.Errorf("removed %+v", removed)
	}
	if removed := remove(t, c.Client, other, false); !slices.Equal(removed.Gone, []string{"ConfigMap/two", "Namespace/" + in.Namespace}) {
		t.Errorf("removed %+v", removed)
	}
}
