// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package rollout_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"nationtech.io/harmony/fleet/operator/rollout"
)

// A fleet is devices that do what they are told, in their own time.
type fleet struct {
	now     time.Time
	p       rollout.Position
	release string
	spec    rollout.Spec
	devices map[rollout.Key]*device
}

type device struct {
	told  string
	state rollout.State
	since time.Time
}

func newFleet(n int, spec rollout.Spec) *fleet {
	f := &fleet{now: time.Unix(1e9, 0), spec: spec, devices: map[rollout.Key]*device{}}
	for i := range n {
		f.join(i)
	}
	return f
}

func (f *fleet) join(i int) {
	f.devices[rollout.KeyOf(0, "uid", fmt.Sprint("device-", i))] = &device{since: f.now}
}

func (f *fleet) keys() []rollout.Key { return slices.Sorted(maps.Keys(f.devices)) }

// set puts the first n devices, in the order of the rollout, that are told the release into a state.
func (f *fleet) set(state rollout.State, release string, n int) {
	for _, k := range f.keys() {
		if d := f.devices[k]; n > 0 && d.told == release {
			d.state, d.since = state, f.now
			n--
		}
	}
}

// look asks where the rollout goes, and hands the answer to the devices.
func (f *fleet) look() rollout.Standing {
	var all []rollout.Device
	for k, d := range f.devices {
		all = append(all, rollout.Device{Key: k, State: d.state, Since: d.since})
	}
	var s rollout.Standing
	f.p, s = rollout.Next(f.p, f.release, f.spec, all, f.now)
	for k, d := range f.devices {
		if told := f.p.Tells(k); told != d.told {
			d.told, d.since = told, f.now
			if d.state != rollout.Offline {
				d.state = rollout.Pending
			}
		}
	}
	return s
}

func (f *fleet) told(release string) (n int) {
	for _, d := range f.devices {
		if d.told == release {
			n++
		}
	}
	return n
}

func (f *fleet) reason(t *testing.T, want rollout.Reason) {
	t.Helper()
	if got := f.look(); got.Reason != want {
		t.Fatalf("reason %s, want %s: %+v at %+v", got.Reason, want, got, f.p)
	}
}

func (f *fleet) tells(t *testing.T, release string, want int) {
	t.Helper()
	f.look()
	if got := f.told(release); got != want {
		t.Fatalf("%d devices are told %s, want %d: %+v", got, release, want, f.p)
	}
}

// finished is a fleet in which all devices run a release.
func finished(n int, spec rollout.Spec) *fleet {
	f := newFleet(n, rollout.Spec{})
	f.release = "one"
	f.look()
	f.set(rollout.Ready, "one", n)
	f.look()
	f.spec, f.release = spec, "two"
	return f
}

func TestWithoutASpecAllAreToldAtOnce(t *testing.T) {
	f := newFleet(10, rollout.Spec{})
	f.release = "one"
	f.tells(t, "one", 10)
	f.reason(t, rollout.WaitsForBatch)
	f.set(rollout.Failed, "one", 3)
	f.set(rollout.Offline, "one", 1)
	for _, k := range f.keys()[3:] {
		f.devices[k].state = rollout.Ready
	}
	f.reason(t, rollout.Complete)
	f.join(100)
	f.tells(t, "one", 11)
}

func TestTheNextBatchOpensWhenTheOneBeforeWasHealthyForLongEnough(t *testing.T) {
	f := finished(10, rollout.Spec{Batch: rollout.Size{Count: 4}, HealthWindow: time.Minute})
	f.tells(t, "two", 4)
	f.set(rollout.Ready, "two", 4)
	f.tells(t, "two", 4)
	s := f.look()
	if want := f.now.Add(time.Minute); s.Reason != rollout.WaitsForBatch || !s.Wake.Equal(want) {
		t.Fatalf("got %+v, want to wake at %s", s, want)
	}
	f.now = s.Wake
	f.tells(t, "two", 8)
	if f.p.Batch != 2 {
		t.Errorf("batch %d", f.p.Batch)
	}
}

func TestADeviceThatIsOfflineNeitherBlocksNorFails(t *testing.T) {
	f := finished(10, rollout.Spec{Batch: rollout.Size{Percent: 30}, PauseAt: 1})
	f.tells(t, "two", 3)
	f.set(rollout.Offline, "two", 3)
	f.tells(t, "two", 6)
	f.set(rollout.Offline, "two", 6)
	f.tells(t, "two", 9)
	f.set(rollout.Offline, "two", 9)
	f.tells(t, "two", 10)
}

