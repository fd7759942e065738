// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Release is what a Deployment once asked for. The operator makes it and nobody changes it; the last ten of a Deployment
// are kept, and what is in use. It goes with its Deployment.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:shortName=fleetrel
// +kubebuilder:printcolumn:name="Deployment",type=string,JSONPath=`.spec.deployment`
// +kubebuilder:printcolumn:name="Generation",type=integer,JSONPath=`.spec.generation`
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.score.type`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Release struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec ReleaseSpec `json:"spec"`
}

// ReleaseSpec is the content, and where it comes from.
//
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a release does not change"
type ReleaseSpec struct {
	// Deployment is the name of the Deployment.
	Deployment string `json:"deployment"`
	// Generation is that of the Deployment when it first asked for this.
	Generation int64 `json:"generation"`
	// Digest is the SHA-256 of the content as devices fetch it.
	Digest string `json:"digest"`
	// Score is what was asked for.
	Score Score `json:"score"`
}

// ReleaseList is a list of Releases.
//
// +kubebuilder:object:root=true
type ReleaseList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Release `json:"items"`
}
