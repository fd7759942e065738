// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"strings"
	"time"

	"nationtech.io/harmony/diag"
)

// A trouble is a bad state that objects of a kind can be in.
type trouble struct {
	kind  string // as people call it: several kinds may share one
	name  string
	grace time.Duration // how long it must last before it counts
	code  diag.Code
	late  bool   // it counts only towards the end of the deploy, too
	help  string // what to do; empty when the evidence alone tells
}

const (
	// lateBefore is how long before the limit of a deploy a state counts that may always change still; of a short
	// limit it is one part in lateShare.
	lateBefore = time.Minute
	lateShare  = 4
	// pulls is the grace of images: the kubelet tries to pull at once, after some 15 s and after some 35 s. What
	// appears between the first two tries is pulled by the third.
	pulls = 40 * time.Second
	// mounting is the grace of volumes: the kubelet tries again after 0.5 s, 1 s, 2 s and so on; the sixth try is after some
	// 16 s, the seventh after some 32 s.
	mounting = 40 * time.Second
	// starts is the grace of what the kubelet tries again every 10 to 15 s: less would judge by its first try alone.
	starts = 20 * time.Second
	// refers is the grace of what another component may make a little later: what comes within 15 s is seen by the try
	// after that, some 30 s after the first, and its container is made then.
	refers = 40 * time.Second
	// nodeReturns is how long a node may be away: its state is known some 10 s to a minute after it changed.
	nodeReturns = 45 * time.Second
	// places is the grace of what waits for room, or for someone who gives a volume or answers a webhook. The scheduler
	// looks again as soon as a node or a Pod changes; an autoscaler that makes a node says so within
	// some 10 s (cluster-autoscaler: --scan-interval).
	places = 25 * time.Second
	admits = 5 * time.Second
)

// Of containers.
var (
	imageMissing        = trouble{kind: "container", name: "its image does not exist", grace: pulls, code: diag.ImageMissing, help: "correct the name or the tag, or push the image"}
	registryUnreachable = trouble{kind: "container", name: "its registry cannot be reached", grace: pulls, code: diag.RegistryUnreachable, help: "look whether the nodes can reach the registry, and by which protocol"}
	imageNotAllowed     = trouble{kind: "container", name: "its registry does not give the image", grace: pulls, code: diag.ImageNotAllowed, help: "give the Pod an imagePullSecret that may pull; many registries say this of images that do not exist, too"}
	imageArchitecture   = trouble{kind: "container", name: "its image is for another architecture", grace: starts, code: diag.ImageArchitecture, help: "build the image for the architecture of the nodes, too"}
	imageUnavailable    = trouble{kind: "container", name: "its image cannot be pulled", grace: pulls, code: diag.WillNotHeal}
	badImageName        = trouble{kind: "container", name: "its image reference is not valid", code: diag.BadImageName, help: "correct the reference: [HOST[:PORT]/]NAME[:TAG][@DIGEST], in lower case"}
	missingReference    = trouble{kind: "container", name: "it refers to a Secret, ConfigMap or key that does not exist", grace: refers, code: diag.ConfigurationMissing, help: "make what is missing, or correct the name"}
	badConfiguration    = trouble{kind: "container", name: "it cannot be configured", grace: starts, code: diag.WillNotHeal}
	cannotRun           = trouble{kind: "container", name: "its command cannot be run", grace: starts, code: diag.CommandNotRunnable, help: "correct the command, or make the file executable in the image"}
	cannotCreate        = trouble{kind: "container", name: "it cannot be created", grace: starts, code: diag.WillNotHeal}
	crashLoop           = trouble{kind: "container", name: "it crashes, from its third restart on", code: diag.CrashLoop, help: "the log and the exit code say why it ended"}
	oldCrashLoop        = trouble{kind: "container", name: "it crashes since before the deploy began", grace: 2 * time.Minute, code: diag.CrashLoop} // until the kubelet has tried again
	outOfMemory         = trouble{kind: "container", name: "it was killed for memory, from the second time on", code: diag.OutOfMemory, help: "raise its memory limit, or make it need less"}
	livenessKills       = trouble{kind: "container", name: "a probe ends it, from its third restart on", code: diag.LivenessKills, help: "give it a startupProbe, or a longer initialDelaySeconds, when it only starts slowly"}
	readinessFails      = trouble{kind: "container", name: "its readiness probe fails", grace: places, late: true, code: diag.ReadinessFails, help: "compare path and port of the probe with what the container serves"}
)

