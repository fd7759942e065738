// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube_test

import (
	"context"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/internal/needs"
)

func TestEveryWorkloadIsWaitedFor(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	image := subject(t)
	run := template(container(image, "succeed"))
	run.Spec.RestartPolicy = corev1.RestartPolicyNever
	alone := template(container(image, "idle"))
	objects := []kube.Object{
		stateful(in, image), service("web", intPort),
		&appsv1.DaemonSet{ObjectMeta: named("everywhere"), Spec: appsv1.DaemonSetSpec{
			Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "everywhere"}},
			Template: func() corev1.PodTemplateSpec {
				p := template(container(image, "idle"))
				p.Labels = map[string]string{"app": "everywhere"}
				return p
			}(),
		}},
		&batchv1.Job{ObjectMeta: named("once"), Spec: batchv1.JobSpec{Template: run}},
		&corev1.Pod{ObjectMeta: named("alone"), Spec: alone.Spec},
		&corev1.PersistentVolumeClaim{ObjectMeta: named("unused"), Spec: stateful(in, image).Spec.VolumeClaimTemplates[0].Spec},
	}
	apply(t, c.Client, in, objects...)
	sts, err := c.stranger.AppsV1().StatefulSets(in.Namespace).Get(t.Context(), "web", metav1.GetOptions{})
	if err != nil || sts.Status.ReadyReplicas != 1 {
		t.Errorf("StatefulSet: %+v %v", sts.Status, err)
	}
	job, err := c.stranger.BatchV1().Jobs(in.Namespace).Get(t.Context(), "once", metav1.GetOptions{})
	if err != nil || job.Status.Succeeded != 1 {
		t.Errorf("Job: %+v %v", job.Status, err)
	}
	if again := apply(t, c.Client, in, objects...); len(again) > 0 {
		t.Errorf("the second time: %v", again)
	}
}

func TestARolloutIsWaitedForToItsEnd(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	image := subject(t)
	apply(t, c.Client, in, deployment("web", echo(image)))
	next := echo(image)
	next.Env = []corev1.EnvVar{{Name: "GENERATION", Value: "2"}}
	changes := apply(t, c.Client, in, deployment("web", next))
	if len(changes) != 1 || changes[0].Detail != "spec.template.spec.containers[main].env" {
		t.Errorf("changed %v", changes)
	}
	pods, err := c.Pods(t.Context(), in.Namespace, app)
	fatal(t, err)
	pods = slices.DeleteFunc(pods, func(p corev1.Pod) bool { return p.DeletionTimestamp != nil })
	if len(pods) != 1 || len(pods[0].Spec.Containers[0].Env) != 1 {
		t.Errorf("%d Pods are there, or an old one", len(pods))
	}
}

// fails deploys what cannot become ready and gives what happened and the error.
func fails(t *testing.T, c cluster, in kube.Inventory, limit time.Duration, objects ...kube.Object) ([]event.Record, error) {
	t.Helper()
	var mu sync.Mutex
	var seen []event.Record
	ctx := event.Into(t.Context(), event.SinkFunc(func(r event.Record) { mu.Lock(); defer mu.Unlock(); seen = append(seen, r) }))
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	_, err := c.Apply(ctx, in, objects...)
	if err == nil {
		t.Fatal("it became ready")
	}
	return seen, err
}

func TestABadConfigurationEndsTheWaitWithItsCause(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	broken := echo(subject(t))
	broken.EnvFrom = []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "missing"}}}}
	events, err := fails(t, c, in, time.Minute, deployment("web", broken), service("web", intPort))
	all := diag.All(err)
	if len(all) != 1 || all[0].Code != diag.ConfigurationMissing || len(all[0].Path) != 3 || all[0].Path[0] != "Deployment/web" || all[0].Path[2] != "container main" {
		t.Fatalf("want one Diagnostic for the container, got\n%s", text(err))
	}
	if !strings.Contains(text(err), `secret "missing" not found`) {
		t.Errorf("the cause is not named:\n%s", text(err))
	}
	waited := slices.ContainsFunc(events, func(r event.Record) bool {
		w, ok := r.Event.(event.Waiting)
		return ok && w.For == "Deployment/web" && strings.Contains(w.Saw, "missing")
	})
	if !waited {
		t.Errorf("no event tells what is waited for: %+v", events)
	}
}

