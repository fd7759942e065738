// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Deployment says what shall run on the devices of a fleet that its selector matches.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:shortName=fleetdep
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="Matched",type=integer,JSONPath=`.status.devices.matched`
// +kubebuilder:printcolumn:name="Updated",type=integer,JSONPath=`.status.devices.updated`
// +kubebuilder:printcolumn:name="Ready",type=integer,JSONPath=`.status.devices.ready`
// +kubebuilder:printcolumn:name="Failed",type=integer,JSONPath=`.status.devices.failed`
// +kubebuilder:printcolumn:name="Offline",type=integer,JSONPath=`.status.devices.offline`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')",message="a Deployment is named by an RFC 1123 label: 1 to 63 of a-z, 0-9 and '-', which is neither first nor last"
type Deployment struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   DeploymentSpec   `json:"spec"`
	Status DeploymentStatus `json:"status,omitempty"`
}

// DeploymentSpec is what a person wants.
type DeploymentSpec struct {
	// TargetSelector chooses devices by their labels. An empty selector matches nothing. Only devices that the fleet
	// grants to the namespace of the Deployment are looked at.
	//
	// +kubebuilder:validation:XValidation:rule="!has(self.matchExpressions) || self.matchExpressions.all(e, e.operator in ['Exists', 'DoesNotExist'] ? (!has(e.values) || size(e.values) == 0) : (has(e.values) && size(e.values) > 0))",message="In and NotIn need values; Exists and DoesNotExist have none"
	TargetSelector metav1.LabelSelector `json:"targetSelector"`
	// Score is what shall run there.
	Score Score `json:"score"`
	// Rollout says how a new release reaches the devices. Without it, all are told at once.
	Rollout *Rollout `json:"rollout,omitempty"`
}

// Score is a desired state in the words of one runtime of a device.
type Score struct {
	// Type names the runtime and its version, such as PodmanV0.
	//
	// +kubebuilder:validation:Pattern=`^[A-Z][A-Za-z0-9]{0,62}$`
	Type string `json:"type"`
	// Data is what the type needs. It has 256 KiB at most.
	//
	// +kubebuilder:pruning:PreserveUnknownFields
	// +kubebuilder:validation:Schemaless
	// +kubebuilder:validation:Type=object
	Data runtime.RawExtension `json:"data"`
}

// DeploymentStatus is what the operator knows. It is written at most once a second, while devices are on their way every two
// seconds, and only when it changed.
type DeploymentStatus struct {
	// ObservedGeneration is the generation of the spec that the rest speaks of.
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// Release is the newest one: what devices are told to run, or will be told by the rollout.
	Release ReleaseRef `json:"release,omitempty"`
	// Devices counts the devices that are matched.
	Devices DeviceCounts `json:"devices,omitempty"`
	// Rollout is how the rollout stands, if there is one.
	Rollout *RolloutStatus `json:"rollout,omitempty"`
	// LastError is the last error that a matched device reported, while one of them has failed.
	LastError *DeviceError `json:"lastError,omitempty"`
	// Conditions are Ready, Progressing and Degraded.
	//
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// ReleaseRef names a release.
type ReleaseRef struct {
	// Digest is the SHA-256 of the content, in lower-case hexadecimal digits.
	Digest string `json:"digest,omitempty"`
	// Generation is that of the Deployment when its content last changed. Of a release that a fleet was taken back to, it is
	// that of the one that it was taken back from: devices accept none that is lower.
	Generation int64 `json:"generation,omitempty"`
}

// DeviceCounts sorts matched devices. Matched is the sum of Ready, Failed, Pending and Offline.
type DeviceCounts struct {
	// Matched devices are selected, and granted to the namespace.
	//
	// +kubebuilder:default=0
	Matched int32 `json:"matched"`
	// Updated devices say that they have the newest release, in whatever phase.
	//
	// +kubebuilder:default=0
	Updated int32 `json:"updated"`
	// Ready devices run the newest release.
	//
	// +kubebuilder:default=0
	Ready int32 `json:"ready"`
	// Failed devices say that they cannot run the release that they are told.
	//
	// +kubebuilder:default=0
	Failed int32 `json:"failed"`
	// Pending devices are on their way to the newest release, or will be told it when their turn in the rollout comes.
	//
	// +kubebuilder:default=0
	Pending int32 `json:"pending"`
	// Offline devices are not heard of; it says nothing about what runs on them.
	//
	// +kubebuilder:default=0
	Offline int32 `json:"offline"`
}

// DeviceError is an error as a device told it.
type DeviceError struct {
	// Code says in one word what went wrong.
	Code string `json:"code"`
	// Device is who said so.
	Device string `json:"device"`
	// Message is for a person; 1024 bytes at most.
	Message string `json:"message,omitempty"`
}

// The conditions of a Deployment.
const (
	// ConditionReady is true when every matched device that is online runs the release, and at least one does.
	ConditionReady = "Ready"
	// ConditionProgressing is true while devices are on their way, or the Deployment is being removed from them. While a rollout
	// is not complete, its reason is that of the rollout; it is false when a person must act: Paused, TooManyFailed, Reverted.
	ConditionProgressing = "Progressing"
	// ConditionDegraded is true when a device cannot run the release, a rollout has stopped for that (TooManyFailed, Reverted), or
	// the operator must not write it.
	ConditionDegraded = "Degraded"
)

// Finalizer holds a Deployment that is being deleted until devices have removed what it asked for, or the time for that is over.
const Finalizer = "fleet.nationtech.io/devices"

// DeploymentList is a list of Deployments.
//
// +kubebuilder:object:root=true
type DeploymentList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Deployment `json:"items"`
}
