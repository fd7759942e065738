// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Device is one device of a fleet. Its name is its identity. Its labels are what selectors see: they are set by whoever
// enrols it, never by the device.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:scope=Cluster,shortName=fleetdev
// +kubebuilder:subresource:status
// +kubebuilder:selectablefield:JSONPath=`.spec.fleet`
// +kubebuilder:printcolumn:name="Fleet",type=string,JSONPath=`.spec.fleet`
// +kubebuilder:printcolumn:name="Online",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Access",type=string,JSONPath=`.spec.access`
// +kubebuilder:printcolumn:name="Agent",type=string,JSONPath=`.status.agentVersion`
// +kubebuilder:printcolumn:name="Arch",type=string,JSONPath=`.status.arch`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$')",message="a device is named by an RFC 1123 label: 1 to 63 of a-z, 0-9 and '-', which is neither first nor last"
type Device struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   DeviceSpec   `json:"spec"`
	Status DeviceStatus `json:"status,omitempty"`
}

// DeviceSpec is set by enrolment, or by an administrator.
type DeviceSpec struct {
	// Fleet is the namespace of the FleetState that the device belongs to. It does not change: a device that moves is
	// enrolled anew.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a device does not change its fleet: delete it and enrol it there"
	Fleet string `json:"fleet"`
	// Access says whether the device is let in. One that is Revoked is refused by NATS and cut off, it is told nothing more, and
	// what it says is not heard. What it runs keeps running: nothing removes it.
	//
	// +kubebuilder:default=Allowed
	Access Access `json:"access,omitempty"`
}

// Access says whether a device is let in.
//
// +kubebuilder:validation:Enum=Allowed;Revoked
type Access string

// What access may be. An empty one is Allowed.
const (
	AccessAllowed Access = "Allowed"
	AccessRevoked Access = "Revoked"
)

// Reasons of the condition Ready of a Device that is revoked.
const (
	// ReasonRevoking is that it is refused, and a connection that it has may still stand.
	ReasonRevoking = "Revoking"
	// ReasonRevoked is that it is cut off: it is refused, and its connections were closed.
	ReasonRevoked = "Revoked"
)

// KeysTaken is the annotation of a Device that says when keys were last taken from it at its identity provider, as RFC 3339. When
// that changes, connections of the device are closed: one that was made with such a key would stand for a day. Enrolment writes it
// after the keys were taken.
const KeysTaken = "fleet.nationtech.io/keys-taken"

// DeviceStatus is filled from what the agent reports, which is validated and never trusted further.
type DeviceStatus struct {
	// AgentVersion is the version of the agent's program.
	//
	// +kubebuilder:validation:MaxLength=128
	AgentVersion string `json:"agentVersion,omitempty"`
	// OS is the operating system.
	//
	// +kubebuilder:validation:MaxLength=64
	OS string `json:"os,omitempty"`
	// Arch is the processor's architecture.
	//
	// +kubebuilder:validation:MaxLength=64
	Arch string `json:"arch,omitempty"`
	// Kernel is the version of the kernel.
	//
	// +kubebuilder:validation:MaxLength=128
	Kernel string `json:"kernel,omitempty"`
	// Conditions are Ready: the operator hears of the device. The reason says if it is revoked, or floods. That it has come or gone is written some minutes late, so that
	// a device that comes and goes costs nothing.
	//
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// ProbeLabel is reserved for the devices of smoke tests: only a Deployment whose selector names this label matches a
// device that has it.
const ProbeLabel = "fleet.nationtech.io/probe"

// DeviceList is a list of Devices.
//
// +kubebuilder:object:root=true
type DeviceList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Device `json:"items"`
}
