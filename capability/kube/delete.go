// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/wait"
)

// A doomed object stands, is ours, and is to be deleted.
type doomed struct {
	reference
	resource resource
	uid      types.UID
}

// stand looks which of the entries stand and are the inventory's, and splits off those
// that are data, in the order of the entries. Someone else's object of that name is left out.
func (c *Client) stand(ctx context.Context, inventory Inventory, entries []entry) (rest, data []doomed, err error) {
	live := make([]*unstructured.Unstructured, len(entries))
	resources := make([]resource, len(entries))
	var all side
	for i, e := range entries {
		all.do(func() (err error) {
			if resources[i], err = c.kinds.of(ctx, e.reference().GroupVersionKind); err != nil {
				if noSuchKind(err) {
					return nil // its definition is gone, and all objects with it
				}
				return err
			}
			live[i], err = c.get(ctx, resources[i], e.reference())
			return err
		})
	}
	if err := all.wait(); err != nil {
		return nil, nil, err
	}
	for i, u := range live {
		if u == nil || !inventory.owns(u, entries[i]) {
			continue
		}
		d := doomed{entries[i].reference(), resources[i], u.GetUID()}
		if isData(u) {
			data = append(data, d)
		} else {
			rest = append(rest, d)
		}
	}
	return rest, data, nil
}

func noSuchKind(err error) bool {
	var d *diag.Diagnostic
	return errors.As(err, &d) && d.Code == diag.KindMissing
}

// isData tells what only a purge may delete: what is marked so, and definitions, with
// which every object of their kind would go.
func isData(u *unstructured.Unstructured) bool {
	return u.GetLabels()[DataLabel] == "true" || u.GetKind() == definitionKind.Kind
}

// deleteAll deletes objects in the reverse order of application, each stage side by side, and
// waits until a stage is gone before the next. It returns what is gone, also with an error. why goes
// into the events.
func (c *Client) deleteAll(ctx context.Context, all []doomed, why string) (gone []doomed, err error) {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b doomed) int { return rank(a.GroupVersionKind) - rank(b.GroupVersionKind) })
	slices.Reverse(all)
	for _, stage := range stages(all, func(d doomed) int { return rank(d.GroupVersionKind) }) {
		var some side
		done := make([]bool, len(stage))
		for i, d := range stage {
			some.do(func() (err error) { done[i], err = c.deleteOne(ctx, d); return err })
		}
		err = some.wait()
		for i, d := range stage {
			if done[i] {
				gone = append(gone, d)
				changed(ctx, harmony.Deleted, d.reference, why)
			}
		}
		if err != nil {
			return gone, err
		}
	}
	return gone, nil
}

// makers are the kinds whose Pods must be gone before what the Pods use may go.
var makers = map[string]bool{"Deployment": true, "StatefulSet": true, "DaemonSet": true, "ReplicaSet": true, "Job": true, "CronJob": true}

// deleteOne deletes the object of that uid, its Pods first, and waits until it is gone. False: there
// was nothing to delete any more.
func (c *Client) deleteOne(ctx context.Context, d doomed) (bool, error) {
	// The garbage collector takes its time over foreground deletion, half a minute for kinds that are new to it.
	policy := metav1.DeletePropagationBackground
	if makers[d.Kind] && builtIn(d.GroupVersionKind) {
		policy = metav1.DeletePropagationForeground
	}
	err := c.in(d.resource, d.Namespace).Delete(ctx, d.Name, metav1.DeleteOptions{
		Preconditions: &metav1.Preconditions{UID: &d.uid}, PropagationPolicy: &policy,
	})
	switch {
	case apierrors.IsNotFound(err), apierrors.IsConflict(err):
		return false, nil
	case err != nil:
		return false, failed(ctx, err, attempt{"delete", d.reference})
	}
	return true, c.gone(ctx, d.resource, d.reference, d.uid)
}

// gone waits until the object of that uid does not exist any more.
func (c *Client) gone(ctx context.Context, r resource, ref reference, uid types.UID) error {
	u, err := c.get(ctx, r, ref)
	if err != nil || u == nil || u.GetUID() != uid {
		return err
	}
	s := source{
		resource: r, kind: ref.GroupVersionKind, namespace: ref.Namespace,
		fields: fields.OneTermEqualSelector("metadata.name", ref.Name).String(), atLeast: u.GetResourceVersion(),
	}
	m := newMirror([]source{s})
	stop := c.followAll(ctx, []source{s}, m)
	defer stop()
	said := ""
	err = wait.Until(ctx, ref.String()+" to be gone", wait.Pace{Wake: m.wake}, func(ctx context.Context) (string, bool, error) {
		all, waiting, trouble := m.objects()
		if waiting != nil || trouble != nil {
			return "", false, errIf(forbidden(trouble), trouble)
		}
		i := slices.IndexFunc(all, func(o Object) bool { return o.GetUID() == uid })
		if i < 0 {
			return "", true, nil
		}
		saw := lingering(all[i])
		if saw != said {
			said = saw
			event.Emit(ctx, event.Waiting{For: ref.String() + " to be gone", Saw: saw})
		}
		return saw, false, nil
	})
	return keptStanding(ref, err)
}

func errIf(is bool, err error) error {
	if is {
		return err
	}
	return nil
}

// lingering says why an object that was deleted is still there.
func lingering(o Object) string {
	if o.GetDeletionTimestamp() == nil {
		return "it is not being deleted"
	}
	text := "it is being deleted"
	if ns, ok := o.(*corev1.Namespace); ok {
		for _, c := range ns.Status.Conditions {
			if c.Status == corev1.ConditionTrue {
				text += "; " + c.Message
			}
		}
	}
	if held := o.GetFinalizers(); len(held) > 0 {
		text += ", held by " + strings.Join(held, ", ")
	}
	return text
}

func keptStanding(ref reference, err error) error {
	var gave *wait.GaveUp
	if !errors.As(err, &gave) || errors.Is(err, context.Canceled) {
		return err
	}
	return diag.New(diag.KeptStanding, ref.String()).Saw(orElse(gave.Saw, "nothing was seen of it")).
		Note(fmt.Sprintf("waited %s for it to be gone", event.Human(gave.Waited.Round(time.Millisecond)))).
		Try("see what holds it, then run this again").Because(gave)
}
