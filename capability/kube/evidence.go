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
	"k8s.io/apimachinery/pkg/fields"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/secret"
)

const (
	mostEvents   = 4
	mostLogLines = 8
	mostLogBytes = 4096
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
		for _, s := range slices.Concat(v.pod.Status.InitContainerStatuses, v.pod.Status.ContainerStatuses) {
			if t := s.LastTerminationState.Terminated; t != nil && (v.container == "" || s.Name == v.container) {
				d.Evidence = append(d.Evidence, diag.Evidence{At: t.FinishedAt.Time, Text: hide("container " + s.Name + " ended: " + exit(t))})
			}
		}
	}
	for _, e := range c.events(ctx, about) {
		d.Evidence = append(d.Evidence, diag.Evidence{At: seen(e), Text: hide(e.Reason + ": " + strings.TrimSpace(e.Message) + times(e))})
	}
	if v.pod != nil {
		if log := c.lastLines(ctx, v.pod, v.container); log != "" {
			d.Saw(hide("its log ends with:\n" + log))
		}
	}
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

// lastLines is the end of a container's log: of the run that crashed, where there was one.
func (c *Client) lastLines(ctx context.Context, p *corev1.Pod, container string) string {
	for _, s := range slices.Concat(p.Status.InitContainerStatuses, p.Status.ContainerStatuses) {
		ran := s.State.Running != nil || s.State.Terminated != nil || s.LastTerminationState.Terminated != nil
		if s.Name == container && ran || container == "" && ran {
			return c.log(ctx, p, s)
		}
	}
	return ""
}

func (c *Client) log(ctx context.Context, p *corev1.Pod, s corev1.ContainerStatus) string {
	crashed := s.State.Running == nil && s.State.Terminated == nil
	body, err := c.core.Get().Namespace(p.Namespace).Resource("pods").Name(p.Name).SubResource("log").
		Param("container", s.Name).Param("tailLines", strconv.Itoa(mostLogLines)).
		Param("limitBytes", strconv.Itoa(mostLogBytes)).Param("previous", strconv.FormatBool(crashed)).
		Stream(ctx)
	if err != nil {
		return ""
	}
	defer body.Close()
	text, _ := io.ReadAll(io.LimitReader(body, mostLogBytes))
	return strings.TrimSpace(cmp.Or(string(text), ""))
}
