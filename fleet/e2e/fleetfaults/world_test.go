// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package fleetfaults

import (
	"context"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"nationtech.io/harmony/fleet/agent/natstest"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/sim"
	"nationtech.io/harmony/fleet/stream"
	"nationtech.io/harmony/wait"
)

const (
	password = "faults" // of everyone: all listens on loopback
	operator = "operator"
	admin    = "admin"
	// few devices are enough for most faults.
	few = 24
	// beat is how often simulated devices say that they live.
	beat = 2 * time.Second
)

// groups are what selectors choose by; everyone is in all.
var groups = []string{"a", "b", "c"}

const (
	groupLabel = "group"
	allLabel   = "fleet"
)

// A world is one fleet, with all that it consists of.
type world struct {
	*cluster
	*ledger
	t         *testing.T
	seed      uint64
	random    *rand.Rand
	namespace string
	dir       string
	flags     []string // of the operator
	natsAt    string
	nats      *process
	operator  *kept
	// near and far are how devices reach NATS, a third of them by far; control is how the operator does.
	near, far, control *wire
	boxes              []*box
	books              []*sim.Books // of all simulated devices that there ever were
	leaves             map[*sim.Fleet]func()
	stopLoad           func() error
	notes              []string
	image              string // that real devices can run; any other one when it is empty
}

// A box is one device.
type box struct {
	id     contract.DeviceID
	labels map[string]string
	device *sim.Device // nil of a real one
	real   *real       // nil of a simulated one
	far    bool
	// refuses says that it runs nothing of what it is told; away, that the operator does not hear it; odd, that nobody can tell what
	// it says of itself.
	refuses, away, odd bool
}

// begin makes a fleet that lives.
func begin(t *testing.T, c *cluster, f fault, seed uint64) *world {
	t.Helper()
	of := fnv.New64()
	_, _ = of.Write([]byte(f.name)) // it never fails
	w := &world{cluster: c, t: t, seed: seed, random: rand.New(rand.NewPCG(seed, of.Sum64())), dir: t.TempDir(), flags: f.flags, leaves: map[*sim.Fleet]func(){}, stopLoad: func() error { return nil }}
	w.namespace = fmt.Sprintf("%s-%04x", f.name, w.random.Uint32()&0xffff)
	w.ledger = newLedger(w)
	check(t, c.kubectl(t.Context(), "create", "namespace", w.namespace))
	check(t, w.make(t.Context(), &fleet.FleetState{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: fleet.FleetStateName},
		Spec:       fleet.FleetStateSpec{Grants: []fleet.Grant{{Namespace: w.namespace}}},
	}))
	n := f.devices
	if n == 0 {
		n = few
	}
	w.enrol(n, f.real)
	w.serve(max(f.each, 1))
	w.operator = w.another("one")
	check(t, w.operator.up())
	check(t, w.leads(t.Context(), 0))
	w.inhabit(max(f.each, 1))
	if f.real > 0 {
		w.boot(f)
	}
	return w
}

// enrol makes the Devices, the last of which are real.
func (w *world) enrol(n, actual int) {
	w.t.Helper()
	for i := range n {
		id, err := contract.ParseDeviceID(fmt.Sprintf("%s-%d", w.namespace, i))
		check(w.t, err)
		b := &box{id: id, labels: map[string]string{allLabel: "yes", groupLabel: groups[i%len(groups)]}, far: i < n/3}
		if i >= n-actual {
			b.real = &real{}
			b.labels["real"] = "yes"
		}
		w.boxes = append(w.boxes, b)
	}
	group, ctx := errgroup.WithContext(w.t.Context())
	group.SetLimit(enrolAtOnce)
	for _, b := range w.boxes {
		group.Go(func() error { return w.make(ctx, b.object(w.namespace)) })
	}
	check(w.t, group.Wait())
}

// enrolAtOnce is how many Devices are made side by side.
const enrolAtOnce = 16

// make makes an object, if it takes several attempts.
func (w *world) make(ctx context.Context, o client.Object) error {
	return w.retry(ctx, o.GetName(), func(ctx context.Context) error {
		fresh, _ := o.DeepCopyObject().(client.Object) // one that was not sent yet
		if err := w.client.Create(ctx, fresh); !apierrors.IsAlreadyExists(err) {
			return err
		}
		return nil
	})
}

func (b *box) object(namespace string) *fleet.Device {
	return &fleet.Device{ObjectMeta: metav1.ObjectMeta{Name: b.id.String(), Labels: b.labels}, Spec: fleet.DeviceSpec{Fleet: namespace}}
}

// serve starts NATS, with the accounts, the border and the rights of a fleet, and the wires to it.
func (w *world) serve(each int) {
	w.t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	check(w.t, err)
	w.natsAt = free.Addr().String()
	check(w.t, free.Close())
	rights := stream.OperatorRights()
	c := natstest.Config{
		Listen: w.natsAt, Dir: filepath.Join(w.dir, "streams"),
		Fleet: []natstest.User{{Name: operator, Password: password, Rights: &rights}, {Name: admin, Password: password}},
	}
	for _, devices := range append(w.lines(true, each), w.lines(false, each)...) {
		u := natstest.User{Name: devices[0].String(), Password: password, Rights: natstest.Rights(devices...)}
		c.Devices, c.Subscriptions = append(c.Devices, u), max(c.Subscriptions, len(u.Rights.Subscribe))
	}
	check(w.t, os.WriteFile(filepath.Join(w.dir, "nats.conf"), []byte(c.Text()), 0o600))
	check(w.t, os.WriteFile(filepath.Join(w.dir, "password"), []byte(password), 0o600))
	for _, to := range []**wire{&w.near, &w.far, &w.control} {
		*to, err = newWire(w.natsAt)
		check(w.t, err)
		w.t.Cleanup((*to).close)
	}
	check(w.t, w.natsUp())
	w.t.Cleanup(func() { w.nats.kill() })
}

