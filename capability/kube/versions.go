// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/version"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes/scheme"

	"nationtech.io/harmony/diag"
)

// Versions is which Kubernetes a cluster is, and what it serves.
type Versions struct {
	// Kubernetes is the version of the API server: v1.37.2.
	Kubernetes string
	// Kinds are all that are served, sorted: apps/v1, apps/v1/Deployment, v1, v1/Pod.
	Kinds []string
}

// Versions asks the API server. Groups whose own server does not answer are left out.
func (c *Client) Versions(ctx context.Context) (Versions, error) {
	text, err := c.core.Get().AbsPath("/version").DoRaw(ctx)
	if err != nil {
		return Versions{}, failed(ctx, err, attempt{verb: "tell its version"})
	}
	var server version.Info
	if err := json.Unmarshal(text, &server); err != nil {
		return Versions{}, diag.New(diag.VersionSkew).Saw("its version cannot be read").Because(err)
	}
	_, lists, err := c.kinds.discovery.ServerGroupsAndResourcesWithContext(ctx)
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		return Versions{}, failed(ctx, err, attempt{verb: "list the kinds that there are"})
	}
	kinds := map[string]bool{}
	for _, list := range lists {
		kinds[list.GroupVersion] = true
		for _, r := range list.APIResources {
			if _, sub := subresource(r.Name); !sub {
				kinds[list.GroupVersion+"/"+r.Kind] = true
			}
		}
	}
	return Versions{Kubernetes: server.GitVersion, Kinds: slices.Sorted(maps.Keys(kinds))}, nil
}

// Versions are those of the Kubernetes that this program's library is of: which cluster will take the export nobody knows.
func (e exporting) Versions(context.Context) (Versions, error) {
	v := Versions{Kubernetes: fmt.Sprintf("v1.%d.0", max(libraryMinor(), oldestMinor))}
	_ = e.later("what depends on the version of Kubernetes, which was taken to be " + v.Kubernetes) // it is noted, and the answer is known
	kinds := map[string]bool{definitionKind.GroupVersion().String(): true, definitionKind.GroupVersion().String() + "/" + definitionKind.Kind: true}
	for gvk := range scheme.Scheme.AllKnownTypes() {
		if gvk.Version != "__internal" {
			kinds[gvk.GroupVersion().String()] = true
			kinds[gvk.GroupVersion().String()+"/"+gvk.Kind] = true
		}
	}
	v.Kinds = slices.Sorted(maps.Keys(kinds))
	return v, nil
}
