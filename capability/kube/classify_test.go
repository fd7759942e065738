// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"crypto/x509"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"nationtech.io/harmony/diag"
)

func TestWhatKeepsAContainerFromStartingIsToldApart(t *testing.T) {
	for _, c := range []struct {
		reason, message string
		code            diag.Code
	}{
		{"ErrImagePull", `rpc error: code = NotFound desc = failed to pull and unpack image "x:1": failed to resolve reference: x:1: not found`, diag.ImageMissing},
		{"ImagePullBackOff", `Back-off pulling image "x:1": ErrImagePull: manifest unknown`, diag.ImageMissing},
		{"ErrImageNeverPull", `Container image "x:1" is not present with pull policy of Never`, diag.ImageMissing},
		{"ErrImagePull", `pull access denied, repository does not exist or may require authorization`, diag.ImageNotAllowed},
		{"ErrImagePull", `unexpected status from HEAD request: 401 Unauthorized`, diag.ImageNotAllowed},
		{"ErrImagePull", `dial tcp: lookup registry.example: no such host`, diag.RegistryUnreachable},
		{"ErrImagePull", `http: server gave HTTP response to HTTPS client`, diag.RegistryUnreachable},
		{"ErrImagePull", `tls: failed to verify certificate: x509: certificate signed by unknown authority`, diag.RegistryUnreachable},
		{"ErrImagePull", `no match for platform in manifest: not found`, diag.ImageArchitecture},
		{"ErrImagePull", `no space left on device`, diag.WillNotHeal},
		{"InvalidImageName", `couldn't parse image name "A:b:c": invalid reference format`, diag.BadImageName},
		{"CreateContainerConfigError", `secret "s" not found`, diag.ConfigurationMissing},
		{"CreateContainerConfigError", `couldn't find key k in ConfigMap ns/c`, diag.ConfigurationMissing},
		{"CreateContainerConfigError", `container has runAsNonRoot and image will run as root`, diag.WillNotHeal},
		{"RunContainerError", `exec: "serve": executable file not found in $PATH`, diag.CommandNotRunnable},
		{"RunContainerError", `exec /serve: exec format error`, diag.ImageArchitecture},
	} {
		got, known := waiting(&corev1.ContainerStateWaiting{Reason: c.reason, Message: c.message})
		if !known || got.code != c.code {
			t.Errorf("%s: %s: got %s", c.reason, c.message, got.code)
		}
	}
}

func TestWhatIsNotAdmittedIsToldApart(t *testing.T) {
	for message, code := range map[string]diag.Code{
		`pods "a" is forbidden: exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0`:                                          diag.QuotaExceeded,
		`pods "a" is forbidden: violates PodSecurity "restricted:latest": privileged`:                                                         diag.AdmissionDenied,
		`pods "a" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no`:                                            diag.AdmissionDenied,
		`admission webhook "gate.example" denied the request: no`:                                                                             diag.AdmissionDenied,
		`Internal error occurred: failed calling webhook "gate.example": failed to call webhook: Post "https://x": context deadline exceeded`: diag.WebhookDown,
		`pods "a" is forbidden: error looking up service account ns/x: serviceaccount "x" not found`:                                          diag.ConfigurationMissing,
	} {
		if got := told(admissionSigns, message, podsForbidden); got.code != code {
			t.Errorf("%s: got %s", message, got.code)
		}
		err := failed(t.Context(), apierrors.NewForbidden(schema.GroupResource{Resource: "pods"}, "a", &plainError{message}), attempt{"apply", reference{podKind, "ns", "a"}})
		if all := diag.All(err); all[0].Code != code {
			t.Errorf("refused with %s: got %s", message, all[0].Code)
		}
	}
}

type plainError struct{ text string }

func (e *plainError) Error() string { return e.text }

