// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Rollout says how a release reaches the devices. A device that is offline neither blocks a rollout nor fails it.
type Rollout struct {
	// BatchSize is how many devices are told a release before all of them must be healthy: a number, or a share of all that
	// are matched, such as 10%. Without it, all are told at once.
	//
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:Pattern=`^([1-9][0-9]?|100)%$`
	// +kubebuilder:validation:XValidation:rule="type(self) != int || self >= 1",message="a number of devices from 1, or a share from 1% to 100%"
	BatchSize *intstr.IntOrString `json:"batchSize,omitempty"`
	// Order has devices that are told first: those of the first selector, then those of the second, and then all others. Within
	// one, the order is by a hash. A change of it counts from the next release on that begins after this one is complete.
	//
	// +kubebuilder:validation:MaxItems=16
	Order []metav1.LabelSelector `json:"order,omitempty"`
	// MaxUnavailable is how many devices that are online and were told a release may be without a workload that is ready: a
	// number, or a share of all that are matched. No device that is ready is told a new release beyond that. Without it, there is no such limit.
	//
	// +kubebuilder:validation:XIntOrString
	// +kubebuilder:validation:Pattern=`^([1-9][0-9]?|100)%$`
	// +kubebuilder:validation:XValidation:rule="type(self) != int || self >= 1",message="a number of devices from 1, or a share from 1% to 100%"
	MaxUnavailable *intstr.IntOrString `json:"maxUnavailable,omitempty"`
	// PauseAtFailureShare is the share of the devices that were told the release, in percent, at which the rollout stops when
	// so many have failed. With 0 it goes on whatever fails.
	//
	// +kubebuilder:default=10
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	PauseAtFailureShare *int32 `json:"pauseAtFailureShare,omitempty"`
	// HealthWindow is for how long a device must have been ready to be healthy, such as 30s, 5m or 1h30m.
	//
	// +kubebuilder:default="30s"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:Pattern=`^([0-9]{1,5}(h|m|s)){1,3}$`
	HealthWindow *metav1.Duration `json:"healthWindow,omitempty"`
	// DeviceDeadline is after how long a device that was told the release and is not ready yet has failed; never with 0s.
	//
	// +kubebuilder:default="10m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:Pattern=`^([0-9]{1,5}(h|m|s)){1,3}$`
	DeviceDeadline *metav1.Duration `json:"deviceDeadline,omitempty"`
	// Revert tells all devices the release before, when the rollout stops because devices fail. Without it nobody is sent
	// back: the way on is another release.
	Revert bool `json:"revert,omitempty"`
	// Paused is said by a person: nobody else is told for now.
	Paused bool `json:"paused,omitempty"`
	// Resume is raised by a person to go on with a rollout that has stopped because devices failed. What has failed until then
	// is forgiven. A number that the operator has seen already means nothing.
	//
	// +kubebuilder:validation:Minimum=0
	Resume int64 `json:"resume,omitempty"`
}

// RolloutStatus is how a rollout stands. Counts are of the devices that are told the newest release; after a revert, of
// those that are told the one before.
type RolloutStatus struct {
	// Reason is Complete, Paused, TooManyFailed, Reverted, BatchNotHealthy or TooManyUnavailable. It is empty until the
	// operator has looked.
	Reason string `json:"reason,omitempty"`
	// Batch is the number of the batch that is open, from 1.
	Batch int32 `json:"batch,omitempty"`
	// Told devices are told it.
	//
	// +kubebuilder:default=0
	Told int32 `json:"told"`
	// Healthy devices are ready, and have been for the health window.
	//
	// +kubebuilder:default=0
	Healthy int32 `json:"healthy"`
	// Failed devices say that they failed, or have not been ready by the deadline.
	//
	// +kubebuilder:default=0
	Failed int32 `json:"failed"`
	// Offline devices are not heard of.
	//
	// +kubebuilder:default=0
	Offline int32 `json:"offline"`
	// Position is where the rollout goes on after the operator was restarted. It is written before devices are told.
	Position RolloutPosition `json:"position,omitempty"`
}

// RolloutPosition says which devices are told which release.
type RolloutPosition struct {
	// Layers are the releases that devices are told, the newest first. A device is told that of the first layer whose border
	// is not before its own place in the order.
	Layers []RolloutLayer `json:"layers,omitempty"`
	// Opened is where the batch that is open ends.
	Opened string `json:"opened,omitempty"`
	// Finished is true when the newest release was told to all, and none was on its way any more.
	Finished bool `json:"finished,omitempty"`
	// Before is the last release that was finished before the newest.
	Before *ReleaseRef `json:"before,omitempty"`
	// Forgiven is the border up to which devices may have failed, as a person has gone on in spite of them.
	Forgiven string `json:"forgiven,omitempty"`
	// Stopped is true when too many devices have failed.
	Stopped bool `json:"stopped,omitempty"`
	// Reverted is the release that the fleet was taken back from.
	Reverted *ReleaseRef `json:"reverted,omitempty"`
	// Order has the selectors of spec.rollout.order that the borders were drawn by.
	Order []string `json:"order,omitempty"`
	// Resumed is the last spec.rollout.resume that was seen.
	Resumed int64 `json:"resumed,omitempty"`
	// Term is that of the leader which kept this. One of an earlier term writes nothing over it.
	Term int64 `json:"term,omitempty"`
}

// RolloutLayer is a release, and up to which border it is told.
type RolloutLayer struct {
	ReleaseRef `json:",inline"`
	// Told is the border; without one nobody is told yet.
	Told string `json:"told,omitempty"`
}
