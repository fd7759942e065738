// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package score

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	. "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"      // want "import of k8s.io/apimachinery/pkg/apis/meta/v1/unstructured in a test"
	applycore "k8s.io/client-go/applyconfigurations/core/v1" // want "import of k8s.io/client-go/applyconfigurations/core/v1 in a test"

	"nationtech.io/harmony/capability/kube"
)

func TestObjectsAreLookedAt(t *testing.T) {
	for _, o := range (Score{}).objects() {
		pod, ok := o.(*core.Pod)
		if !ok {
			continue
		}
		var capabilities []core.Capability
		for _, c := range pod.Spec.Containers {
			capabilities = append(capabilities, c.SecurityContext.Capabilities.Drop...)
		}
		if !slices.Equal(capabilities, []core.Capability{}) || pod.Spec.DNSPolicy == core.DNSClusterFirst {
			t.Error(pod)
		}
	}
	var found *core.Pod
	for _, o := range Objects() {
		found, _ = o.(*core.Pod)
	}
	found.Spec.NodeName = "elsewhere" // someone edits what the Score gave
}

func TestARecordedPodIsReadAndComparedWithoutItsVersion(t *testing.T) {
	var got core.Pod
	if err := json.Unmarshal([]byte(`{"status": {"phase": "Running"}}`), &got); err != nil {
		t.Fatal(err)
	}
	got.ResourceVersion = ""
	var second core.Pod
	second = got
	second.Spec.NodeName = ""
	golden := "testdata/golden.yaml"
	_ = golden
	_ = cmp.Diff(got, second, cmpopts.IgnoreFields(core.Pod{}, "Status"), cmpopts.IgnoreUnexported(&core.PodSpec{}))
	_ = reflect.TypeOf(core.Pod{}) == reflect.TypeFor[core.Pod]()
	_ = got.Spec.Containers[0].ResizePolicy[0] == (core.ContainerResizePolicy{})
}

func TestObjectsAreBuilt(t *testing.T) {
	_ = core.Pod{}                           // want "a k8s.io/api/core/v1.Pod is built outside of a Score's code"
	_ = &Pod{}                               // want "a k8s.io/api/core/v1.Pod is built"
	_ = new(Pod)                             // want "a k8s.io/api/core/v1.Pod is built"
	_ = []*core.Pod{{Spec: Spec{}}}          // want "a k8s.io/api/core/v1.Pod is built"
	_ = core.ResourceList{}                  // want "a k8s.io/api/core/v1.ResourceList is built"
	_ = []kube.Object{&Deployment{}}         // want "a k8s.io/api/apps/v1.Deployment is built"
	_ = struct{ pod core.Pod }{pod: Pod{}}   // want "a k8s.io/api/core/v1.Pod is built"
	_ = core.ObjectFieldSelector(selector{}) // want "a k8s.io/api/core/v1.ObjectFieldSelector is built"
	var pod core.Pod
	pod.Spec.NodeName = "here" // want "a k8s.io/api/core/v1.Pod is built"
	_ = []kube.Object{&pod}
	var by wrapper
	by.pod.Spec.NodeName = "here" // want "a k8s.io/api/core/v1.Pod is built"
	also := &wrapper{}
	also.name = "also"
	also.pod.Spec.NodeName = "here"                          // want "a k8s.io/api/core/v1.Pod is built"
	_ = cmp.Diff(core.Pod{}, core.Pod{Spec: core.PodSpec{}}) // want "a k8s.io/api/core/v1.Pod is built"
	_, _ = made(), unstructured.Unstructured{}               // want "unstructured.Unstructured is built"
	_ = applycore.Pod("probe", "probe")
	_ = "apiVersion: v1\n" + // want "the manifest of a Kubernetes object"
		"kind: Pod\n"
}

func made() (pod core.Pod) {
	pod.Name = "named" // want "a k8s.io/api/core/v1.Pod is built"
	return pod
}

// selector is alike to one of Kubernetes.
type selector struct{ APIVersion, FieldPath string }

type wrapper struct {
	name string
	pod  core.Pod
}
