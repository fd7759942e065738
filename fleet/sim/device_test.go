// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"nationtech.io/harmony/fleet/agent/decide"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

// A wire keeps what a device says, and answers nothing.
type wire struct {
	mu   sync.Mutex
	sent map[string][][]byte
}

func (w *wire) Publish(subject string, data []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent[subject] = append(w.sent[subject], data)
	return nil
}

func (w *wire) on(subject string) [][]byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent[subject]
}

// A bench is a device whose other end is the test.
type bench struct {
	*Device
	*wire
	plane  contract.PlaneID
	uid    contract.WorkloadUID
	number int64
}

func device(t *testing.T, script Behaviour) *bench {
	t.Helper()
	w := &wire{sent: map[string][][]byte{}}
	uid, err := contract.ParseWorkloadUID("3f0c2a9e-5b1d-4c77-9a64-0d2b8e6f1a35")
	if err != nil {
		t.Fatal(err)
	}
	d := NewDevice(w, name(t, "press-07"), Config{}, NewBooks())
	d.Behave(script)
	return &bench{d, w, contract.NewPlaneID(), uid, 0}
}

func name(t *testing.T, text string) contract.DeviceID {
	t.Helper()
	id, err := contract.ParseDeviceID(text)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// told sends the device a manifest with one entry.
func (b *bench) told(t *testing.T, generation int64, digest contract.Digest, want contract.Want) {
	t.Helper()
	b.number++
	data, err := contract.Manifest{
		Plane: b.plane, Device: b.ID(), Order: contract.Order{Epoch: 1, Term: 1, Number: b.number},
		Deployments: []contract.Entry{{Namespace: "shop", Name: "web", UID: b.uid, Generation: generation, Digest: digest, Want: want}},
	}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	b.Hear(contract.DesiredSubject(b.ID()), data)
}

// given gives the device a content under that digest.
func (b *bench) given(digest contract.Digest, body string) {
	b.Hear(contract.AnswerBodySubject(b.ID(), digest.String()), []byte(body))
}

// reports gives the phase and the code of each report that names the workload, in order.
func (b *bench) reports(t *testing.T) (all []string) {
	t.Helper()
	for _, data := range b.on(contract.StateSubject(b.ID())) {
		s, err := contract.DecodeState(data, b.ID())
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range s.Workloads {
			all = append(all, string(w.Phase)+w.Code)
		}
	}
	return all
}

var one, two = contract.DigestOf([]byte("1")), contract.DigestOf([]byte("2"))

func TestADeviceRunsOnlyWhatItsDigestNames(t *testing.T) {
	b := device(t, Behaviour{})
	b.told(t, 1, one, contract.Present)
	if asked := b.on(contract.FetchBodySubject(b.ID(), one.String())); len(asked) != 1 {
		t.Fatalf("it asked %d times for the content", len(asked))
	}
	b.given(one, "not 1")
	if c := b.books.Counts(); c.Wrong != 1 || len(b.Runs()) != 0 {
		t.Errorf("after other bytes than those: %+v, runs %v", c, b.Runs())
	}
	b.given(one, "1")
	if is := b.Runs()[b.uid]; is != (Run{one, 1}) {
		t.Errorf("runs %+v", is)
	}
	// Until the next release is there, the one before it runs.
	b.told(t, 2, two, contract.Present)
	if is := b.Runs()[b.uid]; is != (Run{one, 1}) {
		t.Errorf("while it fetches, runs %+v", is)
	}
	b.given(two, "2")
	if b.books.Running(b.uid, one) != 0 || b.books.Running(b.uid, two) != 1 {
		t.Errorf("runs %+v", b.Runs())
	}
	b.told(t, 2, two, contract.Absent)
	if b.books.Removed(b.uid) != 1 || len(b.Runs()) != 0 {
		t.Errorf("after its removal: runs %+v", b.Runs())
	}
}

func TestADeviceThatIsSentBackwardsSaysSoAndKeepsWhatItHas(t *testing.T) {
	b := device(t, Behaviour{})
	b.told(t, 2, two, contract.Present)
	b.given(two, "2")
	b.told(t, 1, one, contract.Present)
	if c := b.books.Counts(); c.Backwards != 1 || b.Runs()[b.uid] != (Run{two, 2}) {
		t.Errorf("%+v, runs %v", c, b.Runs())
	}
	if said := b.reports(t); said[len(said)-1] != "Aheadahead" {
		t.Errorf("it said %v", said)
	}
	b.number -= 2
	b.told(t, 3, one, contract.Present)
	if c := b.books.Counts(); c.Stale != 1 {
		t.Errorf("a manifest that came late: %+v", c)
	}
}

func TestWhatIsNotListedKeepsRunning(t *testing.T) {
	b := device(t, Behaviour{})
	b.told(t, 1, one, contract.Present)
	b.given(one, "1")
	uid := b.uid
	other, err := contract.ParseWorkloadUID("00000000-5b1d-4c77-9a64-0d2b8e6f1a35")
	if err != nil {
		t.Fatal(err)
	}
	b.uid = other
	b.told(t, 1, two, contract.Absent)
	if b.Runs()[uid].Digest != one || b.books.Removed(uid) != 0 {
		t.Errorf("runs %+v", b.Runs())
	}
	if said := b.reports(t); said[len(said)-1] != string(contract.Unlisted) {
		t.Errorf("it said %v", said)
	}
}

func passes(t *testing.T, d time.Duration) {
	t.Helper()
	if err := wait.Sleep(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

func TestScriptsAreFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := device(t, Behaviour{Delay: time.Minute})
		slow.told(t, 1, one, contract.Present)
		slow.given(one, "1")
		if said := slow.reports(t); len(slow.Runs()) != 0 || said[len(said)-1] != string(contract.Starting) {
			t.Errorf("a slow device: runs %+v, said %v", slow.Runs(), said)
		}
		flaps := device(t, Behaviour{Flap: 40 * time.Second})
		flaps.told(t, 1, one, contract.Present)
		flaps.given(one, "1")
		away := device(t, Behaviour{Offline: Span{10 * time.Second, 50 * time.Second}})
		passes(t, 45*time.Second)
		flaps.Tick(time.Now())
		if said := flaps.reports(t); said[len(said)-1] != "Failedflapping" {
			t.Errorf("a device that flaps said %v", said)
		}
		away.Tick(time.Now())
		away.told(t, 1, one, contract.Present)
		if away.Held().Manifest != (contract.Digest{}) || len(away.sent) != 0 {
			t.Error("a device that is offline has heard or spoken")
		}
		passes(t, 40*time.Second)
		flaps.Tick(time.Now())
		if said := flaps.reports(t); said[len(said)-1] != string(contract.Running) {
			t.Errorf("a device that flaps said %v", said)
		}
		away.Tick(time.Now())
		if len(away.on(contract.HeartbeatSubject(away.ID()))) != 1 || len(away.on(contract.FetchManifestSubject(away.ID()))) != 1 {
			t.Errorf("a device that is back has said %v", away.sent)
		}
		if slow.Runs()[slow.uid].Digest != one {
			t.Errorf("a slow device, later: runs %+v", slow.Runs())
		}
	})
}

