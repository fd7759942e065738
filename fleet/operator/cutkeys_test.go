// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/apiserver"
	"nationtech.io/harmony/fleet/apiserver/apiservertest"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/callout/callouttest"
	"nationtech.io/harmony/fleet/callout/directory"
)

// watched is press-07 as the operator's watch tells it.
func watched(uid types.UID, taken string) *fleet.Device {
	d := &fleet.Device{ObjectMeta: metav1.ObjectMeta{Name: "press-07", UID: uid}}
	if taken != "" {
		d.Annotations = map[string]string{fleet.KeysTaken: taken}
	}
	return d
}

// watching has an operator watch the Devices of that API server, which lets the callouts of a world know, too.
func watching(t *testing.T, r *reign, w *callouttest.World) *apiservertest.Server {
	t.Helper()
	kubernetes := apiservertest.Start(t)
	kubernetes.Fleet(w.Issuer.Plane)
	w.Callout(func(c *callout.Config) {
		f, err := apiserver.Open(kubernetes.Kubeconfig, apiservertest.Namespace, "test", c.Log)
		if err != nil {
			t.Fatal(err)
		}
		c.Directory = directory.Of(f)
	})
	to, err := clientcmd.BuildConfigFromFlags("", kubernetes.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	scheme, mapper := runtime.NewScheme(), meta.NewDefaultRESTMapper(nil)
	if err := fleet.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	mapper.Add(fleet.GroupVersion.WithKind("Device"), meta.RESTScopeRoot)
	from, err := cache.New(to, cache.Options{Scheme: scheme, Mapper: mapper, ByObject: map[client.Object]cache.ByObject{
		&fleet.Device{}: {Field: fields.OneTermEqualSelector("spec.fleet", apiservertest.Namespace), Transform: stripped},
	}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	if err := r.watchDevices(ctx, from); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- from.Start(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return kubernetes
}

// enrolled makes a Device, and waits until all know it.
func enrolled(t *testing.T, r *reign, w *callouttest.World, kubernetes *apiservertest.Server, name string) (key assertion.Key, conn *nats.Conn) {
	t.Helper()
	kubernetes.Device(name, fleet.AccessAllowed)
	key = w.Enrol(name)
	eventually(t, "a device that is let in, and known", func() bool {
		if conn == nil {
			conn, _ = w.DialAs(name, w.Issuer.Token(name, key))
		}
		return conn != nil && r.state.Known(name)
	})
	return key, conn
}

func TestADeviceThatIsDeletedIsCutOff(t *testing.T) {
	w := callouttest.StartWith(t, callouttest.Options{Servers: 3})
	r := unbegun(t, w)
	r.swept = true
	kubernetes := watching(t, r, w)
	key, conn := enrolled(t, r, w, kubernetes, "press-07")
	_, other := enrolled(t, r, w, kubernetes, "oven-11")
	begin(t, r)
	held, stand := w.Issuer.Token("press-07", key), []*nats.Conn{conn}
	for _, url := range w.URLs() {
		conn, err := w.DialAs("press-07", held, func(o *nats.Options) error { o.Servers, o.Url = []string{url}, url; return nil })
		if err != nil {
			t.Fatal(err)
		}
		stand = append(stand, conn)
	}
	kubernetes.Drop("press-07")
	for _, conn := range stand {
		eventually(t, "a connection that is closed", conn.IsClosed)
	}
	if _, err := w.DialAs("press-07", held); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("it was let in: %v", err)
	}
	if err := other.Flush(); err != nil {
		t.Errorf("another device: %v", err)
	}
}

// The Device went while no operator led.
func TestANewLeaderCutsOffWhoIsNotEnrolled(t *testing.T) {
	w := callouttest.Start(t)
	r := unbegun(t, w)
	kubernetes := watching(t, r, w)
	_, conn := enrolled(t, r, w, kubernetes, "press-07")
	_, other := enrolled(t, r, w, kubernetes, "oven-11")
	r.leading.Store(false)
	kubernetes.Drop("press-07")
	eventually(t, "a device that is known no longer", func() bool { return !r.state.Known("press-07") })
	if err := conn.Flush(); err != nil {
		t.Fatal(err)
	}
	r.leading.Store(true)
	begin(t, r)
	eventually(t, "a connection that is closed", conn.IsClosed)
	if err := other.Flush(); err != nil {
		t.Errorf("another device: %v", err)
	}
}

func TestNobodyIsCutOffBeforeAllDevicesAreKnown(t *testing.T) {
	w := callouttest.Start(t)
	w.Callout(func(*callout.Config) {})
	conn := w.Device("press-07")
	r := unbegun(t, w)
	r.enrolled = func() bool { return false }
	if err := r.cutOff(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := conn.Flush(); err != nil || r.swept {
		t.Errorf("%v, %t", err, r.swept)
	}
}

// A thief has the key that was taken, and its connection.
func TestADeviceWhoseKeysWereTakenIsCutOffAndItsSuccessorComesBack(t *testing.T) {
	w := callouttest.Start(t)
	r := unbegun(t, w)
	r.swept = true
	kubernetes := watching(t, r, w)
	stolen, thief := enrolled(t, r, w, kubernetes, "press-07")
	begin(t, r)
	next := w.Enrol("press-07")
	if _, err := w.Issuer.Registry.Retire("press-07", stolen.ID); err != nil {
		t.Fatal(err)
	}
	kubernetes.Annotate("press-07", fleet.KeysTaken, time.Now().Format(time.RFC3339Nano))
	eventually(t, "a connection that is closed", thief.IsClosed)
	if a := w.Issuer.Ask(w.Issuer.Assertion("press-07", stolen)); a.Token != "" {
		t.Error("it has a token")
	}
	successor, err := w.DialAs("press-07", w.Issuer.Token("press-07", next))
	if err != nil {
		t.Fatal(err)
	}
	if err := successor.Flush(); err != nil {
		t.Error(err)
	}
}

func TestWhenKeysCountAsTaken(t *testing.T) {
	now := time.Now()
	ago := func(d time.Duration) string { return now.Add(-d).Format(time.RFC3339Nano) }
	for name, c := range map[string]struct {
		before any
		now    *fleet.Device
		cut    bool
	}{
		"none ever were":                     {nil, watched("1", ""), false},
		"before this operator began":         {nil, watched("1", ago(time.Hour)), true},
		"longer ago than a connection lasts": {nil, watched("1", ago(usersLive+time.Minute)), false},
		"by a clock that is ahead":           {nil, watched("1", ago(-time.Hour)), true},
		"by hand":                            {nil, watched("1", "now"), true},
		"just now":                           {watched("1", ""), watched("1", ago(0)), true},
		"once more":                          {watched("1", ago(time.Hour)), watched("1", ago(0)), true},
		"nothing changed":                    {watched("1", ago(time.Hour)), watched("1", ago(time.Hour)), false},
		"another Device of its name":         {watched("1", ""), watched("2", ""), true},
	} {
		o := &operator{cuts: newCuts()}
		o.leading.Store(true)
		o.setKeys(c.before, c.now, now)
		if cut := len(o.cuts.take(now.Add(denied))) == 1; cut != c.cut {
			t.Errorf("%s: it is cut off: %t", name, cut)
		}
	}
}

func TestAnOperatorThatDoesNotLeadRemembersNobodyWhoIsGone(t *testing.T) {
	o := &operator{cuts: newCuts()}
	o.dropAccess("press-07", time.Now())
	if len(o.cuts.all) != 0 {
		t.Errorf("%v", o.cuts.all)
	}
}

func TestOfADevicesAnnotationsOnlyWhatIsLookedAtIsKept(t *testing.T) {
	d := watched("1", "2026-11-30T08:00:00Z")
	d.Annotations["another"] = "x"
	if _, err := stripped(d); err != nil || len(d.Annotations) != 1 || d.Annotations[fleet.KeysTaken] == "" {
		t.Errorf("%v: %v", err, d.Annotations)
	}
	d = watched("1", "")
	d.Annotations = map[string]string{"another": "x"}
	if _, err := stripped(d); err != nil || d.Annotations != nil {
		t.Errorf("%v: %v", err, d.Annotations)
	}
}
