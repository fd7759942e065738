// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/bus"
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/fleet/operator/rollout"
)

var web = types.NamespacedName{Namespace: "shop", Name: "web"}

// A lead is a leader with a real NATS and an API server that only keeps objects, four devices, and a clock.
type lead struct {
	*reign
	deployments *deployments
	objects     client.WithWatch
	now         time.Time
	refuse      error // what the API server says to a write of a status
	patches     int   // of a status
}

func leads(t *testing.T) *lead {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := fleet.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	l := &lead{now: time.Now()}
	l.objects = fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&fleet.Deployment{}).WithInterceptorFuncs(interceptor.Funcs{
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, options ...client.SubResourcePatchOption) error {
			if l.refuse != nil {
				return l.refuse
			}
			l.patches++
			return c.SubResource(sub).Patch(ctx, o, p, options...)
		},
	}).WithObjects(&fleet.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: web.Namespace, Name: web.Name, UID: types.UID(contract.NewPlaneID().String()), Generation: 1},
		Spec: fleet.DeploymentSpec{
			TargetSelector: metav1.LabelSelector{MatchLabels: map[string]string{"site": "lyon"}}, Score: image(1),
		},
	}).Build()
	l.start(t, natsFor(t))
	return l
}

func image(n int) fleet.Score {
	return score(fmt.Sprintf(`{"services":[{"name":"web","image":"registry.example.com/web:%d"}]}`, n))
}

