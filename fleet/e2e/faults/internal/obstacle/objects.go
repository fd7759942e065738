// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package obstacle

import (
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"nationtech.io/harmony/capability/kube"
)

func (s Score) objects() (all []kube.Object) {
	if s.Quota {
		all = append(all, &corev1.ResourceQuota{ObjectMeta: s.meta(), Spec: corev1.ResourceQuotaSpec{
			Hard: corev1.ResourceList{corev1.ResourcePods: resource.MustParse("0")},
		}})
	}
	if s.Webhook {
		all = append(all, s.webhook())
	}
	if s.Policy {
		all = append(all, s.policy(), s.binding())
	}
	if s.Secret != "" {
		all = append(all, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: s.Secret}, StringData: map[string]string{"token": "open sesame"}})
	}
	if s.ConfigMap != "" {
		all = append(all, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: s.ConfigMap}, Data: map[string]string{"greeting": "hello"}})
	}
	if s.Class != "" {
		all = append(all, &storagev1.StorageClass{
			ObjectMeta: metav1.ObjectMeta{Name: s.Class}, Provisioner: "localkube.nationtech.io/local-path",
			ReclaimPolicy: new(corev1.PersistentVolumeReclaimDelete), VolumeBindingMode: new(storagev1.VolumeBindingWaitForFirstConsumer),
		})
	}
	if s.Definition != "" {
		all = append(all, s.definition())
	}
	return all
}

// meta is also unique in the whole cluster.
func (s Score) meta() metav1.ObjectMeta { return metav1.ObjectMeta{Name: s.Namespace + "-" + s.Name()} }

// here selects the namespace.
func (s Score) here() *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: s.Namespace}}
}

func podRule() admissionv1.RuleWithOperations {
	return admissionv1.RuleWithOperations{
		Operations: []admissionv1.OperationType{admissionv1.Create},
		Rule:       admissionv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"pods"}},
	}
}

func (s Score) webhook() *admissionv1.ValidatingWebhookConfiguration {
	return &admissionv1.ValidatingWebhookConfiguration{ObjectMeta: s.meta(), Webhooks: []admissionv1.ValidatingWebhook{{
		Name: "gate.faults.example", NamespaceSelector: s.here(), Rules: []admissionv1.RuleWithOperations{podRule()},
		ClientConfig:  admissionv1.WebhookClientConfig{Service: &admissionv1.ServiceReference{Namespace: s.Namespace, Name: "nobody"}},
		FailurePolicy: new(admissionv1.Fail), SideEffects: new(admissionv1.SideEffectClassNone),
		AdmissionReviewVersions: []string{"v1"}, TimeoutSeconds: new(int32(2)),
	}}}
}

func (s Score) policy() *admissionv1.ValidatingAdmissionPolicy {
	return &admissionv1.ValidatingAdmissionPolicy{ObjectMeta: s.meta(), Spec: admissionv1.ValidatingAdmissionPolicySpec{
		FailurePolicy: new(admissionv1.Fail),
		MatchConstraints: &admissionv1.MatchResources{
			NamespaceSelector: s.here(),
			ResourceRules:     []admissionv1.NamedRuleWithOperations{{RuleWithOperations: podRule()}},
		},
		Validations: []admissionv1.Validation{{Expression: "false", Message: "no Pod may be made here"}},
	}}
}

func (s Score) binding() *admissionv1.ValidatingAdmissionPolicyBinding {
	return &admissionv1.ValidatingAdmissionPolicyBinding{ObjectMeta: s.meta(), Spec: admissionv1.ValidatingAdmissionPolicyBindingSpec{
		PolicyName: s.meta().Name, ValidationActions: []admissionv1.ValidationAction{admissionv1.Deny},
	}}
}

// definition is served under another plural, and has the kind Victim and its short names.
func (s Score) definition() *apiextensionsv1.CustomResourceDefinition {
	return &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: "prey." + s.Definition},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: s.Definition, Scope: apiextensionsv1.NamespaceScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Plural: "prey", Singular: "victim", Kind: "Victim", ListKind: "VictimList"},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{{
				Name: "v1", Served: true, Storage: true,
				Schema: &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{Type: "object"}},
			}},
		},
	}
}
