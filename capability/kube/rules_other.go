// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"cmp"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// service is ready when a ready Pod stands behind it. One without a selector has nothing to wait for:
// whoever made it says by hand what stands behind it.
func service(s *corev1.Service, w *world) verdict {
	if len(s.Spec.Selector) == 0 || s.Spec.Type == corev1.ServiceTypeExternalName {
		return isReady()
	}
	for _, slice := range w.slices {
		if slice.Namespace != s.Namespace || slice.Labels[discoveryv1.LabelServiceName] != s.Name {
			continue
		}
		for _, e := range slice.Endpoints {
			if servesNow(e) {
				return isReady()
			}
		}
	}
	if s.Spec.PublishNotReadyAddresses {
		return waits("no Pod stands behind it")
	}
	return waits("no ready Pod stands behind it")
}

func servesNow(e discoveryv1.Endpoint) bool {
	return e.Conditions.Ready == nil || *e.Conditions.Ready
}

// claim is ready when a volume is bound to it, or when one will be bound as soon as a Pod uses it
// and none does.
func claim(c *corev1.PersistentVolumeClaim, w *world) verdict {
	switch c.Status.Phase {
	case corev1.ClaimBound:
		return isReady()
	case corev1.ClaimLost:
		return fails(volumeLost, "the volume "+c.Spec.VolumeName+" does not exist any more")
	}
	name := ""
	if c.Spec.StorageClassName != nil {
		name = *c.Spec.StorageClassName
	}
	class := w.classes[name]
	if class != nil && class.VolumeBindingMode != nil && *class.VolumeBindingMode == storagev1.VolumeBindingWaitForFirstConsumer && !w.uses(c) {
		return isReady()
	}
	return waits("no volume is bound to it yet (storage class " + cmp.Or(name, "none") + ")")
}

func (w *world) uses(c *corev1.PersistentVolumeClaim) bool {
	for _, p := range w.pods {
		for _, v := range p.Spec.Volumes {
			if p.Namespace == c.Namespace && v.PersistentVolumeClaim != nil && v.PersistentVolumeClaim.ClaimName == c.Name {
				return true
			}
		}
	}
	return false
}

func namespace(n *corev1.Namespace) verdict {
	if n.Status.Phase == corev1.NamespaceActive {
		return isReady()
	}
	return waits("its phase is " + string(n.Status.Phase))
}

func definition(d *apiextensionsv1.CustomResourceDefinition) verdict {
	established := false
	for _, c := range d.Status.Conditions {
		switch {
		case c.Type == apiextensionsv1.NamesAccepted && c.Status == apiextensionsv1.ConditionFalse:
			return fails(nameConflict, c.Message)
		case c.Type == apiextensionsv1.Established && c.Status == apiextensionsv1.ConditionTrue:
			established = true
		}
	}
	if established {
		return isReady()
	}
	return waits("the API server does not serve its kind yet")
}

// custom judges an object of a kind that Harmony does not know by the condition that most
// controllers write. Without it nobody can tell, and silence is no consent.
func custom(u *unstructured.Unstructured) verdict {
	seen, told, _ := unstructured.NestedInt64(u.Object, "status", "observedGeneration")
	conditions, _, _ := unstructured.NestedSlice(u.Object, "status", "conditions")
	for _, element := range conditions {
		c, _ := element.(map[string]any)
		kind, _ := c["type"].(string)
		if kind != "Ready" && kind != "Available" {
			continue
		}
		if of, ok := c["observedGeneration"].(int64); ok {
			seen, told = of, true
		}
		switch {
		case told && seen < u.GetGeneration():
			return waits("its controller has not seen it yet")
		case c["status"] == "True":
			return isReady()
		}
		return waits(fmt.Sprintf("condition %s is %v: %v %v", kind, c["status"], c["reason"], cmp.Or(c["message"], any(""))))
	}
	return fails(unjudged, "it has no condition Ready or Available")
}