func TestTooManyFailuresStopItAndAPersonGoesOn(t *testing.T) {
	f := finished(10, rollout.Spec{Batch: rollout.Size{Count: 2}, PauseAt: 50})
	f.tells(t, "two", 2)
	f.set(rollout.Failed, "two", 1)
	f.reason(t, rollout.Stopped)
	f.set(rollout.Ready, "two", 2)
	f.reason(t, rollout.Stopped) // not by itself
	f.set(rollout.Failed, "two", 1)
	f.p = f.p.Resume()
	f.tells(t, "two", 4)
	f.set(rollout.Ready, "two", 4)
	f.set(rollout.Failed, "two", 1) // forgiven
	f.tells(t, "two", 6)
}

func TestAFleetIsTakenBackOnlyWhereThatIsAskedFor(t *testing.T) {
	f := finished(10, rollout.Spec{Batch: rollout.Size{Count: 4}, PauseAt: 50, Revert: true})
	f.tells(t, "two", 4)
	f.set(rollout.Failed, "two", 2)
	f.reason(t, rollout.Reverted)
	f.tells(t, "one", 10)
	f.set(rollout.Ready, "one", 10)
	f.reason(t, rollout.Reverted) // it is not tried again
	f.tells(t, "one", 10)
	if want := []string{"one"}; !slices.Equal(f.p.Releases(), want) {
		t.Errorf("contents %v are kept, want %v", f.p.Releases(), want)
	}
	again := *f
	again.p = again.p.Resume()
	again.tells(t, "two", 4)
	f.release = "three"
	f.set(rollout.Ready, "two", 10)
	f.set(rollout.Ready, "one", 10)
	f.tells(t, "three", 4)
}

func TestTheFirstReleaseHasNothingToGoBackTo(t *testing.T) {
	f := newFleet(4, rollout.Spec{Batch: rollout.Size{Count: 2}, PauseAt: 50, Revert: true})
	f.release = "one"
	f.tells(t, "one", 2)
	f.set(rollout.Failed, "one", 2)
	f.reason(t, rollout.Stopped)
	f.tells(t, "one", 2)
}

func TestADeviceThatIsNotReadyByTheDeadlineHasFailed(t *testing.T) {
	f := finished(4, rollout.Spec{Batch: rollout.Size{Count: 2}, Deadline: time.Hour, PauseAt: 60})
	f.tells(t, "two", 2)
	f.set(rollout.Ready, "two", 1)
	s := f.look()
	if want := f.now.Add(time.Hour); !s.Wake.Equal(want) {
		t.Fatalf("wakes at %s, want %s", s.Wake, want)
	}
	f.now = s.Wake
	f.tells(t, "two", 4)
}

func TestNoMoreAreUnavailableThanMay(t *testing.T) {
	f := finished(10, rollout.Spec{MaxUnavailable: rollout.Size{Count: 3}})
	f.tells(t, "two", 3)
	f.reason(t, rollout.WaitsForRoom)
	f.set(rollout.Ready, "two", 1)
	f.tells(t, "two", 4)
	for _, k := range f.keys()[4:6] { // what is broken already can only gain
		f.devices[k].state = rollout.Failed
	}
	f.tells(t, "two", 6)
}

func TestDevicesThatWereNeverToldAnythingBlockNobody(t *testing.T) {
	f := newFleet(6, rollout.Spec{Batch: rollout.Size{Count: 3}, MaxUnavailable: rollout.Size{Count: 3}})
	f.release = "one"
	f.tells(t, "one", 3)
	f.set(rollout.Ready, "one", 3)
	f.release = "two"
	f.tells(t, "two", 3)
}

func TestWhyARolloutWaitsIsSaidInASentence(t *testing.T) {
	for reason, want := range map[rollout.Reason]string{
		rollout.Complete: "all devices are told", rollout.Paused: "a person has paused it", rollout.Stopped: "nobody else is told",
		rollout.Reverted: "the release before", rollout.WaitsForBatch: "batch 3 is not healthy yet", rollout.WaitsForRoom: "batch 3 waits",
	} {
		s := rollout.Standing{Reason: reason, Told: 8, Healthy: 5, Failed: 2, Offline: 1}
		if got := s.Why(3); !strings.Contains(got, want) || !strings.Contains(got, "5 of 8 devices that are told it are healthy, 2 failed, 1 offline") {
			t.Errorf("%s: %s", reason, got)
		}
	}
}

func TestAPauseTellsNobodyElse(t *testing.T) {
	f := finished(10, rollout.Spec{Batch: rollout.Size{Count: 4}})
	f.tells(t, "two", 4)
	f.spec.Paused = true
	f.reason(t, rollout.Paused) // also while the batch is on its way: it does not go on by itself
	f.set(rollout.Ready, "two", 4)
	f.reason(t, rollout.Paused)
	f.tells(t, "two", 4)
	f.spec.Paused = false
	f.tells(t, "two", 8)
}

