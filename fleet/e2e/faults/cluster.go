// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/e2e/faults/internal/obstacle"
)

// given is what some faults find in their namespace.
var given = obstacle.Score{Label: "given", Secret: "given"}

const sharedPort = 31999

// placing are faults of what the scheduler looks for.
func placing() []Fault {
	return []Fault{
		{Name: "no-node-cpu", Score: fixed(Score{CPU: "4000"}), Code: diag.Unschedulable, Path: "Pod/victim", Cause: says(`insufficient cpu`)},
		{Name: "no-node-memory", Score: fixed(Score{Memory: "9Ti"}), Code: diag.Unschedulable, Path: "Pod/victim", Cause: says(`insufficient memory`)},
		{Name: "no-node-selector", Score: fixed(Score{Nodes: map[string]string{"faults": "absent"}}), Code: diag.Unschedulable, Path: "Pod/victim", Cause: says(`node affinity/selector`)},
		{Name: "no-node-affinity", Score: fixed(Score{Apart: true}), Code: diag.Unschedulable, Path: "Pod/victim", Cause: says(`anti-affinity`)},
		{
			Name: "host-port-taken", Before: func(ctx context.Context, s *Stage) error {
				if err := s.kubectl(ctx, "create", "namespace", s.Namespace); err != nil {
					return err
				}
				_, err := harmony.Run{}.Deploy(ctx, harmony.Place(Score{Namespace: s.Namespace, Label: "holder", HostPort: sharedPort}).On(s.Place))
				return err
			},
			Score: fixed(Score{HostPort: sharedPort}), Code: diag.PortTaken, Path: "Pod/victim", Cause: says(`free ports`),
		},
	}
}

// admission are faults of what the cluster allows.
func admission() []Fault {
	return []Fault{
		{Name: "quota-exceeded", Before: bars(obstacle.Score{Quota: true}, "exceeded quota"), Score: fixed(Score{}), Code: diag.QuotaExceeded, Path: "Deployment/victim", Cause: says(`exceeded quota`)},
		{Name: "policy-denies", Before: bars(obstacle.Score{Policy: true}, "no Pod may be made here"), After: takes(obstacle.Score{}), Score: fixed(Score{}), Code: diag.AdmissionDenied, Path: "Deployment/victim", Cause: says(`no Pod may be made here`)},
		{Name: "webhook-down", Before: bars(obstacle.Score{Webhook: true}, "failed calling webhook"), After: takes(obstacle.Score{}), Score: fixed(Score{}), Code: diag.WebhookDown, Path: "Deployment/victim", Cause: says(`failed calling webhook`)},
		{Name: "pod-security", Score: fixed(Score{Privileged: true}), Code: diag.AdmissionDenied, Path: "Deployment/victim", Cause: says(`violates PodSecurity`)},
		{
			Name: "namespace-terminating", Before: terminatingNamespace, After: func(ctx context.Context, s *Stage) error {
				return s.kubectl(ctx, "--namespace", s.Namespace, "patch", "configmap", "keeper", "--type", "merge", "--patch", `{"metadata":{"finalizers":[]}}`)
			},
			Score: fixed(Score{}), Code: diag.NamespaceTerminating, Path: "Namespace/", Cause: says(`terminat|being deleted`),
		},
	}
}

// terminatingNamespace makes a namespace that is being deleted, and that an object with a finalizer keeps.
func terminatingNamespace(ctx context.Context, s *Stage) error {
	for _, args := range [][]string{
		{"create", "namespace", s.Namespace},
		{"--namespace", s.Namespace, "create", "configmap", "keeper"},
		{"--namespace", s.Namespace, "patch", "configmap", "keeper", "--type", "merge", "--patch", `{"metadata":{"finalizers":["faults.example/keep"]}}`},
		{"delete", "namespace", s.Namespace, "--wait=false"},
	} {
		if err := s.kubectl(ctx, args...); err != nil {
			return err
		}
	}
	return nil
}

// objects are faults of objects that are no Pods.
func objects() []Fault {
	return []Fault{
		{Name: "kind-missing", Score: fixed(Score{Kind: "Unicorn"}), Code: diag.KindMissing, Path: "Unicorn", Cause: says(`no (kind|matches for kind) .?Unicorn`)},
		{
			Name: "definition-not-established", Before: puts(obstacle.Score{Definition: "taken.faults.example"}), After: takes(obstacle.Score{}),
			Score: fixed(Score{Definition: "taken.faults.example"}), Code: diag.NotEstablished, Path: "CustomResourceDefinition/victims.taken.faults.example", Cause: says(`already in use`),
		},
		{Name: "service-selects-nothing", Score: fixed(Score{Behind: "nobody"}), Code: diag.SelectsNothing, Path: "Service/victim", Cause: says(`app=nobody`)},
		{
			Name: "immutable-field", Before: func(ctx context.Context, s *Stage) error {
				_, err := harmony.Run{}.Deploy(ctx, harmony.Place(Score{Namespace: s.Namespace}).On(s.Place))
				return err
			},
			Score: fixed(Score{Selector: "another"}), Code: diag.Immutable, Path: "Deployment/victim", Cause: says(`immutable`),
		},
		{
			Name: "object-of-someone-else", Before: func(ctx context.Context, s *Stage) error {
				if err := s.kubectl(ctx, "create", "namespace", s.Namespace); err != nil {
					return err
				}
				return s.kubectl(ctx, "--namespace", s.Namespace, "create", "service", "clusterip", "victim", "--tcp=80")
			},
			Score: fixed(Score{}), Code: diag.NotOurs, Path: "Service/victim", Cause: says(`belongs to someone else|exists and cannot be imported|conflict`),
		},
	}
}

// smoke are faults that only a smoke test sees.
func smoke() []Fault {
	return []Fault{
		{Name: "smoke-refused", Score: fixed(Score{Target: 8081}), Code: diag.SmokeTestRefused, Path: "Service/victim", Cause: says(`refused`)},
		{Name: "smoke-timed-out", Score: fixed(Score{Args: []string{"mute"}, Unprobed: true}), Code: diag.SmokeTestTimedOut, Path: "Service/victim", Cause: says(`deadline|timed out|in time`)},
		{Name: "smoke-wrong-answer", Score: fixed(Score{Says: "well"}), Code: diag.WrongAnswer, Path: "Service/victim", Cause: says(`says "alive" and should say "well"`)},
	}
}
