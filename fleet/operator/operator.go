// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/operator/bus"
	"nationtech.io/harmony/fleet/operator/kick"
	"nationtech.io/harmony/fleet/operator/plane"
)

// An operator is one process of a fleet's control plane.
type operator struct {
	Config
	log       *slog.Logger
	client    client.Client // a witness that reads what is watched
	reader    client.Reader // asks the API server
	recorder  events.EventRecorder
	state     *plane.State
	contents  *contents
	infos     *infos
	revisions revisions
	reported  reported
	bus       *bus.Bus
	kicker    *kick.Kicker // nil where there is no user for it
	cuts      *cuts
	enrolled  func() bool // all Devices are known that there were at first
	looked    looked
	metrics   *metrics
	api       *door
	leading   atomic.Bool
	// converged is true once the operator has heard of the devices in its term.
	converged atomic.Bool
	// lively is when the loops of the leader last went round, which setting the clock does not change.
	lively atomic.Pointer[time.Time]
}

// Run runs an operator until the context ends. Its error says what could not be started, or why it must not lead any longer;
// then another process has to.
func Run(ctx context.Context, to *rest.Config, c Config) error {
	if c.RemovalLimit == 0 {
		c.RemovalLimit = defaultRemovalLimit
	}
	if c.OfflineLimit == 0 {
		c.OfflineLimit = defaultOfflineLimit
	}
	ctrl.SetLogger(logr.FromSlogHandler(c.Log.Handler()))
	m, err := newManager(to, c)
	if err != nil {
		return err
	}
	b, err := bus.Open(c.NATS, c.Log)
	if err != nil {
		return err
	}
	defer b.Close()
	k, err := openKicker(c)
	if err != nil {
		return err
	}
	if k != nil {
		defer k.Close()
	}
	o := &operator{
		Config: c, log: c.Log, reader: m.GetAPIReader(), recorder: m.GetEventRecorder("harmony-fleet-operator"),
		state: plane.New(), contents: newContents(), infos: newInfos(), bus: b, kicker: k, cuts: newCuts(),
	}
	o.client = witness{m.GetClient(), &o.revisions}
	o.metrics = newMetrics(o)
	if err := o.register(ctx, m); err != nil {
		return err
	}
	if err := m.Start(ctx); err != nil {
		return fmt.Errorf("run the operator: %w", err)
	}
	return nil
}

func newManager(to *rest.Config, c Config) (manager.Manager, error) {
	scheme := runtime.NewScheme()
	if err := fleet.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("know the kinds: %w", err)
	}
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, authenticationv1.AddToScheme, authorizationv1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("know the kinds: %w", err)
		}
	}
	namespaces := map[string]cache.Config{}
	for _, name := range c.Namespaces {
		namespaces[name] = cache.Config{}
	}
	m, err := manager.New(to, manager.Options{
		Scheme: scheme, Logger: logr.FromSlogHandler(c.Log.Handler()),
		LeaderElection: true, LeaderElectionID: fleet.LeaderLease, LeaderElectionNamespace: c.Namespace, LeaderElectionReleaseOnCancel: true,
		Metrics: metricsserver.Options{BindAddress: orNone(c.MetricsListen)}, HealthProbeBindAddress: orNone(c.HealthListen),
		Cache: cache.Options{ReaderFailOnMissingInformer: false, ByObject: map[client.Object]cache.ByObject{
			&fleet.Deployment{}: {Namespaces: namespaces, Transform: cache.TransformStripManagedFields()},
			&fleet.FleetState{}: {Namespaces: map[string]cache.Config{c.Namespace: {}}, Transform: cache.TransformStripManagedFields()},
			&fleet.Device{}: {
				Field: fields.OneTermEqualSelector("spec.fleet", c.Namespace), Transform: stripped, UnsafeDisableDeepCopy: new(true),
			},
		}},
	})
	if err != nil {
		return nil, fmt.Errorf("prepare the operator: %w", err)
	}
	return m, nil
}

// stripped keeps of a Device what the operator looks at: there may be many.
func stripped(o any) (any, error) {
	if d, ok := o.(*fleet.Device); ok {
		taken := d.Annotations[fleet.KeysTaken]
		if d.ManagedFields, d.Annotations = nil, nil; taken != "" {
			d.Annotations = map[string]string{fleet.KeysTaken: taken}
		}
		if has := d.Status.Inventory; has != nil {
			has.Hostname, has.Disks, has.Runtime = "", nil, ""
		}
	}
	return o, nil
}

func orNone(address string) string {
	if address == "" {
		return "0"
	}
	return address
}

// register says what runs in every process, and what in the leader only.
func (o *operator) register(ctx context.Context, m manager.Manager) error {
	if err := o.watchDevices(ctx, m.GetCache()); err != nil {
		return err
	}
	if err := o.watchFleet(ctx, m.GetCache()); err != nil {
		return err
	}
	if err := o.watchDeployments(m); err != nil {
		return err
	}
	if err := o.metrics.register(); err != nil {
		return err
	}
	if err := o.probes(m); err != nil {
		return err
	}
	return m.Add(leader{o})
}