func hosted(reason corev1.ConditionStatus, pressure corev1.NodeConditionType) *corev1.Node {
	n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "node"}, Status: corev1.NodeStatus{Conditions: []corev1.NodeCondition{{
		Type: corev1.NodeReady, Status: reason, Reason: "NodeStatusUnknown", Message: "Kubelet stopped posting node status.",
	}}}}
	if pressure != "" {
		n.Status.Conditions = append(n.Status.Conditions, corev1.NodeCondition{Type: pressure, Status: corev1.ConditionTrue})
	}
	return n
}

func TestWhyNoNodeTakesAPodIsToldApart(t *testing.T) {
	for name, c := range map[string]struct {
		message string
		node    *corev1.Node
		code    diag.Code
	}{
		"processors":  {"0/1 nodes are available: 1 Insufficient cpu.", nil, diag.Unschedulable},
		"ports":       {"0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.", nil, diag.PortTaken},
		"a claim":     {`0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.`, nil, diag.ClaimNotProvisioned},
		"a taint":     {"0/1 nodes are available: 1 node(s) had untolerated taint(s).", hosted(corev1.ConditionTrue, ""), diag.Unschedulable},
		"a full disk": {"0/1 nodes are available: 1 node(s) had untolerated taint(s).", hosted(corev1.ConditionTrue, corev1.NodeDiskPressure), diag.NodePressure},
		"its absence": {"0/1 nodes are available: 1 node(s) had untolerated taint(s).", hosted(corev1.ConditionUnknown, ""), diag.NodeNotReady},
	} {
		w := worldOf(nil)
		if c.node != nil {
			w.nodes["node"] = c.node
		}
		if got := w.unplaced(c.message); got.code != c.code {
			t.Errorf("%s: got %s", name, got.code)
		}
	}
}

func TestWhatOnlyWarningsTellIsJudgedByThem(t *testing.T) {
	creating, unready := podWith("a", nil, waitsFor("ContainerCreating", "", 0)), podWith("b", nil, running(false))
	about := func(p *corev1.Pod, reason, message string) *corev1.Event {
		return &corev1.Event{InvolvedObject: corev1.ObjectReference{UID: p.UID}, Reason: reason, Message: message, LastTimestamp: metav1.Now()}
	}
	w := worldOf([]Object{
		about(creating, "FailedMount", `driver name x not found in the list of registered CSI drivers`),
		about(unready, "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 404"),
	})
	if v := pod(creating, w); v.trouble.code != diag.VolumeNotMounted {
		t.Errorf("a mount that fails: %+v", v)
	}
	if v := pod(unready, w); v.trouble.code != diag.ReadinessFails || !v.trouble.late {
		t.Errorf("a probe that fails: %+v", v)
	}
	if nameConflict.code != diag.NotEstablished || definition(&apiextensionsv1.CustomResourceDefinition{}).trouble.code != diag.NotEstablished {
		t.Error("a definition that is not established has another code")
	}
}

func TestAPodOnANodeThatIsAwayHasNoOtherTrouble(t *testing.T) {
	p := podWith("a", nil, running(false))
	p.Spec.NodeName = "node"
	w := worldOf([]Object{hosted(corev1.ConditionUnknown, ""), p})
	if v := pod(p, w); v.trouble.code != diag.NodeNotReady || !strings.Contains(v.reason, "stopped posting") {
		t.Errorf("got %+v", v)
	}
}

func TestALogTellsTheCauseOfACrash(t *testing.T) {
	for log, code := range map[string]diag.Code{
		"dial tcp: lookup db: no such host":            diag.NameNotResolved,
		"psql: could not translate host name \"db\"":   diag.NameNotResolved,
		"listen tcp :80: bind: address already in use": diag.PortTaken,
		"panic: runtime error: index out of range [3]": diag.CrashLoop,
	} {
		d := diag.New(crashLoop.code).Saw(logEvidence + "\n" + log)
		crashLoop.sharpen(d)
		if d.Code != code || d.Summary != code.Summary() {
			t.Errorf("%s: got %s", log, d.Code)
		}
	}
	if d := diag.New(unsuccessful.code).Saw("it failed"); func() bool { unsuccessful.sharpen(d); return d.Code != diag.JobFailed }() {
		t.Error("without a log the cause of a Job is guessed")
	}
}