func TestALiarIsCaughtByTheBooks(t *testing.T) {
	b := device(t, Behaviour{Lie: true})
	b.told(t, 1, one, contract.Present)
	if said := b.reports(t); len(said) != 2 || said[0] != string(contract.Running) || said[1] != string(contract.Running) {
		t.Errorf("it said %v", said)
	}
	if b.books.Running(b.uid, one) != 0 || len(b.on(contract.FetchBodySubject(b.ID(), one.String()))) != 0 {
		t.Error("it runs something")
	}
}

func TestAwaitSaysHowFarItCame(t *testing.T) {
	b := device(t, Behaviour{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.books.Await(ctx, b.uid, one, 1); err == nil || err.Error() != one.String()[:12]+" of "+b.uid.String()+" runs on 0 of 1 devices: context canceled" {
		t.Errorf("%v", err)
	}
	b.told(t, 1, one, contract.Present)
	b.given(one, "1")
	if at, err := b.books.Await(t.Context(), b.uid, one, 1); err != nil || at.IsZero() {
		t.Errorf("%v: %v", at, err)
	}
}

func TestADeviceObeysAsTheAgentDoes(t *testing.T) {
	b := device(t, Behaviour{})
	b.told(t, 1, one, contract.Present)
	b.plane = contract.NewPlaneID()
	b.told(t, 2, two, contract.Present)
	if c := b.books.Counts(); c.Foreign != 1 || c.Accepted != 1 || b.Held().Records[b.uid] != (decide.Record{
		Namespace: "shop", Name: "web", Generation: 1, Epoch: 1, Digest: one, Want: contract.Present, Listed: true,
	}) {
		t.Errorf("%+v, holds %+v", c, b.Held())
	}
}
