// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"fmt"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/people"
)

// A right is one of Kubernetes' over the fleet's kinds.
type right struct{ verb, resource, subresource, namespace, name string }

func (r right) String() string {
	text := r.verb + " " + r.resource
	if r.subresource != "" {
		text += "/" + r.subresource
	}
	text += "." + people.Group
	if r.name != "" {
		text += " " + r.name
	}
	if r.namespace != "" {
		text += " in namespace " + r.namespace
	}
	return text
}

// Access asks the API server what people may do.
type Access struct{ Client client.Client }

// may tells whether a person has a right, and if not, why.
func (a Access) may(ctx context.Context, who Person, r right) (bool, string, error) {
	extra := make(map[string]authorizationv1.ExtraValue, len(who.Extra))
	for name, values := range who.Extra {
		extra[name] = authorizationv1.ExtraValue(values)
	}
	review := authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: who.Name, UID: who.UID, Groups: who.Groups, Extra: extra,
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Group: people.Group, Version: "v1alpha1", Verb: r.verb, Resource: r.resource, Subresource: r.subresource, Namespace: r.namespace, Name: r.name,
		},
	}}
	if err := a.Client.Create(ctx, &review); err != nil {
		return false, "", fmt.Errorf("review the right to %s: %w", r, err)
	}
	return review.Status.Allowed && !review.Status.Denied, review.Status.Reason, nil
}

// demand is an error with the code RightMissing unless a person has a right.
func (a Access) demand(ctx context.Context, who Person, r right) error {
	ok, why, err := a.may(ctx, who, r)
	if err != nil {
		return diag.New(diag.RightMissing).Saw("the API server does not say whether " + who.Name + " may").Because(err)
	}
	if ok {
		return nil
	}
	return missing(who, r, why)
}

// maxAsked is for how many devices that are named rights are asked one by one: beyond, the right over all devices is needed.
const maxAsked = 32

// each demands a right over each of these devices.
func (a Access) each(ctx context.Context, who Person, over right, devices []string) error {
	for _, name := range devices {
		over.name = name
		if err := a.demand(ctx, who, over); err != nil {
			return err
		}
	}
	return nil
}

func missing(who Person, r right, why string) *diag.Diagnostic {
	d := diag.New(diag.RightMissing).Saw("user " + who.Name + " may not " + r.String())
	if len(who.Groups) > 0 {
		d.Saw("groups: " + strings.Join(who.Groups, ", "))
	}
	if why != "" {
		d.Saw("the API server says: " + why)
	}
	return d.Try("ask whoever gives rights in this cluster for a ClusterRole with the verb " + r.verb + " on " + strings.TrimSuffix(r.resource+"/"+r.subresource, "/") +
		" of " + people.Group)
}
