// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/wait"
)

// evidenceWithin bounds how long a failure may take to be explained.
const evidenceWithin = 3 * time.Second

// explain makes Diagnostics of a wait that ended badly: one for each object that has a cause of
// its own, with what was seen of it last.
func (c *Client) explain(ctx context.Context, j *judgement, err error) error {
	var gave *wait.GaveUp
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errLost):
	case errors.As(err, &gave) && !errors.Is(err, context.Canceled):
	default:
		return err // interrupted
	}
	var lost *diag.Diagnostic
	if gave != nil && errors.As(j.trouble, &lost) {
		return lost.Under().Note("last seen before that: " + orElse(gave.Saw, "nothing")).Because(gave)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), evidenceWithin)
	defer cancel()
	var all []error
	for _, ref := range sorted(j.verdicts) {
		v := j.verdicts[ref]
		lost := v.state == bad && gave == nil && time.Since(j.since[v.key(ref)]) >= v.trouble.grace
		if lost || gave != nil && v.state != ready {
			all = append(all, c.diagnose(ctx, j, ref, v, gave))
		}
	}
	if len(all) == 0 {
		return err
	}
	return errors.Join(all...)
}

// diagnose says what is wrong with one object.
func (c *Client) diagnose(ctx context.Context, j *judgement, ref reference, v verdict, gave *wait.GaveUp) error {
	d := diag.New(diag.NotReady, v.path(ref)...).Saw(v.reason)
	since, isBad := j.since[v.key(ref)]
	if v.state == bad && isBad {
		lasted := event.Human(time.Since(since))
		d.Code, d.Summary = diag.WillNotHeal, diag.WillNotHeal.Summary()
		if v.trouble.code != "" {
			d.Code, d.Summary = v.trouble.code, v.trouble.code.Summary()
		}
		d.Note(fmt.Sprintf("%s: seen for %s, and it counts after %s", v.trouble.name, lasted, event.Human(v.trouble.grace)))
	}
	if gave != nil {
		d.Note(fmt.Sprintf("the limit ended the wait after %s", event.Human(gave.Waited))).Because(gave)
	}
	c.gather(ctx, j, ref, v, d)
	return d
}

func forbidden(err error) bool {
	var d *diag.Diagnostic
	return errors.As(err, &d) && d.Code == diag.Forbidden
}

// templateLabels are the labels of the Pods that a workload makes; nil when it makes none.
func templateLabels(it item) map[string]string {
	if it.Kind == "Pod" {
		return it.object.GetLabels()
	}
	found, _, _ := unstructured.NestedStringMap(it.object.Object, "spec", "template", "metadata", "labels")
	return found
}
