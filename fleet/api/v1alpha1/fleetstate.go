// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// FleetStateName is the name of the one FleetState of a namespace.
const FleetStateName = "fleet"

// LeaderLease is the name of the Lease, in the namespace of the FleetState, that the operator which leads the fleet holds.
// The operator does not make it.
const LeaderLease = "harmony-fleet-operator"

// FleetState is a fleet: one object in the namespace of its operator. Its UID is the control plane that devices obey, so
// it must not be deleted while there are devices.
//
// +kubebuilder:object:root=true
// +kubebuilder:resource:shortName=fleet
// +kubebuilder:subresource:status
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Epoch",type=integer,JSONPath=`.spec.epoch`
// +kubebuilder:printcolumn:name="Term",type=integer,JSONPath=`.status.term`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name == 'fleet'",message="a namespace has one FleetState, and its name is fleet"
type FleetState struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec   FleetStateSpec   `json:"spec,omitempty"`
	Status FleetStateStatus `json:"status,omitempty"`
}

// FleetStateSpec is set by people.
type FleetStateSpec struct {
	// Epoch orders what the fleet says before everything else. Only a person raises it, to make devices accept a control
	// plane that was restored from a backup.
	//
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:XValidation:rule="self >= oldSelf",message="an epoch is never lowered: devices would refuse all that follows"
	Epoch int64 `json:"epoch,omitempty"`
	// Adopt is the control plane whose devices this one takes over, after the cluster was made anew: the UID of its FleetState,
	// which those devices name. They follow when Epoch is above the one that they have seen, too. It may stay for devices that
	// are offline.
	//
	// +kubebuilder:validation:Pattern=`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`
	Adopt string `json:"adopt,omitempty"`
	// Grants say which namespaces may target which devices. What is not granted is not matched.
	//
	// +kubebuilder:validation:MaxItems=256
	Grants []Grant `json:"grants,omitempty"`
	// ReportedLabels are names of labels which devices report of themselves, from the configuration of their agents, and which
	// selectors see with the prefix reported.fleet.nationtech.io/. Without a name here, nothing selects by what a device says:
	// one that lies gives itself any value, and so chooses what it is told, and who may target it.
	//
	// +listType=set
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=63
	// +kubebuilder:validation:items:Pattern=`^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$`
	ReportedLabels []string `json:"reportedLabels,omitempty"`
}

// Grant lets a namespace target devices.
type Grant struct {
	// Namespace is where the Deployments are.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	Namespace string `json:"namespace"`
	// Devices are those that may be targeted. An empty selector is all devices of the fleet.
	Devices metav1.LabelSelector `json:"devices,omitempty"`
}

// FleetStateStatus is written by the operator.
type FleetStateStatus struct {
	// Term is raised at each leadership, by compare and swap, before the first word to a device.
	Term int64 `json:"term,omitempty"`
	// Leader is the Pod that raised it.
	Leader string `json:"leader,omitempty"`
	// API is how people reach the leader: through a port-forward to its Pod.
	API *FleetAPI `json:"api,omitempty"`
	// Removed is the graveyard: Deployments that are gone, for as long as a device may come back with what they asked
	// for. It is the proof that a workload may be removed. When it has more than 500, those are left out that are older
	// than 90 days, and it has 4096 at most; a
	// device that still has it then reports it as unlisted, and nothing removes it.
	//
	// +listType=map
	// +listMapKey=uid
	// +kubebuilder:validation:MaxItems=4096
	Removed []RemovedDeployment `json:"removed,omitempty"`
	// Conditions are Ready, Converged, ControlPlaneBehind, ForeignDevices, DuplicateIdentities and GrantsWithoutEffect.
	//
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// FleetAPI is where the leader answers people, and by what it is known.
type FleetAPI struct {
	// Port is that of the leader's Pod, on its loopback.
	Port int32 `json:"port"`
	// Certificate is the leader's, in PEM. It is made anew by each process, and stands nowhere else.
	//
	// +kubebuilder:validation:MaxLength=8192
	Certificate string `json:"certificate"`
}

// RemovedDeployment is a Deployment that is gone.
type RemovedDeployment struct {
	// UID is that of the Deployment.
	UID string `json:"uid"`
	// Namespace is where it was.
	Namespace string `json:"namespace"`
	// Name is what it was called.
	Name string `json:"name"`
	// Generation is its last one.
	Generation int64 `json:"generation"`
	// Time is when it was removed.
	Time metav1.Time `json:"time"`
}

// The conditions of a FleetState, besides Ready, which is true when the operator leads, is connected and has converged.
const (
	// ConditionConverged is false with the reason Recovering after a start, until the operator has heard of the devices.
	ConditionConverged = "Converged"
	// ConditionBehind is true when a device has seen a later state of this fleet than the operator knows: the cluster was
	// restored from a backup. Until the epoch is raised the operator does not overwrite what such devices have.
	ConditionBehind = "ControlPlaneBehind"
	// ConditionForeign is true while devices speak to this fleet's NATS that are enrolled in another fleet or in none, or that obey
	// another control plane. Its message names 20 of each.
	ConditionForeign = "ForeignDevices"
	// ConditionDuplicates is true while two agents speak for one device. Its message names 20 of those.
	ConditionDuplicates = "DuplicateIdentities"
	// ConditionIdleGrants is true while a grant has no effect: the operator does not look at its namespace, or its selector is not
	// understood. Its message names the namespaces, 5 at most.
	ConditionIdleGrants = "GrantsWithoutEffect"
)

// FleetStateList is a list of FleetStates.
//
// +kubebuilder:object:root=true
type FleetStateList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []FleetState `json:"items"`
}
