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
// 01 placement, 02 places, 03 Kubernetes, 04 images, 05 smoke tests, 06 fleet, 07 exports,
// 08 what a device reports, 09 identity, and from 0950 charts.
const (
	Unexplained          Code = "HRM0001"
	UnknownComponent     Code = "HRM0002"
	UnknownTopology      Code = "HRM0003"
	BadFlag              Code = "HRM0004"
	UnknownCode          Code = "HRM0005"
	UnknownFlag          Code = "HRM0006"
	PlacedTwice          Code = "HRM0101"
	Circle               Code = "HRM0102"
	LacksCapability      Code = "HRM0103"
	NotRemovable         Code = "HRM0104"
	Interrupted          Code = "HRM0105"
	BadPlacement         Code = "HRM0106"
	LimitReached         Code = "HRM0107"
	PlanOvertaken        Code = "HRM0108"
	PlaceBusy            Code = "HRM0109"
	VersionSkew          Code = "HRM0110"
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
	ImageMissing         Code = "HRM0314"
	RegistryUnreachable  Code = "HRM0315"
	ImageNotAllowed      Code = "HRM0316"
	ImageArchitecture    Code = "HRM0317"
	CommandNotRunnable   Code = "HRM0318"
	CrashLoop            Code = "HRM0319"
	OutOfMemory          Code = "HRM0320"
	ReadinessFails       Code = "HRM0321"
	LivenessKills        Code = "HRM0322"
	ConfigurationMissing Code = "HRM0323"
	VolumeNotMounted     Code = "HRM0324"
	ClaimNotProvisioned  Code = "HRM0325"
	Unschedulable        Code = "HRM0326"
	QuotaExceeded        Code = "HRM0327"
	AdmissionDenied      Code = "HRM0328"
	WebhookDown          Code = "HRM0329"
	FieldConflict        Code = "HRM0330"
	KindMissing          Code = "HRM0331"
	NotEstablished       Code = "HRM0332"
	APILost              Code = "HRM0333"
	APISlow              Code = "HRM0334"
	CertificateExpired   Code = "HRM0335"
	OtherCluster         Code = "HRM0336"
	NoContext            Code = "HRM0337"
	NodeNotReady         Code = "HRM0338"
	NodePressure         Code = "HRM0339"
	PortTaken            Code = "HRM0340"
	SelectsNothing       Code = "HRM0341"
	NameNotResolved      Code = "HRM0342"
	BadImageName         Code = "HRM0343"
	JobFailed            Code = "HRM0344"
	NoGoToolchain        Code = "HRM0401"
	ImageNotBuilt        Code = "HRM0402"
	ImageNotDelivered    Code = "HRM0403"
	NoRegistry           Code = "HRM0404"
	SmokeTestFailed      Code = "HRM0501"
	NobodyAnswered       Code = "HRM0502"
	WrongAnswer          Code = "HRM0503"
	SmokeTestRefused     Code = "HRM0504"
	SmokeTestTimedOut    Code = "HRM0505"
	StreamRefused        Code = "HRM0520"
	DeviceUnknown        Code = "HRM0601"
	OperatorUnready      Code = "HRM0602"
	DeploymentUnreached  Code = "HRM0603"
	FleetMissing         Code = "HRM0604"
	NobodyLeads          Code = "HRM0605"
	CredentialsRefused   Code = "HRM0606"
	RightMissing         Code = "HRM0607"
	NotInFleet           Code = "HRM0608"
	CommandUnanswered    Code = "HRM0609"
	QuestionRefused      Code = "HRM0610"
	OperatorBusy         Code = "HRM0611"
	RolloutUnfinished    Code = "HRM0612"
	ObjectsRefused       Code = "HRM0613"
	UnknownCommand       Code = "HRM0614"
	ReleaseMissing       Code = "HRM0615"
	ChangeRefused        Code = "HRM0616"
	NotExportable        Code = "HRM0701"
	RuntimeUnavailable   Code = "HRM0801"
	ImageNotPulled       Code = "HRM0802"
	NotStarted           Code = "HRM0803"
	InitFailed           Code = "HRM0804"
	ServiceEnded         Code = "HRM0805"
	Unhealthy            Code = "HRM0806"
	ContentMissing       Code = "HRM0807"
	ContentRefused       Code = "HRM0808"
	GenerationAhead      Code = "HRM0809"
	PlaneUnknown         Code = "HRM0810"
	ManifestStale        Code = "HRM0811"
	StateNotKept         Code = "HRM0812"
	StateLost            Code = "HRM0813"
	NotRemoved           Code = "HRM0814"
	ManifestRefused      Code = "HRM0815"
	ClockJumped          Code = "HRM0816"
	RegistryUnusable     Code = "HRM0901"
	EnrolmentRefused     Code = "HRM0902"
	RestoreRefused       Code = "HRM0903"
	IssuerUnusable       Code = "HRM0904"
	IssuerRefuses        Code = "HRM0905"
	CalloutUnusable      Code = "HRM0910"
	ProviderUnreachable  Code = "HRM0911"
	TokenNotGiven        Code = "HRM0912"
	PlaneChanged         Code = "HRM0913"
	NotCutOff            Code = "HRM0914"
	JoinRefused          Code = "HRM0930"
	JoinDenied           Code = "HRM0931"
	JoinUnfinished       Code = "HRM0932"
	NobodyJoins          Code = "HRM0933"
	NameTaken            Code = "HRM0934"
	AccessUnknown        Code = "HRM0935"
	IssuerMissing        Code = "HRM0936"
	FolderUnusable       Code = "HRM0937"
	DeviceNotMade        Code = "HRM0938"
	KeyNotRotated        Code = "HRM0939"
	ChartNotFetched      Code = "HRM0950"
	ChartNotPinned       Code = "HRM0951"
	ValueUnknown         Code = "HRM0952"
	ValueRefused         Code = "HRM0953"
	ChartNotRendered     Code = "HRM0954"
	HooksNotRun          Code = "HRM0955"
	ChartFickle          Code = "HRM0956"
	ZitadelRefuses       Code = "HRM0960"
	LimitsNotKept        Code = "HRM0964"
	ProviderCannot       Code = "HRM0965"
	KeyNotTaken          Code = "HRM0966"
	BackupUnwritten      Code = "HRM0968"
)

