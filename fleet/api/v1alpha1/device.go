// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Device is one device of a fleet. Its name is its identity. Its labels are what selectors see: they are set by whoever
// enrols it, never by the device. What a device reports selectors see where spec.reportedLabels of its FleetState says so.
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
// +kubebuilder:printcolumn:name="CPUs",type=integer,JSONPath=`.status.inventory.cpus`,priority=1
// +kubebuilder:printcolumn:name="Runtime",type=string,JSONPath=`.status.inventory.runtime`,priority=1
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

// ReasonDuplicate is the reason of the condition Ready of a Device that two agents speak for, as after a disk was copied: it is told
// nothing while both do.
const ReasonDuplicate = "DuplicateIdentity"

// DeviceStatus is filled from what the agent reports, which is validated and never trusted further.
type DeviceStatus struct {
	// AgentVersion is the version of the agent's program.
	//
	// +kubebuilder:validation:MaxLength=128
	AgentVersion string `json:"agentVersion,omitempty"`
	// OS is the operating system.
	//
	// +kubebuilder:validation:MaxLength=128
	OS string `json:"os,omitempty"`
	// Arch is the processor's architecture.
	//
	// +kubebuilder:validation:MaxLength=128
	Arch string `json:"arch,omitempty"`
	// Kernel is the version of the kernel.
	//
	// +kubebuilder:validation:MaxLength=128
	Kernel string `json:"kernel,omitempty"`
	// Inventory is what else the device says of itself; absent until it did.
	Inventory *DeviceInventory `json:"inventory,omitempty"`
	// Conditions are Ready: the operator hears of the device. The reason says if it is revoked, if two agents speak for it, or if it floods. That it has come or gone is written some minutes late, so that
	// a device that comes and goes costs nothing.
	//
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// DeviceInventory is what a device says of itself. What changes all the time, such as how full a disk is, is left out. Its fields
// are always written, so that a patch leaves nothing of what stood there.
type DeviceInventory struct {
	// Hash tells one inventory, with the fields of the status beside it, from another.
	//
	// +kubebuilder:validation:MaxLength=16
	Hash string `json:"hash"`
	// Hostname is empty when it cannot be told, as is Runtime.
	//
	// +kubebuilder:validation:MaxLength=128
	Hostname string `json:"hostname"`
	// CPUs are the processors that the agent may use; 0 when that cannot be told, as with MemoryBytes.
	//
	// +kubebuilder:validation:Minimum=0
	CPUs int32 `json:"cpus"`
	// MemoryBytes is the size of the memory.
	//
	// +kubebuilder:validation:Minimum=0
	MemoryBytes int64 `json:"memoryBytes"`
	// Disks are the file systems that workloads and the agent's state stand on.
	//
	// +kubebuilder:validation:MaxItems=16
	Disks []DeviceDisk `json:"disks"`
	// Runtime is what runs containers, such as "podman 4.3.1".
	//
	// +kubebuilder:validation:MaxLength=128
	Runtime string `json:"runtime"`
	// Labels are from the configuration of the agent, by name.
	//
	// +kubebuilder:validation:MaxItems=32
	Labels []ReportedLabel `json:"labels"`
}

// DeviceDisk is a file system of a device.
type DeviceDisk struct {
	// Path is where it is mounted.
	//
	// +kubebuilder:validation:MaxLength=128
	Path string `json:"path"`
	// Bytes is its size.
	//
	// +kubebuilder:validation:Minimum=0
	Bytes int64 `json:"bytes"`
}

// ReportedLabel is a label that a device gives itself.
type ReportedLabel struct {
	// Name is what follows the prefix reported.fleet.nationtech.io/.
	//
	// +kubebuilder:validation:MaxLength=63
	Name string `json:"name"`
	// Value may be empty.
	//
	// +kubebuilder:validation:MaxLength=63
	Value string `json:"value"`
}

// ReportedPrefix is what selectors see before the name of a label that devices report.
const ReportedPrefix = "reported.fleet.nationtech.io/"

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
