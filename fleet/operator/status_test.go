// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator/plane"
	"nationtech.io/harmony/fleet/operator/rollout"
)

// lag lets the leader see the Deployment as it is now, whatever becomes of it, until the end of that is called. What the leader
// logs from now on is written down.
func (l *lead) lag(t *testing.T) (log *strings.Builder, catchUp func()) {
	t.Helper()
	seen := l.get(t)
	l.client = interceptor.NewClient(l.objects, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
			if p, ok := o.(*fleet.Deployment); ok {
				seen.DeepCopyInto(p)
				return nil
			}
			return c.Get(ctx, key, o, options...)
		},
	})
	log = &strings.Builder{}
	l.log = slog.New(slog.NewTextHandler(log, nil))
	return log, func() { l.client = l.objects }
}

// stands sets the status of the Deployment, as another leader does.
func (l *lead) stands(t *testing.T, change func(*fleet.DeploymentStatus)) fleet.DeploymentStatus {
	t.Helper()
	p := l.get(t)
	change(&p.Status)
	if err := l.objects.Status().Update(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	return l.get(t).Status
}

// ticks lets the leader say what it knows, some time later.
func (l *lead) ticks(t *testing.T, later time.Duration) {
	t.Helper()
	l.now = l.now.Add(later)
	l.advance(t.Context(), l.now)
	l.status.write(t.Context(), l.now)
}

// says lets some devices, or all when none is named, say that what they have is in that phase.
func (l *lead) says(phase plane.Phase, devices ...string) {
	named := func(id string, _ labels.Set) bool { return len(devices) == 0 || slices.Contains(devices, id) }
	for _, v := range l.state.Views(named) {
		for i := range v.Workloads {
			v.Workloads[i].Phase = phase
		}
		l.state.Report(v.ID, plane.Report{Instance: "one", Order: v.Held, Workloads: v.Workloads}, l.now)
	}
}

// due is a leader that is about to say that the first two devices are healthy, and to go on.
func due(t *testing.T) *lead {
	t.Helper()
	l := begun(t)
	l.look(t, plane.Starting)
	l.says(plane.Running)
	for _, c := range l.state.Changed() {
		l.status.owe(c, l.now)
	}
	return l
}

func TestADeploymentMadeAnewUnderTheSameNameKeepsItsStatus(t *testing.T) {
	l := due(t)
	log, _ := l.lag(t)
	p := l.get(t)
	p.Finalizers = nil
	if err := l.objects.Update(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if err := l.objects.Delete(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	anew := &fleet.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: web.Namespace, Name: web.Name, UID: types.UID(contract.NewPlaneID().String())}, Spec: p.Spec}
	if err := l.objects.Create(t.Context(), anew); err != nil {
		t.Fatal(err)
	}
	want := l.stands(t, func(st *fleet.DeploymentStatus) { st.Devices.Matched = 77 })
	l.ticks(t, 3*time.Second)
	if diff := cmp.Diff(want, l.get(t).Status); diff != "" || log.Len() != 0 {
		t.Errorf("-want +is\n%s\nlog: %s", diff, log)
	}
}

func TestAnOldLeaderDoesNotTakeARolloutBack(t *testing.T) {
	l := due(t)
	l.Namespace = web.Namespace
	state := &fleet.FleetState{ObjectMeta: metav1.ObjectMeta{Namespace: web.Namespace, Name: fleet.FleetStateName}, Status: fleet.FleetStateStatus{Term: 2}}
	if err := l.objects.Create(t.Context(), state); err != nil {
		t.Fatal(err)
	}
	log, _ := l.lag(t)
	l.client = l.objects // its watch has caught up, and still it does not know that another leads
	want := l.stands(t, func(st *fleet.DeploymentStatus) {
		st.Rollout.Batch, st.Rollout.Position.Term, st.Rollout.Position.Stopped = 7, 2, true
	})
	l.ticks(t, 3*time.Second)
	if diff := cmp.Diff(want, l.get(t).Status); diff != "" || log.Len() != 0 {
		t.Errorf("-want +is\n%s\nlog: %s", diff, log)
	}
	l.tells(t, map[string]int{digestOf(t, 1): 2, digestOf(t, 2): 2})

	// A status that came back with its object, of a term that this fleet never had, is not obeyed.
	state.Status.Term = 1
	if err := l.objects.Update(t.Context(), state); err != nil {
		t.Fatal(err)
	}
	l.ticks(t, 3*time.Second)
	if r := l.get(t).Status.Rollout; r.Batch == 7 || r.Position.Term != 1 {
		t.Errorf("%+v", r)
	}
}

func TestAStatusIsWrittenInAMomentOnceTheWatchHasCaughtUp(t *testing.T) {
	l := due(t)
	log, caughtUp := l.lag(t)
	l.stands(t, func(st *fleet.DeploymentStatus) { st.Devices.Matched = 77 })
	l.now = l.now.Add(3 * time.Second)
	l.status.write(t.Context(), l.now)
	caughtUp()
	l.now = l.now.Add(catchUp)
	l.status.write(t.Context(), l.now)
	if st := l.get(t).Status; st.Devices.Matched != 4 || log.Len() != 0 {
		t.Errorf("%+v; log: %s", st, log)
	}
}

func TestANewLeaderThatFindsARolloutAsItIsWritesNothing(t *testing.T) {
	l := due(t)
	for range 4 {
		l.look(t, plane.Running)
	}
	l.says(plane.Running)
	l.look(t, plane.Running)
	before := l.get(t)
	if before.Status.Rollout.Reason != string(rollout.Complete) {
		t.Fatalf("%+v", before.Status.Rollout)
	}
	l.start(t, natsFor(t))
	l.state.Lead(1, 2, "")
	l.obey(plane.Running)
	l.look(t, plane.Running)
	l.look(t, plane.Running)
	if now := l.get(t); now.ResourceVersion != before.ResourceVersion {
		t.Errorf("it was written: %s", cmp.Diff(before.Status, now.Status))
	}
}

func TestAReleaseOfADeploymentThatHadTheNameIsNotTakenForOnesOwn(t *testing.T) {
	l := due(t)
	of := l.get(t)
	of.UID = types.UID(contract.NewPlaneID().String())
	if err := l.record(t.Context(), of, fleet.ReleaseRef{Digest: digestOf(t, 2), Generation: 1}, nil); err == nil {
		t.Error("that of the other is taken for it, which goes with the other")
	}
	if err := l.record(t.Context(), l.get(t), fleet.ReleaseRef{Digest: digestOf(t, 2), Generation: 9}, nil); err != nil {
		t.Errorf("its own is not: %v", err)
	}
}

// passes lets the leader look as often as it does, for a while, and gives after how long each status was written.
func (l *lead) passes(t *testing.T, during time.Duration) (written []time.Duration) {
	t.Helper()
	for began := l.now; l.now.Sub(began) < during; {
		l.now = l.now.Add(writeEvery)
		for _, c := range l.state.Changed() {
			l.status.owe(c, l.now)
		}
		before := l.patches
		if l.status.write(t.Context(), l.now); l.patches > before {
			written = append(written, l.now.Sub(began))
		}
	}
	return written
}

func TestTheEndOfWhatDevicesDoIsNotKeptWaitingByItsMiddle(t *testing.T) {
	l := leads(t)
	l.obey(plane.Starting)
	for _, step := range []struct {
		name   string
		do     func()
		during time.Duration
		want   []time.Duration
	}{
		{"what begins is written soon", func() {}, time.Second, []time.Duration{writeEvery + soon}},
		{"its middle 2 s later", func() { l.says(plane.Running, "press-0") }, 2 * time.Second, []time.Duration{movingEvery + writeEvery + soon - time.Second}},
		{"no sooner", func() { l.says(plane.Running, "press-1") }, time.Second, nil},
		{"its end at once", func() { l.says(plane.Running) }, 500 * time.Millisecond, []time.Duration{writeEvery}},
		{"what comes then 1 s later", func() { l.says(plane.Failed, "press-0") }, time.Second, []time.Duration{statusEvery + writeEvery - 500*time.Millisecond}},
	} {
		step.do()
		if diff := cmp.Diff(step.want, l.passes(t, step.during)); diff != "" {
			t.Errorf("%s: -want +is\n%s", step.name, diff)
		}
	}
}

func TestWhatAFewDevicesDoInAMomentIsOneWrite(t *testing.T) {
	l := leads(t)
	l.obey(plane.Starting)
	if got := l.passes(t, soon/2); got != nil {
		t.Errorf("it was written after %v", got)
	}
	l.says(plane.Running)
	if got, want := l.passes(t, 10*time.Second), []time.Duration{writeEvery}; !cmp.Equal(got, want) || !ready(l.get(t).Status.Conditions) {
		t.Errorf("it was written after %v, not %v; %+v", got, want, l.get(t).Status)
	}
}
