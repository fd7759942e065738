// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/operator"
	"nationtech.io/harmony/fleet/sim"
	"nationtech.io/harmony/topology/local"
	"nationtech.io/harmony/wait"
)

const (
	// namespace is that of the measured fleet, and its name.
	namespace = "bench-fleet"
	label     = "bench"
	// part is the label by which devices divide into so many parts.
	part  = "part"
	parts = 100
	// seen is how often is looked for what is timed.
	seen = 20 * time.Millisecond
	// enrolAtOnce is how many Devices are made side by side.
	enrolAtOnce = 48
)

// kubernetes is a real API server, with the kinds of a fleet and a FleetState.
type kubernetes struct {
	kubeconfig string
	client     client.Client
	config     *rest.Config
	enrolled   int
}

// up starts the local cluster anew, and gives what leads to it. Its etcd does not write through to the disk, on which NATS has its
// streams as well: what is measured would be the disk.
func (b *bench) up(ctx context.Context) (kubeconfig string, err error) {
	if err := b.down(ctx); err != nil {
		return "", err
	}
	if _, err := command(ctx, "bin/localkube", "up", "--fsync=false", "--name", b.cluster); err != nil {
		return "", err
	}
	topology, err := local.Open(ctx, local.Options{Name: b.cluster})
	if err != nil {
		return "", err
	}
	topology.Close()
	return topology.Cluster().Kubeconfig, nil
}

// open prepares what is at the end of its kubeconfig.
func (k *kubernetes) open(ctx context.Context) (err error) {
	if k.config, err = clientcmd.BuildConfigFromFlags("", k.kubeconfig); err != nil {
		return fmt.Errorf("read a kubeconfig: %w", err)
	}
	k.config.QPS = -1
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{fleet.AddToScheme, corev1.AddToScheme, apiextensionsv1.AddToScheme} {
		if err := add(scheme); err != nil {
			return fmt.Errorf("know the kinds: %w", err)
		}
	}
	if k.client, err = client.New(k.config, client.Options{Scheme: scheme}); err != nil {
		return fmt.Errorf("reach the API server: %w", err)
	}
	texts, err := fleet.Definitions()
	if err != nil {
		return err
	}
	for _, text := range texts {
		var d apiextensionsv1.CustomResourceDefinition
		if err := yaml.UnmarshalStrict(text, &d); err != nil {
			return fmt.Errorf("read a definition: %w", err)
		}
		if err := k.make(ctx, &d); err != nil {
			return err
		}
	}
	if err := k.make(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}); err != nil {
		return err
	}
	// The kinds are served some moments after their definitions are there.
	return wait.Until(ctx, "the kinds of a fleet to be served", wait.Pace{Limit: upLimit}, func(ctx context.Context) (string, bool, error) {
		err := k.make(ctx, &fleet.FleetState{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fleet.FleetStateName},
			Spec:       fleet.FleetStateSpec{Grants: []fleet.Grant{{Namespace: namespace}}},
		})
		return fmt.Sprint(err), err == nil, nil
	})
}

// make makes an object that may be there already.
func (k *kubernetes) make(ctx context.Context, o client.Object) error {
	if err := k.client.Create(ctx, o); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("make %s: %w", o.GetName(), err)
	}
	return nil
}

// enrol makes the Devices that are not there yet, as an operator leaves those that it has heard of: what it writes of each for
// the first time is then no part of what is counted.
func (k *kubernetes) enrol(ctx context.Context, devices []contract.DeviceID) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(enrolAtOnce)
	for i, id := range devices[k.enrolled:] {
		labels := map[string]string{label: "fleet", part: strconv.Itoa((k.enrolled + i) % parts)}
		group.Go(func() error {
			d := &fleet.Device{ObjectMeta: metav1.ObjectMeta{Name: id.String(), Labels: labels}, Spec: fleet.DeviceSpec{Fleet: namespace}}
			switch err := k.client.Create(ctx, d); {
			case apierrors.IsAlreadyExists(err):
				return nil
			case err != nil:
				return fmt.Errorf("enrol %s: %w", id, err)
			}
			d.Status = operator.Known(sim.Info(id, simulated))
			d.Status.Conditions = []metav1.Condition{{
				Type: fleet.ConditionReady, Status: metav1.ConditionTrue, ObservedGeneration: d.Generation, LastTransitionTime: metav1.Now(),
				Reason: "Heard", Message: "the device is heard of",
			}}
			if err := k.client.Status().Update(ctx, d); err != nil {
				return fmt.Errorf("enrol %s: %w", id, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	k.enrolled = len(devices)
	return nil
}

// simulated is the version that simulated devices say.
const simulated = "simulated"

// term is how many operators have led the fleet.
func (k *kubernetes) term(ctx context.Context) (int64, error) {
	var f fleet.FleetState
	if err := k.client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: fleet.FleetStateName}, &f); err != nil {
		return 0, fmt.Errorf("read the FleetState: %w", err)
	}
	return f.Status.Term, nil
}

// writes asks the API server how many requests it has had that write objects of a fleet, or events.
func (k *kubernetes) writes(ctx context.Context) (total float64, err error) {
	asks, err := rest.HTTPClientFor(k.config)
	if err != nil {
		return 0, fmt.Errorf("ask the API server for its metrics: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, k.config.Host+"/metrics", http.NoBody)
	if err != nil {
		return 0, fmt.Errorf("ask the API server for its metrics: %w", err)
	}
	answer, err := asks.Do(request)
	if err != nil {
		return 0, fmt.Errorf("ask the API server for its metrics: %w", err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, fmt.Errorf("read the metrics of the API server: %w", err)
	}
	return countWrites(text)
}

var (
	requests = regexp.MustCompile(`(?m)^apiserver_request_total\{([^}]*)\} (\S+)$`)
	ofFleet  = regexp.MustCompile(`group="(fleet|events\.k8s)\.`)
	writing  = regexp.MustCompile(`verb="(POST|PUT|PATCH|APPLY|DELETE|DELETECOLLECTION)"`)
)

// countWrites adds up what the metrics of an API server say of requests that write what an operator writes: objects of a
// fleet, and events, of which some may be of others. The Lease of its election is of another group.
func countWrites(metrics []byte) (total float64, err error) {
	for _, m := range requests.FindAllSubmatch(metrics, -1) {
		if !ofFleet.Match(m[1]) || !writing.Match(m[1]) {
			continue
		}
		n, err := strconv.ParseFloat(string(m[2]), 64)
		if err != nil {
			return 0, fmt.Errorf("read the metrics of the API server: %w", err)
		}
		total += n
	}
	return total, nil
}