func TestTroubleWithTheAPIServerIsToldApart(t *testing.T) {
	conflict := apierrors.NewApplyConflict([]metav1.StatusCause{{
		Type: metav1.CauseTypeFieldManagerConflict, Field: ".spec.replicas", Message: `conflict with "kubectl"`,
	}}, "Apply failed with 1 conflict")
	for name, c := range map[string]struct {
		err  error
		code diag.Code
		says string
	}{
		"a field of someone else": {conflict, diag.FieldConflict, `spec.replicas: conflict with "kubectl"; this deploy applies it as "harmony"`},
		"too many requests":       {apierrors.NewTooManyRequests("the server is busy", 1), diag.APISlow, "busy"},
		"an old certificate":      {x509.CertificateInvalidError{Cert: &x509.Certificate{}, Reason: x509.Expired, Detail: "then is after"}, diag.CertificateExpired, "expired"},
		"nobody":                  {&net.OpError{Op: "dial", Err: &plainError{"connection refused"}}, diag.APIUnreachable, "refused"},
	} {
		d := diag.All(failed(t.Context(), c.err, attempt{"apply", reference{podKind, "ns", "a"}}))[0]
		if d.Code != c.code || !strings.Contains(d.Evidence[0].Text, c.says) {
			t.Errorf("%s: got %s %q", name, d.Code, d.Evidence)
		}
	}
}

func TestAnAPIServerThatIsAwayForItsGraceEndsTheWait(t *testing.T) {
	away := diag.New(diag.APIUnreachable).Saw("connection refused")
	j := &judgement{trouble: away}
	start := time.Now()
	if j.serverIsAway(start) || j.serverIsAway(start.Add(serverAway.grace-time.Second)) {
		t.Error("a restart ends the wait")
	}
	if !j.serverIsAway(start.Add(serverAway.grace)) {
		t.Error("nothing ends the wait")
	}
	if d := diag.All(j.lost(nil))[0]; d.Code != diag.APILost || d.Evidence[0].Text != "connection refused" {
		t.Errorf("got %+v", d)
	}
	j.trouble = nil
	if j.serverIsAway(start.Add(time.Hour)) {
		t.Error("it came back, and is missed")
	}
}

func TestASmokeTestTellsWhyNobodyAnswered(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		code diag.Code
	}{
		"refused": {diag.New(diag.ConnectionRefused, "Pod/a").Saw("connection refused"), diag.SmokeTestRefused},
		"silent":  {context.DeadlineExceeded, diag.SmokeTestTimedOut},
		"no name": {&net.DNSError{Err: "no such host", Name: "db"}, diag.NameNotResolved},
		"else":    {&plainError{"EOF"}, diag.NobodyAnswered},
		"its own": {diag.New(diag.NoEndpoint), diag.NoEndpoint},
	} {
		d := diag.All(Unanswered(c.err, "Service/a"))[0]
		if d.Code != c.code {
			t.Errorf("%s: got %s", name, d.Code)
		}
	}
	if Unanswered(nil) != nil {
		t.Error("an answer is an error")
	}
}