func TestACrashLoopEndsTheWaitWithTheLog(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	values, _ := generate(t, c.Client, in, "admin")
	cry := "cannot bind: the answer is 42, the password is " + values["admin"].Reveal()
	crashing := echo(subject(t)) // with a probe: without one, a container is ready for as long as it runs
	crashing.Args = []string{"fail", cry}
	_, err := fails(t, c, in, 2*time.Minute, deployment("web", crashing))
	if diff := cmp.Diff([]diag.Code{diag.CrashLoop}, codes(err)); diff != "" {
		t.Fatalf("%s\n%s", diff, text(err))
	}
	if got := text(err); !strings.Contains(got, "cannot bind: the answer is 42") || !strings.Contains(got, "exit code 3") {
		t.Errorf("the log or the exit code is missing:\n%s", got)
	}
	if strings.Contains(text(err), values["admin"].Reveal()) {
		t.Error("the evidence shows a secret")
	}
}

func TestAnImageThatIsNotThereEndsTheWait(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	absent := container("harmony.local/nowhere:v1", "idle")
	absent.ImagePullPolicy = corev1.PullNever
	_, err := fails(t, c, in, time.Minute, deployment("web", absent))
	if diff := cmp.Diff([]diag.Code{diag.ImageMissing}, codes(err)); diff != "" || !strings.Contains(text(err), "harmony.local/nowhere:v1") {
		t.Errorf("%s\n%s", diff, text(err))
	}
}

func TestPodsThatAreNotAdmittedEndTheWait(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	root := container(subject(t), "idle")
	root.SecurityContext = &corev1.SecurityContext{Privileged: pointer(true)}
	_, err := fails(t, c, in, time.Minute, deployment("web", root))
	if diff := cmp.Diff([]diag.Code{diag.AdmissionDenied}, codes(err)); diff != "" || !strings.Contains(text(err), "violates PodSecurity") {
		t.Errorf("%s\n%s", diff, text(err))
	}
}

func TestAWaitThatRunsOutOfTimeSaysWhatItSawLast(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	deaf := echo(subject(t))
	deaf.Args = []string{"idle"}
	deaf.StartupProbe, deaf.ReadinessProbe = deaf.ReadinessProbe, nil
	deaf.StartupProbe.FailureThreshold = 1000 // it may take as long as it wants
	_, err := fails(t, c, in, 90*time.Second, deployment("web", deaf), service("web", intPort))
	all := diag.All(err)
	if len(all) != 1 || all[0].Code != diag.NotReady || all[0].Path[0] != "Deployment/web" {
		t.Fatalf("want one Diagnostic for the workload, got\n%s", text(err))
	}
	if got := text(err); !strings.Contains(got, "startup probe has not passed yet") || !strings.Contains(got, "connection refused") || strings.Contains(got, "deadline exceeded") {
		t.Errorf("the probe's result is missing:\n%s", got)
	}
}

func TestALateSecretHeals(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	c.strangersNamespace(t, in.Namespace)
	late := echo(subject(t))
	late.EnvFrom = []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "late"}}}}
	ctx := event.Into(t.Context(), event.SinkFunc(func(r event.Record) {
		if w, ok := r.Event.(event.Waiting); ok && strings.Contains(w.Saw, `"late" not found`) {
			secret := &corev1.Secret{ObjectMeta: named("late")}
			_, _ = c.stranger.CoreV1().Secrets(in.Namespace).Create(t.Context(), secret, metav1.CreateOptions{})
		}
	}))
	if _, err := c.Apply(ctx, in, deployment("web", late)); err != nil {
		t.Errorf("%v\n%s", err, text(err))
	}
}

func TestAWaitSurvivesALostConnection(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	config, err := clientcmd.BuildConfigFromFlags("", needs.Local(t))
	fatal(t, err)
	wire := cut(t, config.Host)
	host, err := url.Parse(config.Host)
	fatal(t, err)
	config.ServerName = host.Hostname()
	config.Host = "https://" + wire.Addr().String()
	deaf := echo(subject(t))
	deaf.Args = []string{"idle"}
	waiting := make(chan struct{}, 100)
	ctx := event.Into(t.Context(), event.SinkFunc(func(r event.Record) {
		if w, ok := r.Event.(event.Waiting); ok && strings.Contains(strings.ToLower(w.Saw), "readiness probe") {
			waiting <- struct{}{}
		}
	}))
	done := make(chan error, 1)
	client := c.as(t, config)
	go func() {
		_, err := client.Apply(ctx, in, deployment("web", deaf))
		done <- err
	}()
	select {
	case <-waiting:
	case err := <-done:
		t.Fatalf("it ended before it was cut off: %v", err)
	}
	wire.cut()
	_, err = c.stranger.AppsV1().Deployments(in.Namespace).Patch(t.Context(), "web", "application/json-patch+json",
		[]byte(`[{"op":"remove","path":"/spec/template/spec/containers/0/readinessProbe"}]`), metav1.PatchOptions{})
	fatal(t, err)
	if err := <-done; err != nil {
		t.Errorf("%v\n%s", err, text(err))
	}
}

