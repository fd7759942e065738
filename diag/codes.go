// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package diag

import (
	"maps"
	"slices"
)

// A Code names one kind of failure for ever. First-party codes begin with HRM;
// a Score of someone else uses a prefix of its own and gives its own summary.
type Code string

// The first-party codes. The first two digits tell the area: 00 usage,
// 01 placement, 02 places, 03 Kubernetes, 04 images, 05 smoke tests, 06 fleet, 07 exports.
const (
	Unexplained          Code = "HRM0001"
	UnknownComponent     Code = "HRM0002"
	UnknownTopology      Code = "HRM0003"
	BadFlag              Code = "HRM0004"
	UnknownCode          Code = "HRM0005"
	PlacedTwice          Code = "HRM0101"
	Circle               Code = "HRM0102"
	LacksCapability      Code = "HRM0103"
	NotRemovable         Code = "HRM0104"
	Interrupted          Code = "HRM0105"
	BadPlacement         Code = "HRM0106"
	LimitReached         Code = "HRM0107"
	PlanOvertaken        Code = "HRM0108"
	LocalCannotRun       Code = "HRM0201"
	LocalDidNotStart     Code = "HRM0202"
	LocalNotBuilt        Code = "HRM0203"
	NoSources            Code = "HRM0204"
	BadKubeconfig        Code = "HRM0211"
	APIUnreachable       Code = "HRM0212"
	ObjectRefused        Code = "HRM0301"
	Forbidden            Code = "HRM0302"
	NotOurs              Code = "HRM0303"
	NotReady             Code = "HRM0304"
	CannotJudge          Code = "HRM0305"
	WillNotHeal          Code = "HRM0306"
	NoService            Code = "HRM0307"
	NoEndpoint           Code = "HRM0308"
	ConnectionRefused    Code = "HRM0309"
	KeptStanding         Code = "HRM0310"
	NamespaceTerminating Code = "HRM0311"
	ChangedMeanwhile     Code = "HRM0312"
	Immutable            Code = "HRM0313"
	NoGoToolchain        Code = "HRM0401"
	ImageNotBuilt        Code = "HRM0402"
	ImageNotDelivered    Code = "HRM0403"
	NoRegistry           Code = "HRM0404"
	SmokeTestFailed      Code = "HRM0501"
	NobodyAnswered       Code = "HRM0502"
	WrongAnswer          Code = "HRM0503"
	DeviceUnknown        Code = "HRM0601"
	OperatorUnready      Code = "HRM0602"
	DeploymentUnreached  Code = "HRM0603"
	NotExportable        Code = "HRM0701"
)

var summaries = map[Code]string{
	Unexplained:          "something failed in a way that has no diagnosis of its own yet",
	UnknownComponent:     "there is no component of that name",
	UnknownTopology:      "a deploy needs one of the known topologies",
	BadFlag:              "a flag has a value that cannot be used",
	UnknownCode:          "there is no error code of that name",
	PlacedTwice:          "two placements have the same name on the same place",
	Circle:               "placements wait for each other in a circle",
	LacksCapability:      "this place lacks what the component needs",
	NotRemovable:         "this component does not know how to be removed",
	Interrupted:          "the run was interrupted",
	BadPlacement:         "a placement is not complete",
	LimitReached:         "the time limit passed before the component was done",
	PlanOvertaken:        "the place has changed since the plan was drawn up",
	LocalCannotRun:       "a local Kubernetes cannot run on this machine",
	LocalDidNotStart:     "the local Kubernetes did not start",
	LocalNotBuilt:        "the local Kubernetes could not be built",
	NoSources:            "the sources that this program builds from were not found",
	BadKubeconfig:        "the kubeconfig does not lead to a cluster",
	APIUnreachable:       "the API server of the cluster does not answer",
	ObjectRefused:        "the API server refused an object",
	Forbidden:            "these credentials may not do this",
	NotOurs:              "an object of that name exists and belongs to someone else",
	NotReady:             "objects did not become ready in time",
	CannotJudge:          "nobody can tell whether an object of this kind is ready",
	WillNotHeal:          "an object is in a state that does not heal by itself",
	NoService:            "the Service to connect to does not exist",
	NoEndpoint:           "no ready Pod stands behind the Service",
	ConnectionRefused:    "a connection through the cluster was refused",
	KeptStanding:         "objects did not go away in time",
	NamespaceTerminating: "the namespace is being deleted",
	ChangedMeanwhile:     "someone else changed the component at the same time",
	Immutable:            "a field cannot be changed on an object that exists",
	NoGoToolchain:        "an image must be built and there is no Go toolchain",
	ImageNotBuilt:        "an image could not be built",
	ImageNotDelivered:    "an image could not be delivered to the place",
	NoRegistry:           "this place needs a registry to deliver images through",
	SmokeTestFailed:      "the component stands, but its smoke test did not pass",
	NobodyAnswered:       "the component stands, but no one answered its smoke test",
	WrongAnswer:          "the component answered its smoke test with something else than expected",
	DeviceUnknown:        "NATS does not know this device",
	OperatorUnready:      "the fleet's operator is not ready",
	DeploymentUnreached:  "a Deployment of the fleet did not reach its device",
	NotExportable:        "the component makes something that an export cannot say",
}

// Summary is the constant text of a first-party code; empty for any other.
func (c Code) Summary() string { return summaries[c] }

// Codes lists the first-party codes in order.
func Codes() []Code { return slices.Sorted(maps.Keys(summaries)) }
