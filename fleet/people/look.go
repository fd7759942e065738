// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package people

import "time"

// A DeviceList is the devices of a fleet, by name.
type DeviceList struct {
	Source
	Devices []Device `json:"devices"`
}

// A Source says who answers, and how much it knows.
type Source struct {
	Fleet  string `json:"fleet"`
	Leader string `json:"leader"`
	// Converged is false after a start of the operator, until it has heard of the devices.
	Converged bool `json:"converged"`
}

// A Device is one device as the operator knows it now.
type Device struct {
	Name   string            `json:"name"`
	Labels map[string]string `json:"labels,omitempty"`
	Online bool              `json:"online"`
	// Since is when it last came or went, and Seen when it was last heard; absent when this operator never heard it.
	Since *time.Time `json:"since,omitempty"`
	Seen  *time.Time `json:"seen,omitempty"`
	Inventory
	// Findings are what keeps the device from following.
	Findings []Reason `json:"findings"`
	// Workloads are what it shall run, and what it says that it has.
	Workloads []Workload `json:"workloads"`
}

// An Inventory is what a device told of itself; what it did not tell is absent.
type Inventory struct {
	// Agent is the version of its agent.
	Agent       string `json:"agent,omitempty"`
	OS          string `json:"os,omitempty"`
	Arch        string `json:"arch,omitempty"`
	Kernel      string `json:"kernel,omitempty"`
	CPUs        int    `json:"cpus,omitempty"`
	MemoryBytes int64  `json:"memory_bytes,omitempty"`
	// Hostname, Disks and Runtime are there for certain only where one device was asked for.
	Hostname string `json:"hostname,omitempty"`
	Disks    []Disk `json:"disks,omitempty"`
	// Runtime is what runs its containers.
	Runtime string `json:"runtime,omitempty"`
	// Reported are the labels of its configuration. Selectors see those that spec.reportedLabels of the FleetState names: they
	// are among the Labels of the Device then, with a prefix.
	Reported map[string]string `json:"reported_labels,omitempty"`
}

// A Disk is a file system of a device, and its size.
type Disk struct {
	Path  string `json:"path"`
	Bytes int64  `json:"bytes"`
}

// A Reason is why something is not as wanted, and what to do next.
type Reason struct {
	// Code says it in a word.
	Code string `json:"code"`
	Why  string `json:"why"`
	Next string `json:"next,omitempty"`
}

// A Workload is one Deployment on one device.
type Workload struct {
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name,omitempty"` // empty when the operator knows the UID no longer
	UID       string `json:"uid"`
	// Wanted is true when a Deployment selects the device; Release and Digest are then what it shall run. They are absent while
	// the first rollout has not reached it.
	Wanted  bool   `json:"wanted"`
	Release int64  `json:"release,omitempty"`
	Digest  string `json:"digest,omitempty"`
	// Held is what the device says that it has: absent when it has nothing of it.
	Held *Held `json:"held,omitempty"`
	// Standing is Ready, Pending, Failed, Offline, or Unlisted for what is not wanted and still there.
	Standing string `json:"standing"`
	// Reason is absent when the device runs what is wanted.
	Reason *Reason `json:"reason,omitempty"`
}

// Held is what a device says that it has of a Deployment.
type Held struct {
	Release int64  `json:"release"`
	Digest  string `json:"digest"`
	Phase   string `json:"phase"`
	// Code and Message are its last error; empty when there is none.
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

// A DeploymentList is Deployments, by namespace and name.
type DeploymentList struct {
	Source
	Deployments []Deployment `json:"deployments"`
}

// A Deployment is one Deployment, and how its devices stand.
type Deployment struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Generation is that which the operator has seen, and Release the one that last changed what devices run.
	Generation int64 `json:"generation"`
	// Latest is the generation of the object itself; only where one Deployment was asked for. While it is above Generation, the
	// operator has yet to take it, or refuses it, and the rest is of what was before.
	Latest   int64  `json:"latest,omitempty"`
	Release  int64  `json:"release"`
	Digest   string `json:"digest"`
	Deleting bool   `json:"deleting,omitempty"`
	Matched  int    `json:"matched"`
	Updated  int    `json:"updated"`
	Ready    int    `json:"ready"`
	Failed   int    `json:"failed"`
	Pending  int    `json:"pending"`
	Offline  int    `json:"offline"`
	// LastError is that of a device that has failed.
	LastError *DeviceError `json:"last_error,omitempty"`
	// Rollout is how far the newest release has come, if the Deployment has a rollout; only where one Deployment was asked for.
	Rollout *Rollout `json:"rollout,omitempty"`
	// Devices are those that are not ready, by name, MaxNamed at most; only where one Deployment was asked for.
	Devices []Laggard `json:"devices,omitempty"`
}

// A DeviceError is an error that a device told.
type DeviceError struct {
	Device  string `json:"device"`
	Code    string `json:"code"`
	Message string `json:"message,omitempty"`
}

// A Laggard is a device that does not run what a Deployment wants.
type Laggard struct {
	Device   string `json:"device"`
	Standing string `json:"standing"`
	Reason   Reason `json:"reason"`
}

// MaxNamed is how many names a list of an answer has at most, where it also counts.
const MaxNamed = 100
