// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"cmp"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// service is ready when a ready Pod stands behind it. One without a selector has nothing to wait for:
// whoever made it says by hand what stands behind it.
func service(s *corev1.Service, w *world) verdict {
	if len(s.Spec.Selector) == 0 || s.Spec.Type == corev1.ServiceTypeExternalName {
		return isReady()
	}
	some := false
	for _, slice := range w.slices {
		if slice.Namespace != s.Namespace || slice.Labels[discoveryv1.LabelServiceName] != s.Name {
			continue
		}
		for _, e := range slice.Endpoints {
			some = true
			if servesNow(e) {
				return isReady()
			}
		}
	}
	if !some {
		return fails(selectsNothing, "no Pod has its labels: "+labels.FormatLabels(s.Spec.Selector))
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
	if e := w.warning(c.UID, "ProvisioningFailed", "FailedBinding"); e != nil {
		return fails(claimUnprovided, e.Message)
	}
	if name != "" && class == nil && w.classesRead {
		return fails(claimUnprovided, "there is no storage class "+name)
	}
	return waits("no volume is bound to it yet (storage class " + cmp.Or(name, "none") + ")")
}

func (w *world) uses(c *corev1.PersistentVolumeClaim) bool {
	for _, p := range w.pods {
		if p.Namespace == c.Namespace && mounts(p, c.Name) {
			return true
		}
	}
	return false
}

func namespace(n *corev1.Namespace) verdict {
	if n.Status.Phase == corev1.NamespaceActive {
		return isReady()
	}
	for _, c := range n.Status.Conditions {
		if c.Status == corev1.ConditionTrue && c.Message != "" {
			return fails(terminates, c.Message)
		}
	}
	return fails(terminates, "its phase is "+string(n.Status.Phase))
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
	return fails(unserved, "the API server does not serve its kind yet")
}
