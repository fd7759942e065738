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
	case errors.Is(err, errAway):
		return j.lost(nil)
	case errors.Is(err, errLost):
	case errors.As(err, &gave) && !errors.Is(err, context.Canceled):
	case errors.Is(err, context.Canceled):
		return diag.Ended(ctx).Because(err)
	default:
		return err
	}
	if gave != nil && j.trouble != nil {
		return j.lost(gave)
	}
	judged := ctx
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), evidenceWithin)
	defer cancel()
	var all []error
	for _, ref := range sorted(j.verdicts) {
		v := j.verdicts[ref]
		lost := gave == nil && j.counts(judged, ref, v, time.Now())
		if lost || gave != nil && v.state != ready {
			all = append(all, c.diagnose(ctx, j, ref, v, gave))
		}
	}
	if len(all) == 0 {
		return err
	}
	return errors.Join(all...)
}

// lost says why nothing is known any more, and what was known last.
func (j *judgement) lost(gave *wait.GaveUp) error {
	var d *diag.Diagnostic
	if !errors.As(j.trouble, &d) {
		d = diag.New(diag.APILost).Saw(j.trouble.Error())
	}
	said := d.Under() // a copy
	seen := "nothing"
	if ref, v := j.foremost(); v.state != ready {
		seen = v.line(ref)
	}
	said.Note("last seen before that: " + seen)
	if unanswered(j.trouble) {
		said.Code, said.Summary = diag.APILost, diag.APILost.Summary()
		said.Note(fmt.Sprintf("it has not answered for %s; what was applied stands, and a rerun goes on from there", event.Human(time.Since(j.away)))).
			Try("look whether the API server runs and whether this machine still reaches it")
	}
	if gave != nil {
		return said.Because(errors.Join(gave, j.trouble))
	}
	return said.Because(j.trouble)
}

// unanswered tells of trouble with reaching the API server, and of nothing else.
func unanswered(err error) bool {
	var d *diag.Diagnostic
	return errors.As(err, &d) && d.Code == diag.APIUnreachable
}

// diagnose says what is wrong with one object.
func (c *Client) diagnose(ctx context.Context, j *judgement, ref reference, v verdict, gave *wait.GaveUp) error {
	d := diag.New(diag.NotReady, v.path(ref)...).Saw(v.reason)
	since, isBad := j.since[v.key(ref)]
	if v.state == bad && isBad {
		lasted := event.Human(time.Since(since))
		d.Code, d.Summary = v.trouble.code, v.trouble.code.Summary()
		if v.trouble.grace == 0 {
			d.Note(v.trouble.name + ": that counts at once")
		} else {
			d.Note(fmt.Sprintf("%s: seen for %s, and it counts after %s", v.trouble.name, lasted, v.trouble.patience()))
		}
		if v.trouble.help != "" {
			d.Try(v.trouble.help)
		}
	}
	if gave != nil {
		d.Note(fmt.Sprintf("the limit ended the wait after %s", event.Human(gave.Waited))).Because(gave)
	}
	c.gather(ctx, j, ref, v, d)
	v.trouble.sharpen(d)
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