func digestOf(t *testing.T, n int) string {
	t.Helper()
	digest, _, err := content(image(n))
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

func natsFor(t *testing.T) *bus.Bus {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true, Username: "operator", Password: "p",
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("p\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := bus.Open(bus.Config{URL: s.ClientURL(), User: "operator", PasswordFile: password}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	if _, err := b.Mend(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

// start lets a new process lead, which knows what the API server says and nothing else.
func (l *lead) start(t *testing.T, b *bus.Bus) {
	t.Helper()
	o := &operator{
		log: slog.New(slog.DiscardHandler), client: l.objects, reader: l.objects, recorder: events.NewFakeRecorder(100),
		state: plane.New(), contents: newContents(), infos: newInfos(), bus: b,
	}
	o.metrics = newMetrics(o)
	l.reign = &reign{operator: o, status: newStatuses(o)}
	l.deployments = &deployments{operator: o, known: map[types.NamespacedName]known{}}
	o.state.Lead(1, 1, "")
	o.state.SetGrants([]plane.Grant{{Namespace: web.Namespace, Devices: labels.Everything()}})
	for i := range 4 {
		o.state.SetDevice(fmt.Sprint("press-", i), labels.Set{"site": "lyon"}, l.now)
	}
	l.reconcile(t)
}

func (l *lead) reconcile(t *testing.T) {
	t.Helper()
	if _, err := l.deployments.Reconcile(t.Context(), ctrl.Request{NamespacedName: web}); err != nil {
		t.Fatal(err)
	}
}

func (l *lead) get(t *testing.T) *fleet.Deployment {
	t.Helper()
	var p fleet.Deployment
	if err := l.objects.Get(t.Context(), web, &p); err != nil {
		t.Fatal(err)
	}
	return &p
}

// edit changes the Deployment, as a person does.
func (l *lead) edit(t *testing.T, change func(*fleet.DeploymentSpec)) {
	t.Helper()
	p := l.get(t)
	change(&p.Spec)
	p.Generation++
	if err := l.objects.Update(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	l.reconcile(t)
}

// look is what the leader does in a second, and every device does what it is told then, in that phase.
func (l *lead) look(t *testing.T, phase plane.Phase) {
	t.Helper()
	l.now = l.now.Add(3 * time.Second)
	l.advance(t.Context(), l.now)
	for _, c := range l.state.Changed() {
		l.status.owe(c, l.now)
	}
	l.status.write(t.Context(), l.now)
	l.obey(phase)
}

// obey lets every device do what it is told, in that phase.
func (l *lead) obey(phase plane.Phase) {
	writes, _ := l.state.Next(l.now, 100)
	for _, w := range writes {
		r := plane.Report{Instance: "one", Order: w.Order}
		for _, e := range w.Entries {
			r.Workloads = append(r.Workloads, plane.Workload{UID: e.UID, Generation: e.Generation, Digest: e.Digest, Phase: phase})
		}
		l.state.Report(w.Device, r, l.now)
	}
}

// told counts the devices by the content that they are told.
func (l *lead) told() map[string]int {
	told := map[string]int{}
	for _, v := range l.state.Views(nil) {
		told[v.Wants[0].Told.Digest]++
	}
	return told
}

func (l *lead) tells(t *testing.T, want map[string]int) {
	t.Helper()
	if diff := cmp.Diff(want, l.told()); diff != "" {
		t.Errorf("-want +told\n%s", diff)
	}
}

func byTwo() *fleet.Rollout {
	return &fleet.Rollout{BatchSize: new(intstr.FromInt32(2)), PauseAtFailureShare: new(int32(50))}
}

// begun is a leader whose devices run image 1, and the first two are told image 2.
func begun(t *testing.T) *lead {
	t.Helper()
	l := leads(t)
	l.obey(plane.Running)
	l.look(t, plane.Running)
	l.edit(t, func(s *fleet.DeploymentSpec) { s.Score, s.Rollout = image(2), byTwo() })
	l.tells(t, map[string]int{digestOf(t, 1): 4})
	return l
}

func TestARolloutGoesOnWhereItWasAfterARestart(t *testing.T) {
	l := begun(t)
	l.look(t, plane.Starting)
	half := map[string]int{digestOf(t, 1): 2, digestOf(t, 2): 2}
	l.tells(t, half)
	before := l.get(t).Status
	if r := before.Rollout; r == nil || r.Batch != 1 || len(r.Position.Layers) != 2 || before.Release != (fleet.ReleaseRef{Digest: digestOf(t, 2), Generation: 2}) {
		t.Fatalf("kept: %+v", before)
	}
	l.start(t, natsFor(t)) // another operator, and a NATS that has nothing
	l.tells(t, half)
	for _, n := range []int{1, 2} {
		if _, ok := l.contents.get(digestOf(t, n)); !ok {
			t.Errorf("image %d, which devices are told, cannot be fetched", n)
		}
	}
	l.obey(plane.Running)
	for range 3 {
		l.look(t, plane.Running)
	}
	l.tells(t, map[string]int{digestOf(t, 2): 4})
	st := l.get(t).Status
	if r := st.Rollout; r.Reason != string(rollout.Complete) || r.Healthy != 4 || !meta.IsStatusConditionTrue(st.Conditions, fleet.ConditionReady) {
		t.Errorf("%+v", st)
	}
}

func TestNobodyIsToldWhatIsNotKept(t *testing.T) {
	l := begun(t)
	l.refuse = context.DeadlineExceeded
	l.look(t, plane.Running)
	l.tells(t, map[string]int{digestOf(t, 1): 4})
	l.refuse = nil
	l.look(t, plane.Running)
	l.tells(t, map[string]int{digestOf(t, 1): 2, digestOf(t, 2): 2})
}

func TestAStatusSaysWhyARolloutDoesNotGoOn(t *testing.T) {
	for name, c := range map[string]struct {
		change              func(*fleet.Rollout)
		phase               plane.Phase
		reason              string
		progresses, stopped bool
		told                map[int]int
	}{
		"paused":            {func(r *fleet.Rollout) { r.Paused = true }, plane.Running, "Paused", false, false, map[int]int{1: 4}},
		"not healthy yet":   {func(*fleet.Rollout) {}, plane.Starting, "BatchNotHealthy", true, false, map[int]int{1: 2, 2: 2}},
		"too many failed":   {func(*fleet.Rollout) {}, plane.Failed, "TooManyFailed", false, true, map[int]int{1: 2, 2: 2}},
		"taken back":        {func(r *fleet.Rollout) { r.Revert = true }, plane.Failed, "Reverted", false, true, map[int]int{1: 4}},
		"no more may be so": {func(r *fleet.Rollout) { r.BatchSize, r.MaxUnavailable = nil, new(intstr.FromString("25%")) }, plane.Starting, "TooManyUnavailable", true, false, map[int]int{1: 3, 2: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			l := begun(t)
			l.edit(t, func(s *fleet.DeploymentSpec) { c.change(s.Rollout) })
			l.look(t, c.phase)
			l.look(t, c.phase)
			l.look(t, c.phase)
			st := l.get(t).Status
			progressing, degraded := meta.FindStatusCondition(st.Conditions, fleet.ConditionProgressing), meta.FindStatusCondition(st.Conditions, fleet.ConditionDegraded)
			if st.Rollout.Reason != c.reason || progressing.Reason != c.reason || progressing.Status == metav1.ConditionTrue != c.progresses {
				t.Errorf("%+v, %+v", st.Rollout, progressing)
			}
			if c.stopped != (degraded.Status == metav1.ConditionTrue && degraded.Reason == c.reason) || st.ObservedGeneration != 3 {
				t.Errorf("%+v", degraded)
			}
			want := map[string]int{}
			for image, n := range c.told {
				want[digestOf(t, image)] = n
			}
			l.tells(t, want)
		})
	}
}

func TestAReleaseInUseIsKeptHoweverManyCameAfterIt(t *testing.T) {
	l := begun(t)
	l.look(t, plane.Starting)
	for n := 3; n < 3+releasesKept+2; n++ {
		l.edit(t, func(s *fleet.DeploymentSpec) { s.Score, s.Rollout.Paused = image(n), true })
		l.look(t, plane.Starting)
	}
	all, err := l.releases(t.Context(), l.get(t))
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]bool{}
	for _, r := range all.Items {
		kept[r.Spec.Digest] = true
	}
	if !kept[digestOf(t, 1)] || !kept[digestOf(t, 2)] || len(all.Items) > releasesKept+3 {
		t.Errorf("%d are kept", len(all.Items))
	}
	for _, n := range []int{1, 2} {
		if _, ok := l.contents.get(digestOf(t, n)); !ok {
			t.Errorf("image %d, which devices are told, cannot be fetched", n)
		}
	}
	if _, ok := l.contents.get(digestOf(t, 3)); ok {
		t.Error("image 3, which no device was told, is still there")
	}
}

func TestNobodyIsTakenBackToAContentThatIsGone(t *testing.T) {
	l := begun(t)
	l.look(t, plane.Starting)
	if err := l.objects.DeleteAllOf(t.Context(), &fleet.Release{}, client.InNamespace(web.Namespace)); err != nil {
		t.Fatal(err)
	}
	l.edit(t, func(s *fleet.DeploymentSpec) { s.Rollout.Revert = true })
	l.start(t, l.bus)
	l.obey(plane.Failed)
	for range 3 {
		l.look(t, plane.Failed)
	}
	if r := l.get(t).Status.Rollout; r.Reason != string(rollout.Stopped) {
		t.Errorf("%+v", r)
	}
	l.tells(t, map[string]int{digestOf(t, 1): 2, digestOf(t, 2): 2})
}

func TestAnOrderThatIsNotUnderstoodIsRefused(t *testing.T) {
	l := begun(t)
	l.edit(t, func(s *fleet.DeploymentSpec) {
		s.Rollout.Order = []metav1.LabelSelector{{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "site", Operator: "Near"}}}}
	})
	degraded := meta.FindStatusCondition(l.get(t).Status.Conditions, fleet.ConditionDegraded)
	if degraded == nil || degraded.Reason != "InvalidRollout" || !strings.Contains(degraded.Message, "Near") {
		t.Errorf("%+v", degraded)
	}
}

func TestTheStatusOfARolloutThatGoesOnIsWrittenOnceASecond(t *testing.T) {
	l := begun(t)
	l.patches = 0
	if l.look(t, plane.Starting); l.patches != 1 {
		t.Errorf("it is written %d times", l.patches)
	}
}