func TestWhatNoControllerAnswersForCannotBeJudged(t *testing.T) {
	blind := &autoscalingv2.HorizontalPodAutoscaler{Status: autoscalingv2.HorizontalPodAutoscalerStatus{Conditions: []autoscalingv2.HorizontalPodAutoscalerCondition{{
		Type: autoscalingv2.ScalingActive, Status: corev1.ConditionFalse, Reason: "FailedGetResourceMetric", Message: "no metrics",
	}}}}
	if v := ingress(&networkingv1.Ingress{}); v.trouble.code != diag.CannotJudge {
		t.Errorf("an Ingress without a controller: %+v", v)
	}
	if v := autoscaler(&autoscalingv2.HorizontalPodAutoscaler{}); v.trouble.code != diag.CannotJudge {
		t.Errorf("an autoscaler without a controller: %+v", v)
	}
	if v := autoscaler(blind); v.trouble.name != cannotScale.name || !strings.Contains(v.reason, "no metrics") {
		t.Errorf("an autoscaler that cannot measure: %+v", v)
	}
	served := &networkingv1.Ingress{Status: networkingv1.IngressStatus{LoadBalancer: networkingv1.IngressLoadBalancerStatus{Ingress: []networkingv1.IngressLoadBalancerIngress{{IP: "10.0.0.1"}}}}}
	if v := ingress(served); v.state != ready {
		t.Errorf("an Ingress with an address: %+v", v)
	}
	stalls := &unstructured.Unstructured{Object: map[string]any{"status": saying("Stalled", "True", 0)}}
	if v := custom(stalls); v.trouble.name != stalled.name {
		t.Errorf("a stalled resource: %+v", v)
	}
}

func TestAScoresOwnReadinessComesBeforeTheRuleOfTheKind(t *testing.T) {
	settings := &corev1.ConfigMap{ObjectMeta: object("settings"), Data: map[string]string{"phase": "warm"}}
	wrapped := WithReadiness(settings, func(o Object) Readiness {
		phase := o.(*corev1.ConfigMap).Data["phase"]
		return Readiness{Ready: phase == "hot", Lost: phase == "broken", Reason: "its phase is " + phase}
	})
	g := plainly(wrapped)
	judge := g.judge
	kind, err := kindOf(g.Object)
	if err != nil {
		t.Fatal(err)
	}
	settings.SetGroupVersionKind(kind)
	ref := referenceTo(&unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"namespace": "ns", "name": "settings"},
	}})
	items := []item{{reference: ref, judge: judge, object: &unstructured.Unstructured{Object: map[string]any{}}}}
	for phase, want := range map[string]state{"warm": notYet, "hot": ready, "broken": bad} {
		settings.Data["phase"] = phase
		w := worldOf([]Object{settings})
		w.own = ownReadiness(items)
		if v := w.assess(ref); v.state != want || want != ready && v.reason != "its phase is "+phase {
			t.Errorf("%s: got %+v", phase, v)
		}
	}
}

func TestTheTableOfWaitingNamesEveryKindAndCode(t *testing.T) {
	names := map[string]bool{}
	for _, r := range Waiting() {
		for _, kind := range strings.Split(r.Kind, ", ") {
			names[kind] = true
		}
		if (r.Code == "") != (r.After() == "") || r.Code != "" && r.Code.Summary() == "" {
			t.Errorf("%s: %q has the code %q and counts %q", r.Kind, r.State, r.Code, r.After())
		}
	}
	for _, kind := range []string{
		"Pod", "container", "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "Service", "EndpointSlice", "Ingress",
		"PersistentVolumeClaim", "Node", "CustomResourceDefinition", "Namespace", "HorizontalPodAutoscaler", "PodDisruptionBudget",
	} {
		if !names[kind] {
			t.Errorf("%s has no line", kind)
		}
	}
	all := troubles()
	for i, a := range all {
		if slices.ContainsFunc(all[i+1:], func(b trouble) bool { return a.name == b.name && a.kind == b.kind }) {
			t.Errorf("%s: %q stands there twice", a.kind, a.name)
		}
	}
}

func TestAnOldWarningTellsOfAnEarlierDeploy(t *testing.T) {
	now := time.Now()
	refusal := &corev1.Event{InvolvedObject: corev1.ObjectReference{UID: types.UID("web")}, Reason: "FailedCreate", Message: "exceeded quota", LastTimestamp: metav1.NewTime(now)}
	w := worldOf([]Object{refusal})
	w.from = now
	if v := w.refusedPods("web"); v.trouble.code != diag.QuotaExceeded {
		t.Errorf("got %+v", v)
	}
	w.from = now.Add(time.Hour)
	if v := w.refusedPods("web"); v.state != ready {
		t.Errorf("an old warning counts: %+v", v)
	}
}
