// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"nationtech.io/harmony/event"
)

// renew replaces those Pods of the inventory's workloads that have the token of a ServiceAccount which was deleted, and
// has been made again: the API server does not take it, and the kubelet gives them no other for an hour or more.
func (c *Client) renew(ctx context.Context, s *survey) error {
	accounts := map[string]*unstructured.Unstructured{}
	for _, f := range s.findings {
		if f.Kind == "ServiceAccount" && f.live != nil {
			accounts[f.Namespace+"/"+f.Name] = f.live
		}
	}
	var all side
	for _, f := range s.findings {
		if f.live == nil {
			continue
		}
		as, _, _ := unstructured.NestedString(f.live.Object, "spec", "template", "spec", "serviceAccountName")
		account := accounts[f.Namespace+"/"+as]
		selector, _, _ := unstructured.NestedStringMap(f.live.Object, "spec", "selector", "matchLabels")
		if account != nil && len(selector) > 0 && hasToken(f.live, account) {
			all.do(func() error { return c.replaceOlder(ctx, account, labels.SelectorFromSet(selector).String()) })
		}
	}
	return all.wait()
}

// hasToken tells whether the Pods of a workload are given a token of its ServiceAccount.
func hasToken(workload, account *unstructured.Unstructured) bool {
	if mounts, said, _ := unstructured.NestedBool(workload.Object, "spec", "template", "spec", "automountServiceAccountToken"); said {
		return mounts
	}
	mounts, said, _ := unstructured.NestedBool(account.Object, "automountServiceAccountToken")
	return mounts || !said
}

// replaceOlder deletes the Pods that are older than their ServiceAccount, for others to be made in their place.
func (c *Client) replaceOlder(ctx context.Context, account *unstructured.Unstructured, selector string) error {
	found, err := c.list(ctx, pods, "Pods", account.GetNamespace(), selector)
	if err != nil {
		return err
	}
	var all side
	for _, pod := range found {
		since, made := pod.GetCreationTimestamp(), account.GetCreationTimestamp()
		if !since.Before(&made) || pod.GetDeletionTimestamp() != nil {
			continue
		}
		ref := coreReference("Pod", pod.GetNamespace(), pod.GetName())
		event.Emit(ctx, event.Notice{Text: "replacing " + ref.String() + ": its token is of a ServiceAccount that was deleted"})
		all.do(func() error {
			_, err := c.deleteOne(ctx, doomed{ref, pods, pod.GetUID()})
			return err
		})
	}
	return all.wait()
}
