// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"cmp"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/secret"
)

const (
	mostEvents     = 4
	mostConditions = 4
	mostLogs       = 4
	mostLogLines   = 8
	mostLogBytes   = 4096
)

// gather adds what the cluster tells about a failure: how containers ended, events, the last
// lines of the log. What cannot be read is left out.
func (c *Client) gather(ctx context.Context, j *judgement, ref reference, v verdict, d *diag.Diagnostic) {
	about := j.world.objects[ref.key()]
	if v.pod != nil {
		about = v.pod
	}
	if about == nil {
		return
	}
	hide := c.masker(j.items)
	if v.pod != nil {
		for _, o := range v.pod.OwnerReferences {
			if o.Kind != ref.Kind {
				d.Saw("the Pod belongs to " + o.Kind + "/" + o.Name)
			}
		}
		for _, s := range statuses(v.pod) {
			if t := s.LastTerminationState.Terminated; t != nil && (v.container == "" || s.Name == v.container) {
				d.Evidence = append(d.Evidence, diag.Evidence{At: t.FinishedAt.Time, Text: hide("container " + s.Name + " ended: " + exit(t))})
			}
		}
	}
	for _, text := range conditions(about) {
		d.Saw(hide(text))
	}
	if slices.Contains([]diag.Code{diag.Unschedulable, diag.NodePressure, diag.NodeNotReady}, v.trouble.code) && v.pod != nil && v.pod.Spec.NodeName == "" {
		for _, text := range j.world.offers() {
			d.Saw(hide(text))
		}
	}
	for _, e := range c.events(ctx, about) {
		d.Evidence = append(d.Evidence, diag.Evidence{At: seen(e), Text: hide(e.Reason + ": " + strings.TrimSpace(e.Message) + times(e))})
	}
	if v.pod != nil {
		for _, log := range c.logs(ctx, v.pod, v.container) {
			d.Saw(hide(log))
		}
	}
}

func statuses(p *corev1.Pod) []corev1.ContainerStatus {
	return slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses)
}

// conditions are those of an object that have a message and are not as they should be: False, where its kind's
// are True when all is well, or True, for what only stands there when it is not.
func conditions(o Object) (said []string) {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
	if err != nil {
		return nil
	}
	all, _, _ := unstructured.NestedSlice(content, "status", "conditions")
	for _, element := range all {
		c, _ := element.(map[string]any)
		message, _ := c["message"].(string)
		kind, _ := c["type"].(string)
		adverse := strings.HasSuffix(kind, "Failure") || strings.HasSuffix(kind, "Failed") || strings.HasSuffix(kind, "Pressure") || kind == "Stalled"
		if message != "" && len(said) < mostConditions && (c["status"] == "True") == adverse {
			said = append(said, sentence(c))
		}
	}
	return said
}

// masker hides the values of secrets that Harmony knows, and of the items, also as Secrets have them.
func (c *Client) masker(items []item) func(string) string {
	var hidden []string
	hide := func(text string) {
		if len(text) >= 4 {
			hidden = append(hidden, text, base64.StdEncoding.EncodeToString([]byte(text)))
		}
	}
	for _, it := range items {
		if it.Kind == "Secret" {
			for _, value := range secretData(it.object) {
				hide(value)
			}
		}
	}
	c.known.mu.Lock()
	for _, value := range c.known.values {
		hide(value.Reveal())
	}
	c.known.mu.Unlock()
	slices.SortFunc(hidden, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) }) // one may be part of another
	var pairs []string
	for _, text := range slices.Compact(hidden) {
		pairs = append(pairs, text, secret.Mask)
	}
	return strings.NewReplacer(pairs...).Replace
}

// events are the newest warnings about an object, oldest first.
func (c *Client) events(ctx context.Context, about Object) []corev1.Event {
	list, err := c.in(eventsOf, about.GetNamespace()).List(ctx, metav1.ListOptions{
		FieldSelector:   fields.Set{"involvedObject.uid": string(about.GetUID())}.String(),
		ResourceVersion: "0",
	})
	if err != nil {
		return nil
	}
	var found []corev1.Event
	for i := range list.Items {
		var e corev1.Event
		if typed(&list.Items[i], &e) == nil && e.Type == corev1.EventTypeWarning {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b corev1.Event) int { return seen(a).Compare(seen(b)) })
	return found[max(0, len(found)-mostEvents):]
}

func seen(e corev1.Event) time.Time {
	switch {
	case e.Series != nil:
		return e.Series.LastObservedTime.Time
	case !e.LastTimestamp.IsZero():
		return e.LastTimestamp.Time
	case !e.EventTime.IsZero():
		return e.EventTime.Time
	}
	return e.CreationTimestamp.Time
}

func times(e corev1.Event) string {
	n := e.Count
	if e.Series != nil {
		n = e.Series.Count
	}
	if n > 1 {
		return fmt.Sprintf(" (%d times)", n)
	}
	return ""
}

// logEvidence is how evidence from a log begins.
const logEvidence = "its log ends with:"

// logs are the last lines of a container, or of all that ran when none is named: of the run that is on, and of the one
// that crashed before.
func (c *Client) logs(ctx context.Context, p *corev1.Pod, container string) (said []string) {
	add := func(s corev1.ContainerStatus, previous bool) {
		text := c.log(ctx, p, s.Name, previous)
		if text == "" || len(said) >= mostLogs {
			return
		}
		begin := logEvidence
		if container == "" {
			begin += " (container " + s.Name + ")"
		}
		if previous && s.State.Running != nil {
			begin += " (the run before)"
		}
		said = append(said, begin+"\n"+text)
	}
	for _, s := range statuses(p) {
		if container != "" && s.Name != container {
			continue
		}
		if s.State.Running != nil || s.State.Terminated != nil {
			add(s, false)
		}
		if s.LastTerminationState.Terminated != nil {
			add(s, true)
		}
	}
	return said
}

func (c *Client) log(ctx context.Context, p *corev1.Pod, container string, previous bool) string {
	body, err := c.core.Get().Namespace(p.Namespace).Resource("pods").Name(p.Name).SubResource("log").
		Param("container", container).Param("tailLines", strconv.Itoa(mostLogLines)).
		Param("limitBytes", strconv.Itoa(mostLogBytes)).Param("previous", strconv.FormatBool(previous)).
		Stream(ctx)
	if err != nil {
		return ""
	}
	defer body.Close()
	text, _ := io.ReadAll(io.LimitReader(body, mostLogBytes)) // what came is better than nothing
	return strings.TrimSpace(string(text))
}
