// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
)

func graveyard(n int, of time.Time) (all []fleet.RemovedDeployment) {
	for i := range n {
		all = append(all, fleet.RemovedDeployment{UID: fmt.Sprint(of.Year(), "-", i), Time: metav1.NewTime(of)})
	}
	return all
}

func TestAClockThatIsSetToAnotherYearEmptiesNoGraveyard(t *testing.T) {
	now, later := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), time.Date(2040, 3, 1, 0, 0, 0, 0, time.UTC)
	all := graveyard(300, now)
	for _, one := range graveyard(10, later) {
		all = buried(all, one)
	}
	if len(all) != 310 {
		t.Errorf("%d are left of 300, and of 10 that came after the jump", len(all))
	}
}

func TestAGraveyardDoesNotGrowForEver(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	one := fleet.RemovedDeployment{UID: "one", Time: metav1.NewTime(now.Add(buriedFor + time.Hour))}
	if all := buried(graveyard(leastBuried+100, now), one); len(all) != leastBuried {
		t.Errorf("%d are left when most are old", len(all))
	}
	if all := buried(graveyard(maxBuried, now), graveyard(1, now.AddDate(1, 0, 0))[0]); len(all) > maxBuried {
		t.Errorf("%d are left of too many", len(all))
	}
	if all := buried(append(graveyard(2, now), one), one); len(all) != 3 || all[2].UID != one.UID {
		t.Errorf("buried twice: %+v", all)
	}
}

func TestAClockThatIsSetDoesNotLetADeploymentGoBeforeItsDevices(t *testing.T) {
	l := due(t)
	l.RemovalLimit = 10 * time.Minute
	l.converged.Store(true)
	p := l.get(t)
	p.DeletionTimestamp = new(metav1.NewTime(time.Now().Add(-30 * time.Minute)))
	next, err := l.deployments.remove(t.Context(), p)
	if err != nil || next.RequeueAfter == 0 || !controllerutil.ContainsFinalizer(l.get(t), fleet.Finalizer) {
		t.Errorf("it does not wait for devices that are online: %+v, %v", next, err)
	}
}

func TestALeaderIsTimedByAClockThatCannotBeSet(t *testing.T) {
	r := &reign{operator: &operator{}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.write(ctx, time.Now()); err != nil {
		t.Fatal(err)
	}
	if last := r.lively.Load().String(); !strings.Contains(last, " m=") {
		t.Error("it is timed by the wall clock")
	}
}
