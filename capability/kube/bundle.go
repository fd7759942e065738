// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"nationtech.io/harmony/secret"
)

const (
	mostBundledLines = 5000
	mostBundledBytes = 1 << 20 // of one log
)

// Evidence hands out all that tells how a namespace stands, as files: its components' objects and what was made of them
// (objects/KIND-NAME.json), its events (events.json), and the logs of its containers, also of the run before
// (logs/POD.CONTAINER.log, .previous.log). The values of Secrets are masked, wherever they occur. What cannot be
// read is listed in unread.txt. Its error is that of write.
func (c *Client) Evidence(ctx context.Context, namespace string, write func(name string, content []byte) error) error {
	b := &bundle{client: c, namespace: namespace, objects: map[reference]*unstructured.Unstructured{}}
	b.collect(ctx)
	hide := c.masker(nil)
	var errs []error
	for _, u := range b.objects {
		errs = append(errs, write("objects/"+u.GetKind()+"-"+u.GetName()+".json", encoded(covered(u, hide))))
	}
	events := make([]any, 0, len(b.events))
	for i := range b.events {
		events = append(events, masked(b.events[i].Object, hide))
	}
	errs = append(errs, write("events.json", encoded(events)))
	for name, text := range b.logs(ctx) {
		errs = append(errs, write("logs/"+name, []byte(hide(text))))
	}
	if len(b.unread) > 0 {
		slices.Sort(b.unread)
		errs = append(errs, write("unread.txt", []byte(hide(strings.Join(b.unread, "\n")+"\n"))))
	}
	return errors.Join(errs...)
}

// A bundle is what was read of a namespace.
type bundle struct {
	client    *Client
	namespace string
	objects   map[reference]*unstructured.Unstructured
	events    []unstructured.Unstructured
	unread    []string
}

// collect reads the inventories, what they list, and what is made of that.
func (b *bundle) collect(ctx context.Context) {
	inventories := b.list(ctx, configMaps, "ConfigMap", InventoryLabel+"=true")
	b.list(ctx, replicaSets, "ReplicaSet", "")
	b.list(ctx, pods, "Pod", "")
	b.list(ctx, claims, "PersistentVolumeClaim", "")
	b.list(ctx, endpointing, "EndpointSlice", "")
	for i := range inventories {
		var cm corev1.ConfigMap
		if err := typed(&inventories[i], &cm); err != nil {
			b.unread = append(b.unread, err.Error())
			continue
		}
		r, err := decodeRecord(&cm)
		if err != nil {
			b.unread = append(b.unread, err.Error())
			continue
		}
		for _, e := range slices.Concat(r.Objects, r.Data) {
			b.get(ctx, e.reference())
		}
	}
	events, err := b.client.list(ctx, eventsOf, "Event", b.namespace, "")
	if err != nil {
		b.unread = append(b.unread, err.Error())
	}
	b.events = events
}

func (b *bundle) list(ctx context.Context, r resource, kind, selector string) []unstructured.Unstructured {
	found, err := b.client.list(ctx, r, kind, b.namespace, selector)
	if err != nil {
		b.unread = append(b.unread, err.Error())
	}
	for i := range found {
		b.objects[referenceTo(&found[i])] = &found[i]
	}
	return found
}

func (b *bundle) get(ctx context.Context, ref reference) {
	r, err := b.client.kinds.of(ctx, ref.GroupVersionKind)
	if err != nil {
		b.unread = append(b.unread, err.Error())
		return
	}
	u, err := b.client.get(ctx, r, ref)
	switch {
	case err != nil:
		b.unread = append(b.unread, err.Error())
	case u == nil:
		b.unread = append(b.unread, ref.String()+" does not exist")
	default:
		b.objects[ref] = u
		if ref.Kind == "Secret" {
			b.client.known.see(revealed(u))
		}
	}
}

// covered is an object as others may see it.
func covered(u *unstructured.Unstructured, hide func(string) string) any {
	if u.GetKind() == "Secret" {
		u = u.DeepCopy()
		for _, field := range []string{"data", "stringData"} {
			values, _, _ := unstructured.NestedMap(u.Object, field)
			for key := range values {
				_ = unstructured.SetNestedField(u.Object, secret.Mask, field, key) // what was read as a map is one
			}
		}
	}
	return masked(u.Object, hide)
}

// logs are the ends of the containers' logs, by file.
func (b *bundle) logs(ctx context.Context) map[string]string {
	found := map[string]string{}
	for ref, u := range b.objects {
		var p corev1.Pod
		if ref.Kind != "Pod" || typed(u, &p) != nil {
			continue
		}
		for _, s := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
			name := p.Name + "." + s.Name
			if s.State.Running != nil || s.State.Terminated != nil {
				b.log(ctx, &p, s.Name, false, name+".log", found)
			}
			if s.RestartCount > 0 {
				b.log(ctx, &p, s.Name, true, name+".previous.log", found)
			}
		}
	}
	return found
}

func (b *bundle) log(ctx context.Context, p *corev1.Pod, container string, previous bool, name string, into map[string]string) {
	body, err := b.client.core.Get().Namespace(p.Namespace).Resource("pods").Name(p.Name).SubResource("log").
		Param("container", container).Param("tailLines", strconv.Itoa(mostBundledLines)).
		Param("limitBytes", strconv.Itoa(mostBundledBytes)).Param("previous", strconv.FormatBool(previous)).
		Stream(ctx)
	if err != nil {
		b.unread = append(b.unread, fmt.Sprintf("the log of %s: %v", name, err))
		return
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		b.unread = append(b.unread, fmt.Sprintf("the log of %s, to its end: %v", name, err))
	}
	into[name] = string(text)
}

func encoded(v any) []byte {
	// What was decoded from JSON always encodes.
	text, _ := json.MarshalIndent(v, "", "  ")
	return append(text, '\n')
}