// lines are the devices that share a connection: those that are far, or the others.
func (w *world) lines(far bool, each int) [][]contract.DeviceID {
	var all []contract.DeviceID
	for _, b := range w.boxes {
		if b.far == far {
			all = append(all, b.id)
		}
	}
	return sim.Groups(all, each)
}

func (w *world) natsUp() (err error) {
	w.nats, err = start(filepath.Join(w.dir, "nats.log"), nil, filepath.Join(w.programs, "nats-server"), "--config", filepath.Join(w.dir, "nats.conf"))
	if err != nil {
		return err
	}
	conn, err := w.administrator(context.Background())
	if err == nil {
		conn.Close()
	}
	return err
}

// administrator connects with all rights in the account of the control plane.
func (w *world) administrator(ctx context.Context) (conn *nats.Conn, err error) {
	err = wait.Until(ctx, "NATS", wait.Pace{Limit: time.Minute, Every: 20 * time.Millisecond}, func(context.Context) (string, bool, error) {
		var refused error
		conn, refused = nats.Connect("nats://"+w.natsAt, nats.UserInfo(admin, password))
		return fmt.Sprint(refused), refused == nil, nil
	})
	return conn, err
}

// streams does something to the buckets of the fleet, behind the back of the operator.
func (w *world) streams(do func(ctx context.Context, js jetstream.JetStream) error) error {
	conn, err := w.administrator(w.t.Context())
	if err != nil {
		return err
	}
	defer conn.Close()
	js, err := jetstream.New(conn)
	if err != nil {
		return err
	}
	return do(w.t.Context(), js)
}

// another is an operator of this fleet, which is down as yet.
func (w *world) another(name string) *kept {
	k := &kept{start: func() (*process, error) {
		args := append([]string{
			"--kubeconfig", w.kubeconfig, "--namespace", w.namespace, "--nats-url", w.control.url(), "--nats-user", operator,
			"--nats-password-file", filepath.Join(w.dir, "password"), "--health-listen=", "--metrics-listen=",
		}, w.flags...)
		return start(filepath.Join(w.dir, "operator-"+name+".log"), []string{"POD_NAME=" + name}, filepath.Join(w.programs, "harmony-fleet-operator"), args...)
	}}
	w.t.Cleanup(k.down)
	return k
}

// state is the FleetState.
func (w *world) state(ctx context.Context) (*fleet.FleetState, error) {
	var f fleet.FleetState
	err := w.client.Get(ctx, client.ObjectKey{Namespace: w.namespace, Name: fleet.FleetStateName}, &f)
	return &f, err
}

// leads waits until an operator leads in a term above that one.
func (w *world) leads(ctx context.Context, above int64) error {
	return wait.Until(ctx, "an operator to lead", wait.Pace{Limit: time.Minute, Every: 100 * time.Millisecond}, func(ctx context.Context) (string, bool, error) {
		f, err := w.state(ctx)
		return fmt.Sprint(f.Status.Term, err), err == nil && f.Status.Term > above, nil
	})
}

// inhabit lets the simulated devices live.
func (w *world) inhabit(each int) {
	w.t.Helper()
	for _, far := range []bool{true, false} {
		var simulated [][]contract.DeviceID
		for _, devices := range w.lines(far, each) {
			if w.box(devices[0]).real == nil {
				simulated = append(simulated, devices)
			}
		}
		for _, d := range w.join(far, simulated...).Devices() {
			w.box(d.ID()).device = d
		}
	}
}

// join lets more devices live, with their own books.
func (w *world) join(far bool, groups ...[]contract.DeviceID) *sim.Fleet {
	w.t.Helper()
	by := w.near
	if far {
		by = w.far
	}
	lines, err := sim.Connect(w.t.Context(), by.url(), func(of []contract.DeviceID) (user, secret string) { return of[0].String(), password }, groups)
	check(w.t, err)
	f := sim.New(lines, sim.Config{Beat: beat})
	w.books = append(w.books, f.Books)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	leave := sync.OnceFunc(func() {
		stop()
		<-done // its error is one of a connection that a fault has ended
		sim.Close(lines)
	})
	w.t.Cleanup(leave)
	w.leaves[f] = leave
	return f
}

func (w *world) box(id contract.DeviceID) *box {
	for _, b := range w.boxes {
		if b.id == id {
			return b
		}
	}
	w.t.Fatalf("there is no device %s", id)
	return nil
}

// some are that many simulated devices, chosen at random.
func (w *world) some(n int) (all []*box) {
	for _, i := range w.random.Perm(len(w.boxes)) {
		if b := w.boxes[i]; len(all) < n && b.device != nil && !b.refuses {
			all = append(all, b)
		}
	}
	return all
}

// moment lets a random time pass.
func (w *world) moment(least, most time.Duration) {
	_ = wait.Sleep(w.t.Context(), least+time.Duration(w.random.Int64N(int64(most-least)+1))) // a test that ends says so elsewhere
}

// note says what was seen, in the line of the case.
func (w *world) note(format string, args ...any) {
	w.notes = append(w.notes, fmt.Sprintf(format, args...))
}
