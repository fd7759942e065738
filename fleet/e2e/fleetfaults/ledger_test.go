// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package fleetfaults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

// A ledger has what the API server has acknowledged: the last intent of each Deployment.
type ledger struct {
	*world
	mu    sync.Mutex
	live  map[string]intent             // by name
	ever  map[contract.WorkloadUID]bool // whether it was deleted, by the UIDs that there ever were
	acked int                           // how many requests were answered with 2xx
	early map[contract.WorkloadUID]int  // devices that had removed what was not deleted yet
	taken map[contract.WorkloadUID]int  // devices that had removed rightly what was brought back
	made  int
}

// An intent is a Deployment as it was acknowledged.
type intent struct {
	name   string
	uid    contract.WorkloadUID
	digest contract.Digest
	at     map[string]string // its selector
}

func newLedger(w *world) *ledger {
	return &ledger{world: w, live: map[string]intent{}, ever: map[contract.WorkloadUID]bool{}, early: map[contract.WorkloadUID]int{}, taken: map[contract.WorkloadUID]int{}}
}

// selects tells whether it is for that device.
func (i intent) selects(b *box) bool {
	for name, value := range i.at {
		if b.labels[name] != value {
			return false
		}
	}
	return true
}

// errGoing says that the name belongs to one that is being deleted.
var errGoing = errors.New("it is being deleted")

// retry does what one request asks for until it is acknowledged: whether one that failed came about nobody knows.
func (l *ledger) retry(ctx context.Context, what string, do func(context.Context) error) error {
	return wait.Until(ctx, what+" to be acknowledged", wait.Pace{Limit: 2 * time.Minute}, func(ctx context.Context) (string, bool, error) {
		err := do(ctx)
		if errors.Is(err, errGoing) {
			return "", false, err
		}
		return fmt.Sprint(err), err == nil, nil
	})
}

// put has a Deployment of that name run an image on those devices.
func (l *ledger) put(ctx context.Context, name string, at map[string]string, c contract.Container) error {
	data, err := json.Marshal(contract.Podman{Services: []contract.Container{c}})
	if err != nil {
		return err
	}
	return l.retry(ctx, "Deployment "+name, func(ctx context.Context) error { return l.putOnce(ctx, name, at, data) })
}

func (l *ledger) putOnce(ctx context.Context, name string, at map[string]string, data []byte) error {
	d := &fleet.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: name}}
	err := l.client.Get(ctx, client.ObjectKeyFromObject(d), d)
	if err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	if d.DeletionTimestamp != nil {
		return errGoing
	}
	d.Spec.TargetSelector, d.Spec.Score = metav1.LabelSelector{MatchLabels: at}, fleet.Score{Type: contract.PodmanType, Data: runtime.RawExtension{Raw: data}}
	if d.UID == "" {
		err = l.client.Create(ctx, d)
	} else {
		err = l.client.Update(ctx, d)
	}
	if err != nil {
		return err
	}
	return l.acknowledge(d)
}

// acknowledge notes an object as the API server has answered with it.
func (l *ledger) acknowledge(d *fleet.Deployment) error {
	uid, err := contract.ParseWorkloadUID(string(d.UID))
	if err != nil {
		return err
	}
	release, err := contract.NewRelease(d.Spec.Score.Type, d.Spec.Score.Data.Raw)
	if err != nil {
		return err
	}
	_, digest, err := release.Encode()
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acked++
	l.live[d.Name], l.ever[uid] = intent{d.Name, uid, digest, d.Spec.TargetSelector.MatchLabels}, false
	return nil
}

// drop deletes the Deployment of that name.
func (l *ledger) drop(ctx context.Context, name string) error {
	l.mu.Lock()
	is, there := l.live[name]
	l.mu.Unlock()
	if !there {
		return nil
	}
	early := l.removed(is.uid)
	err := l.retry(ctx, "that Deployment "+name+" is deleted", func(ctx context.Context) error {
		return client.IgnoreNotFound(l.client.Delete(ctx, &fleet.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: l.namespace, Name: name}}))
	})
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acked++
	l.early[is.uid], l.ever[is.uid] = early, true
	delete(l.live, name)
	return nil
}

// intents are those that hold now.
func (l *ledger) intents() (all []intent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, is := range l.live {
		all = append(all, is)
	}
	return all
}

const (
	// names is how many Deployments the load makes.
	names = 6
	// loadEvery is how often it makes, changes or deletes one.
	loadEvery = 150 * time.Millisecond
	// realEvery is the same where containers are made for it.
	realEvery = time.Second
)

// load makes, changes and deletes Deployments until calm is called.
func (w *world) load() {
	ctx, stop := context.WithCancel(w.t.Context())
	random := rand.New(rand.NewPCG(w.random.Uint64(), 0))
	ended := make(chan error, 1)
	go func() {
		var err error
		every := loadEvery
		if w.image != "" {
			every = realEvery
		}
		for err == nil && wait.Sleep(ctx, every) == nil {
			if err = w.anything(w.t.Context(), random); errors.Is(err, errGoing) {
				err = nil
			}
		}
		ended <- err
	}()
	w.stopLoad = sync.OnceValue(func() error { stop(); return <-ended })
	w.t.Cleanup(stop)
}

// calm ends the load; what was asked last is acknowledged then.
func (w *world) calm() {
	w.t.Helper()
	check(w.t, w.stopLoad())
}

// anything is one request of the load.
func (w *world) anything(ctx context.Context, random *rand.Rand) error {
	i := random.IntN(names)
	name := fmt.Sprintf("web-%d", i)
	if random.IntN(12) == 0 {
		return w.drop(ctx, name)
	}
	return w.put(ctx, name, where(i), w.any())
}

// where is what the Deployment with that number selects: half of them all devices, the others a group.
func where(i int) map[string]string {
	if i < names/2 {
		return map[string]string{allLabel: "yes"}
	}
	return map[string]string{groupLabel: groups[i-names/2]}
}

// any is a container that was not asked for before.
func (l *ledger) any() contract.Container {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.made++
	if l.image != "" {
		return contract.Container{Name: "web", Image: l.image, Args: []string{fmt.Sprint("say=", l.made), "wait"}}
	}
	return contract.Container{Name: "web", Image: fmt.Sprintf("registry.invalid/web:%d", l.made)}
}

// putAny has the Deployment with that number run something new.
func (w *world) putAny(i int) {
	w.t.Helper()
	check(w.t, w.put(w.t.Context(), fmt.Sprintf("web-%d", i), where(i), w.any()))
}