// Of Pods, and of what makes them.
var (
	unschedulable   = trouble{kind: "Pod", name: "no node can take it", grace: places, code: diag.Unschedulable, help: "ask for less, or give the cluster a node that fits"}
	portTaken       = trouble{kind: "Pod", name: "its host port is taken on every node", grace: places, code: diag.PortTaken, help: "use another host port, or none and a Service"}
	noNode          = trouble{kind: "Pod", name: "the nodes that could take it are not ready", grace: nodeReturns, code: diag.NodeNotReady, help: "look at the nodes: kubectl describe nodes"}
	nodeShort       = trouble{kind: "Pod", name: "the nodes that could take it are short of disk, memory or process numbers", grace: places, code: diag.NodePressure, help: "free what the nodes are short of"}
	nodeAway        = trouble{kind: "Pod", name: "its node is not ready", grace: nodeReturns, code: diag.NodeNotReady, help: "look at the node: kubectl describe nodes"}
	volumeUnmounted = trouble{kind: "Pod", name: "a volume cannot be mounted", grace: mounting, code: diag.VolumeNotMounted}
	volumeReference = trouble{kind: "Pod", name: "a volume refers to a Secret, ConfigMap or key that does not exist", grace: mounting, code: diag.ConfigurationMissing, help: "make what is missing, or correct the name"}
	claimMissing    = trouble{kind: "Pod", name: "its claim has no volume", grace: places, code: diag.ClaimNotProvisioned, help: "name a StorageClass that exists: kubectl get storageclasses"}
	unsuccessful    = trouble{kind: "Pod, Job", name: "it ended without success", code: diag.JobFailed}
	podsOverQuota   = trouble{kind: "workload", name: "a quota does not allow its Pods", grace: starts, code: diag.QuotaExceeded, help: "raise the quota, or ask for less"}
	podsDenied      = trouble{kind: "workload", name: "a policy does not allow its Pods", grace: admits, code: diag.AdmissionDenied, help: "make the Pods be as the policy asks"}
	podsWebhook     = trouble{kind: "workload", name: "a webhook that is asked about its Pods does not answer", grace: places, code: diag.WebhookDown, help: "repair the webhook, or remove its configuration"}
	podsNoAccount   = trouble{kind: "workload", name: "the ServiceAccount of its Pods does not exist", grace: starts, code: diag.ConfigurationMissing, help: "make the ServiceAccount, or correct its name"}
	podsForbidden   = trouble{kind: "workload", name: "the cluster does not admit its Pods", grace: admits, code: diag.WillNotHeal}
	// An ordered StatefulSet waits for a Pod to be ready before it replaces it, broken or not.
	stuckRevision = trouble{kind: "StatefulSet", name: "an older Pod is not ready, and is not replaced before it is", grace: time.Minute, code: diag.WillNotHeal}
)

// Of all other kinds.
var (
	selectsNothing   = trouble{kind: "Service", name: "it selects no Pod", grace: places, code: diag.SelectsNothing, help: "compare its selector with the labels of the Pods"}
	claimUnprovided  = trouble{kind: "PersistentVolumeClaim", name: "nothing provides a volume", grace: places, code: diag.ClaimNotProvisioned, help: "name a StorageClass that exists: kubectl get storageclasses"}
	volumeLost       = trouble{kind: "PersistentVolumeClaim", name: "its volume is gone", code: diag.WillNotHeal}
	nodeDown         = trouble{kind: "Node", name: "it is not ready", grace: nodeReturns, code: diag.NodeNotReady}
	nameConflict     = trouble{kind: "CustomResourceDefinition", name: "its names are taken by another definition", grace: admits, code: diag.NotEstablished, help: "choose other names, or remove the other definition"}
	unserved         = trouble{kind: "CustomResourceDefinition", name: "it is not established", grace: places, code: diag.NotEstablished}
	terminates       = trouble{kind: "Namespace", name: "it is being deleted", grace: places, code: diag.NamespaceTerminating, help: "its conditions say what keeps it: kubectl get namespace NAME -o yaml"}
	cannotScale      = trouble{kind: "HorizontalPodAutoscaler", name: "it cannot scale", grace: time.Minute, code: diag.WillNotHeal}
	budgetFails      = trouble{kind: "PodDisruptionBudget", name: "its Pods cannot be counted", grace: places, code: diag.WillNotHeal}
	stalled          = trouble{kind: "other kinds", name: "it has the condition Stalled", grace: 10 * time.Second, code: diag.WillNotHeal}
	scoresOwn        = trouble{kind: "any kind", name: "the Score's own readiness says so", code: diag.WillNotHeal}
	unjudged         = trouble{kind: "other kinds", name: "nothing reports on it", grace: 10 * time.Second, code: diag.CannotJudge}
	nobodyAnswersFor = trouble{kind: "Ingress, HorizontalPodAutoscaler", name: "no controller answers for it", grace: places, code: diag.CannotJudge, help: "install a controller for it, or leave it out"}
	serverAway       = trouble{kind: "API server", name: "it does not answer", grace: time.Minute, code: diag.APILost}
)

// troubles are all bad states, in the order in which people read of them.
func troubles() []trouble {
	return []trouble{
		imageMissing, registryUnreachable, imageNotAllowed, imageArchitecture, imageUnavailable, badImageName,
		missingReference, badConfiguration, cannotRun, cannotCreate, crashLoop, oldCrashLoop, outOfMemory, livenessKills, readinessFails,
		unschedulable, portTaken, noNode, nodeShort, nodeAway, volumeUnmounted, volumeReference, claimMissing, unsuccessful,
		podsOverQuota, podsDenied, podsWebhook, podsNoAccount, podsForbidden, stuckRevision,
		selectsNothing, claimUnprovided, volumeLost, nodeDown, nameConflict, unserved, terminates, cannotScale, budgetFails,
		stalled, scoresOwn, unjudged, nobodyAnswersFor, serverAway,
	}
}

// patience is the grace in words.
func (t trouble) patience() string {
	text := words(t.grace)
	if t.late {
		text += ", in the last " + words(lateBefore) + " of the deploy"
	}
	return text
}

// sharpen gives a crash the code of its cause, when the log tells it.
func (t trouble) sharpen(d *diag.Diagnostic) {
	if t.code != diag.CrashLoop && t.code != diag.JobFailed {
		return
	}
	for _, e := range d.Evidence {
		switch {
		case !strings.HasPrefix(e.Text, logEvidence):
		case portSign.MatchString(e.Text):
			d.Code, d.Summary, d.Help = diag.PortTaken, diag.PortTaken.Summary(), []string{portTaken.help}
		case nameSign.MatchString(e.Text):
			d.Code, d.Summary, d.Help = diag.NameNotResolved, diag.NameNotResolved.Summary(), []string{"correct the name: a Service is SERVICE.NAMESPACE.svc in the whole cluster"}
		}
	}
}
