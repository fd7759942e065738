// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	apiwatch "k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"
)

// recorded are the kinds of a namespace that explain a deploy.
var recorded = []schema.GroupVersionResource{
	{Group: "apps", Version: "v1", Resource: "deployments"},
	{Group: "apps", Version: "v1", Resource: "replicasets"},
	{Version: "v1", Resource: "pods"},
	{Version: "v1", Resource: "services"},
	{Version: "v1", Resource: "persistentvolumeclaims"},
	{Version: "v1", Resource: "events"},
	{Group: "discovery.k8s.io", Version: "v1", Resource: "endpointslices"},
}

// A Moment is what a watch said at a time after the beginning of a recording.
type Moment struct {
	Seconds float64                    `json:"seconds"`
	Type    apiwatch.EventType         `json:"type"`
	Object  *unstructured.Unstructured `json:"object"`
}

// record writes all that happens in the stage's namespace to DIR/NAME.jsonl, a Moment a line, until stop is called, which
// tells what went wrong.
func (f Fault) record(ctx context.Context, s *Stage, dir string) (stop func() error, err error) {
	config, err := clientcmd.BuildConfigFromFlags("", s.Place.Cluster().Kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("reach the cluster: %w", err)
	}
	file, err := os.Create(filepath.Join(dir, f.Name+".jsonl"))
	if err != nil {
		return nil, fmt.Errorf("write a recording: %w", err)
	}
	r := &recorder{start: time.Now(), out: json.NewEncoder(file)}
	ctx, cancel := context.WithCancel(ctx)
	for _, resource := range recorded {
		r.all.Go(func() { r.watch(ctx, client.Resource(resource).Namespace(s.Namespace)) })
	}
	return func() error {
		cancel()
		r.all.Wait()
		return errors.Join(r.err, file.Close())
	}, nil
}

type recorder struct {
	start time.Time
	all   sync.WaitGroup

	mu  sync.Mutex
	out *json.Encoder
	err error
}

func (r *recorder) watch(ctx context.Context, of dynamic.ResourceInterface) {
	w, err := of.Watch(ctx, metav1.ListOptions{})
	if err != nil {
		r.note(err)
		return
	}
	defer w.Stop()
	for e := range w.ResultChan() {
		u, ok := e.Object.(*unstructured.Unstructured)
		if !ok || e.Type == apiwatch.Bookmark || u.GetKind() == "Status" {
			continue
		}
		u.SetManagedFields(nil) // nobody judges by them, and they are the most of it
		r.mu.Lock()
		r.err = errors.Join(r.err, r.out.Encode(Moment{time.Since(r.start).Seconds(), e.Type, u}))
		r.mu.Unlock()
	}
}

func (r *recorder) note(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = errors.Join(r.err, fmt.Errorf("watch: %w", err))
}