func TestAReleaseThatOvertakesSendsNobodyBack(t *testing.T) {
	f := finished(10, rollout.Spec{Batch: rollout.Size{Count: 6}})
	f.tells(t, "two", 6)
	f.release, f.spec.Batch = "three", rollout.Size{Count: 2}
	f.tells(t, "three", 2)
	if two, one := f.told("two"), f.told("one"); two != 4 || one != 4 {
		t.Errorf("%d have two and %d have one", two, one)
	}
	if want := []string{"three", "two", "one"}; !slices.Equal(f.p.Releases(), want) {
		t.Errorf("contents %v are kept, want %v", f.p.Releases(), want)
	}
}

func TestClassesGoFirst(t *testing.T) {
	if a, b := rollout.KeyOf(0, "uid", "zebra"), rollout.KeyOf(1, "uid", "ant"); a >= b {
		t.Errorf("%s is not before %s", a, b)
	}
}

func sizes() *rapid.Generator[rollout.Size] {
	return rapid.Custom(func(t *rapid.T) rollout.Size {
		return rollout.Size{Count: rapid.IntRange(0, 5).Draw(t, "count"), Percent: rapid.IntRange(0, 60).Draw(t, "percent")}
	})
}

func specs() *rapid.Generator[rollout.Spec] {
	return rapid.Custom(func(t *rapid.T) rollout.Spec {
		return rollout.Spec{
			Batch: sizes().Draw(t, "batch"), MaxUnavailable: sizes().Draw(t, "unavailable"), PauseAt: rapid.IntRange(0, 100).Draw(t, "pause"),
			HealthWindow: time.Duration(rapid.IntRange(0, 3).Draw(t, "window")) * time.Minute,
			Deadline:     time.Duration(rapid.IntRange(0, 3).Draw(t, "deadline")) * time.Minute, Revert: rapid.Bool().Draw(t, "revert"),
		}
	})
}

// Whatever devices do and people want: the same question has the same answer, borders go one way, and nobody is told
// what was never asked for, nor left without a release that he was told before.
func TestARolloutIsNeverConfused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := newFleet(rapid.IntRange(0, 12).Draw(t, "devices"), specs().Draw(t, "spec"))
		f.release = "r0"
		asked := []string{"", "r0"}
		for i := range rapid.IntRange(1, 40).Draw(t, "steps") {
			f.now = f.now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second)
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				f.release = fmt.Sprint("r", i)
				asked = append(asked, f.release)
			case 1:
				f.spec.Paused = !f.spec.Paused
			case 2:
				f.p = f.p.Resume()
			case 3:
				f.join(100 + i)
			default:
				if keys := f.keys(); len(keys) > 0 {
					d := f.devices[rapid.SampledFrom(keys).Draw(t, "device")]
					d.state, d.since = rapid.SampledFrom([]rollout.State{rollout.Pending, rollout.Ready, rollout.Failed, rollout.Offline}).Draw(t, "state"), f.now
				}
			}
			before, had := f.p, map[rollout.Key]string{}
			for k, d := range f.devices {
				had[k] = d.told
			}
			s := f.look()
			for k, d := range f.devices {
				if !slices.Contains(asked, d.told) || d.told == "" && had[k] != "" {
					t.Fatalf("a device is told %q, and was told %q", d.told, had[k])
				}
			}
			if len(before.Layers) > 0 && before.Layers[0].Release == f.p.Layers[0].Release && f.p.Layers[0].Told < before.Layers[0].Told {
				t.Fatalf("the border goes back: %+v to %+v", before, f.p)
			}
			if f.spec.Paused && s.Reason != rollout.Reverted && s.Reason != rollout.Complete && f.p.Layers[0].Release == f.release && len(before.Layers) > 0 &&
				before.Layers[0].Release == f.release && f.p.Layers[0].Told != before.Layers[0].Told {
				t.Fatalf("paused, and more are told: %+v to %+v", before, f.p)
			}
			settled := f.p
			if f.look(); !cmp.Equal(settled, f.p) {
				t.Fatalf("asked again it says something else: %+v, %+v", settled, f.p)
			}
		}
	})
}

// When devices do what they are told, every rollout that nobody stops ends, with all on the release.
func TestEveryRolloutEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := finished(rapid.IntRange(0, 30).Draw(t, "devices"), specs().Draw(t, "spec"))
		for range 1000 {
			s := f.look()
			if s.Reason == rollout.Complete {
				if got := f.told("two"); got != len(f.devices) {
					t.Fatalf("%d of %d are told", got, len(f.devices))
				}
				return
			}
			for _, d := range f.devices {
				// A slow one fails by its deadline, which is another promise.
				if d.state == rollout.Pending && (f.spec.Deadline > 0 || rapid.Bool().Draw(t, "done")) {
					d.state, d.since = rollout.Ready, f.now
				}
			}
			f.now = f.now.Add(20 * time.Second)
		}
		t.Fatalf("it does not end: %+v, %+v", f.p, f.look())
	})
}