// A wire passes connections on until it is cut; new ones work again.
type wire struct {
	net.Listener
	mu    sync.Mutex
	conns []net.Conn
}

func cut(t *testing.T, to string) *wire {
	t.Helper()
	u, err := url.Parse(to)
	fatal(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	fatal(t, err)
	w := &wire{Listener: listener}
	t.Cleanup(func() { listener.Close(); w.cut() })
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", u.Host)
			if err != nil {
				near.Close()
				continue
			}
			w.mu.Lock()
			w.conns = append(w.conns, near, far)
			w.mu.Unlock()
			go func() { _, _ = io.Copy(near, far); near.Close() }()
			go func() { _, _ = io.Copy(far, near); far.Close() }()
		}
	}()
	return w
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.conns {
		c.Close()
	}
	w.conns = nil
}

func TestAnInterruptedWaitReturnsAtOnce(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	deaf := echo(subject(t))
	deaf.Args = []string{"idle"}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ctx = event.Into(ctx, event.SinkFunc(func(r event.Record) {
		if _, ok := r.Event.(event.Waiting); ok {
			cancel()
		}
	}))
	_, err := c.Apply(ctx, in, deployment("web", deaf))
	if err == nil || !strings.Contains(err.Error(), "interrupted") {
		t.Errorf("got %v", err)
	}
	if removed := remove(t, c.Client, in, true); !slices.Contains(removed.Gone, "Deployment/web") {
		t.Errorf("removed %v", removed)
	}
}

func TestAWaitWhoseAPIServerIsLostSaysSo(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	config, err := clientcmd.BuildConfigFromFlags("", needs.Local(t))
	fatal(t, err)
	wire := cut(t, config.Host)
	host, err := url.Parse(config.Host)
	fatal(t, err)
	config.ServerName = host.Hostname()
	config.Host = "https://" + wire.Addr().String()
	deaf := echo(subject(t))
	deaf.Args = []string{"idle"}
	ctx := event.Into(t.Context(), event.SinkFunc(func(r event.Record) {
		if w, ok := r.Event.(event.Waiting); ok && strings.Contains(strings.ToLower(w.Saw), "readiness probe") {
			wire.Close()
			wire.cut()
		}
	}))
	// Long enough for a Pod to start on a busy machine: the probe must have been seen before the wire is cut.
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	_, err = c.as(t, config).Apply(ctx, in, deployment("web", deaf))
	if !cmp.Equal(codes(err), []diag.Code{diag.APILost}) || !strings.Contains(strings.ToLower(text(err)), "readiness probe") {
		t.Errorf("got\n%s", text(err))
	}
}

func TestAFixAfterACrashLoopIsNotJudgedByWhatItReplaces(t *testing.T) {
	c := connect(t)
	in := c.component(t)
	image := subject(t)
	crashing := echo(image)
	crashing.Args = []string{"fail", "as it was"}
	set := func(c corev1.Container) *appsv1.StatefulSet {
		s := stateful(in, image)
		s.Spec.VolumeClaimTemplates, s.Spec.PodManagementPolicy = nil, appsv1.ParallelPodManagement
		s.Spec.Template = template(c)
		s.Spec.Template.Labels, s.Spec.Selector = map[string]string{"app": "db"}, &metav1.LabelSelector{MatchLabels: map[string]string{"app": "db"}}
		return s
	}
	_, err := fails(t, c, in, 2*time.Minute, deployment("web", crashing), set(crashing))
	if !slices.Contains(codes(err), diag.CrashLoop) {
		t.Fatalf("got\n%s", text(err))
	}
	if changes := apply(t, c.Client, in, deployment("web", echo(image)), set(echo(image))); len(changes) != 2 {
		t.Errorf("changed %v", changes)
	}
}