var summaries = map[Code]string{
	Unexplained:          "something failed in a way that has no diagnosis of its own yet",
	UnknownComponent:     "there is no component of that name",
	UnknownTopology:      "a deploy needs one of the known topologies",
	BadFlag:              "a flag has a value that cannot be used",
	UnknownCode:          "there is no error code of that name",
	UnknownFlag:          "there is no flag of that name",
	PlacedTwice:          "two placements have the same name on the same place",
	Circle:               "placements wait for each other in a circle",
	LacksCapability:      "this place lacks what the component needs",
	NotRemovable:         "this component does not know how to be removed",
	Interrupted:          "the run was interrupted",
	BadPlacement:         "a placement is not complete",
	LimitReached:         "the time limit passed before the component was done",
	PlanOvertaken:        "the place has changed since the plan was drawn up",
	PlaceBusy:            "another run is at work on the component",
	VersionSkew:          "the version of the API server is outside of the supported range",
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
	ImageMissing:         "an image does not exist in its registry",
	RegistryUnreachable:  "the registry of an image cannot be reached",
	ImageNotAllowed:      "the registry does not give an image to these credentials",
	ImageArchitecture:    "an image is for machines of another architecture",
	CommandNotRunnable:   "the command of a container cannot be run",
	CrashLoop:            "a container crashes again and again",
	OutOfMemory:          "a container needs more memory than it may have",
	ReadinessFails:       "a container runs and its readiness probe does not pass",
	LivenessKills:        "the kubelet ends a container because its liveness or startup probe fails",
	ConfigurationMissing: "a Secret, ConfigMap or key that a Pod needs does not exist",
	VolumeNotMounted:     "a volume cannot be mounted into a Pod",
	ClaimNotProvisioned:  "nothing provides a volume for a claim",
	Unschedulable:        "no node can take a Pod",
	QuotaExceeded:        "the quota of the namespace does not allow it",
	AdmissionDenied:      "an admission policy does not allow it",
	WebhookDown:          "an admission webhook does not answer",
	FieldConflict:        "a field belongs to another field manager",
	KindMissing:          "the cluster does not know a kind of object",
	NotEstablished:       "a definition of a kind is not established",
	APILost:              "the API server stopped answering in the middle of a deploy",
	APISlow:              "the API server is too busy to answer",
	CertificateExpired:   "a certificate on the way to the cluster is not valid at this time",
	OtherCluster:         "another cluster answers than the one of the kubeconfig",
	NoContext:            "the kubeconfig has no context of that name",
	NodeNotReady:         "the node of a Pod is not ready",
	NodePressure:         "a node is short of disk, memory or process numbers",
	PortTaken:            "a port of the host is already taken",
	SelectsNothing:       "a Service selects no Pod",
	NameNotResolved:      "a name does not resolve in the cluster",
	BadImageName:         "an image reference is not valid",
	JobFailed:            "a Job or a Pod ended without success",
	NoGoToolchain:        "an image must be built and there is no Go toolchain",
	ImageNotBuilt:        "an image could not be built",
	ImageNotDelivered:    "an image could not be delivered to the place",
	NoRegistry:           "this place needs a registry to deliver images through",
	SmokeTestFailed:      "the component stands, but its smoke test did not pass",
	NobodyAnswered:       "the component stands, but no one answered its smoke test",
	WrongAnswer:          "the component answered its smoke test with something else than expected",
	SmokeTestRefused:     "the component stands, and refuses the connection of its smoke test",
	SmokeTestTimedOut:    "the component stands, and its smoke test had no answer in time",
	StreamRefused:        "a message server does not make a stream as it is wanted",
	DeviceUnknown:        "NATS does not know this device",
	OperatorUnready:      "the fleet's operator is not ready",
	DeploymentUnreached:  "a Deployment of the fleet did not reach its device",
	FleetMissing:         "there is no fleet in that namespace",
	NobodyLeads:          "no operator leads the fleet",
	CredentialsRefused:   "the operator does not know who asks",
	RightMissing:         "the right to ask that of the fleet is missing",
	NotInFleet:           "the fleet has no such device, Deployment or workload",
	CommandUnanswered:    "not every device did what it was asked",
	QuestionRefused:      "the operator refuses what it was asked",
	OperatorBusy:         "the operator answers as many as it may",
	RolloutUnfinished:    "a Deployment is not ready on its devices",
	ObjectsRefused:       "a file holds what cannot be applied",
	ReleaseMissing:       "a Deployment has no such earlier release",
	ChangeRefused:        "a Deployment was not changed",
	UnknownCommand:       "there is no such command",
	NotExportable:        "the component makes something that an export cannot say",
	RuntimeUnavailable:   "the device's podman does not answer",
	ImageNotPulled:       "an image could not be fetched to the device",
	NotStarted:           "a container could not be made or started on the device",
	InitFailed:           "an init container did not do its work",
	ServiceEnded:         "a service of the workload does not stay up",
	Unhealthy:            "a service runs and says that it is not healthy",
	ContentMissing:       "the content of a release did not reach the device",
	ContentRefused:       "the agent does not understand the content of a release",
	GenerationAhead:      "the device holds a later generation than it was told",
	PlaneUnknown:         "a control plane that the device does not obey wrote to it",
	ManifestStale:        "a manifest came that is not above the one the device has",
	StateNotKept:         "the agent could not write its state file",
	StateLost:            "the agent's state file could not be read and was put aside",
	NotRemoved:           "a workload could not be taken away from the device",
	ManifestRefused:      "a manifest came that cannot be read",
	ClockJumped:          "the clock of the device was set by more than a minute",
	RegistryUnusable:     "the issuer's registry cannot be opened",
	EnrolmentRefused:     "a machine or person cannot be enrolled like this",
	RestoreRefused:       "a backup of the issuer cannot be restored like this",
	IssuerUnusable:       "the issuer cannot run with this configuration",
	IssuerRefuses:        "the issuer does not do what it was asked",
	CalloutUnusable:      "the callout cannot run with this configuration",
	ProviderUnreachable:  "the keys of the identity provider cannot be fetched",
	TokenNotGiven:        "the identity provider gives this device no token",
	PlaneChanged:         "the fleet has another control plane than when this program began",
	NotCutOff:            "the operator does not say yet that a device is cut off, or let in",
	JoinRefused:          "the issuer does not let this device ask to join",
	JoinDenied:           "somebody has denied that this device joins the fleet",
	JoinUnfinished:       "nobody has approved this device yet",
	NobodyJoins:          "no such device waits to join",
	NameTaken:            "a device of that name is enrolled already",
	AccessUnknown:        "the fleet does not say where its devices connect",
	IssuerMissing:        "the fleet has no issuer that can be reached",
	FolderUnusable:       "the files of a device cannot be put there",
	DeviceNotMade:        "a Device was not made or changed",
	KeyNotRotated:        "the device's key was not changed",
	ChartNotFetched:      "a chart cannot be fetched",
	ChartNotPinned:       "a chart is not the one that was pinned",
	ValueUnknown:         "the chart has no such value",
	ValueRefused:         "the chart does not take these values",
	ChartNotRendered:     "a chart cannot be rendered",
	HooksNotRun:          "the chart has hooks that would not be run",
	ChartFickle:          "the chart renders something else each time",
	ZitadelRefuses:       "Zitadel does not do what it was asked",
	LimitsNotKept:        "the device's podman cannot keep the limits of a container",
	ProviderCannot:       "the fleet's identity provider cannot be asked for that",
	KeyNotTaken:          "the fleet's identity provider takes no key of this kind",
	BackupUnwritten:      "a backup of the issuer was not written",
}

// Summary is the constant text of a first-party code; empty for any other.
func (c Code) Summary() string { return summaries[c] }

// Codes lists the first-party codes in order.
func Codes() []Code { return slices.Sorted(maps.Keys(summaries)) }
