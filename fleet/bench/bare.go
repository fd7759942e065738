// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/image"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/topology/local"
)

// A bareTopology is the baseline: the same Scores on a place that creates their objects with a plain
// client and watches their Pods until they are ready, and does nothing else.
type bareTopology struct {
	*local.Topology
	cluster *bareCluster
}

func (t *bareTopology) Name() string             { return "bare" }
func (t *bareTopology) Kubernetes() kube.Cluster { return t.cluster }
func (t *bareTopology) Images() image.Store      { return t.Topology.Images() }

type bareCluster struct {
	kube.Cluster // for credentials; the clock runs in Apply only
	client       client.WithWatch

	mu         sync.Mutex
	start, end time.Time
}

// bare gives the time from the first object created to the last Pod ready, in seconds.
func (b *bench) bare(ctx context.Context, topology *local.Topology, namespace string) (float64, error) {
	config, err := clientcmd.BuildConfigFromFlags("", topology.Cluster().Kubeconfig)
	if err != nil {
		return 0, err
	}
	config.QPS, config.Burst = 200, 400
	plain, err := client.NewWithWatch(config, client.Options{Scheme: scheme.Scheme})
	if err != nil {
		return 0, err
	}
	t := &bareTopology{topology, &bareCluster{Cluster: topology.Kubernetes(), client: plain}}
	if _, err := harmony.Deploy(ctx, harmony.Place(all(namespace)).On(t)); err != nil {
		return 0, err
	}
	took := t.cluster.end.Sub(t.cluster.start).Seconds()
	return took, b.drop(ctx, namespace)
}

// Apply creates the objects one after the other and returns when a Pod of each workload is ready.
func (c *bareCluster) Apply(ctx context.Context, _ kube.Inventory, objects ...kube.Object) (harmony.Outcome, error) {
	c.mu.Lock()
	if c.start.IsZero() {
		c.start = time.Now()
	}
	c.mu.Unlock()
	var labels map[string]string
	namespace := ""
	for _, object := range objects {
		if err := c.client.Create(ctx, object); err != nil {
			return harmony.Outcome{}, fmt.Errorf("create: %w", err)
		}
		labels, namespace = object.GetLabels(), object.GetNamespace()
	}
	err := c.ready(ctx, namespace, labels)
	c.mu.Lock()
	c.end = time.Now()
	c.mu.Unlock()
	return harmony.Outcome{}, err
}

func (c *bareCluster) ready(ctx context.Context, namespace string, labels map[string]string) error {
	w, err := c.client.Watch(ctx, &corev1.PodList{}, client.InNamespace(namespace), client.MatchingLabels(labels))
	if err != nil {
		return fmt.Errorf("watch: %w", err)
	}
	defer w.Stop()
	for e := range w.ResultChan() {
		if pod, ok := e.Object.(*corev1.Pod); ok && e.Type != watch.Deleted && isReady(pod) {
			return nil
		}
	}
	return errors.Join(errors.New("the watch ended before a Pod was ready"), context.Cause(ctx))
}

func isReady(pod *corev1.Pod) bool {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}

// drop deletes the baseline's namespace, with all that is in it, and waits until it is gone.
func (b *bench) drop(ctx context.Context, namespace string) error {
	_, err := command(ctx, "bin/localkube", "kubectl", "--name", b.cluster, "delete", "namespace", namespace, "--wait")
	return err
}
