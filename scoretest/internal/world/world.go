// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package world

import (
	"context"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
)

// A World is a Kubernetes as a stranger sees it.
type World struct{ api *discovery.DiscoveryClient }

// Reach prepares a World; it sends no request.
func Reach(config *rest.Config) (*World, error) {
	api, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("reach the cluster as a stranger: %w", err)
	}
	return &World{api}, nil
}

// A Kind is one whose objects can be listed and deleted.
type Kind struct {
	schema.GroupVersionKind
	Resource   string // as paths name it
	Namespaced bool
	Scales     bool // it has replicas, of which there can be none
}

// Kinds are those that discovery lists, each in its preferred version, besides what comes and goes by itself: an
// Event tells what happened, and an IPAddress is the API server's own note of whose address it is, which a request
// that was given up can leave behind until the server next audits its notes, minutes later.
func (w *World) Kinds(ctx context.Context) (kinds []Kind, err error) {
	lists, err := w.api.ServerPreferredResourcesWithContext(ctx)
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		return nil, fmt.Errorf("discover the kinds that there are: %w", err)
	}
	_, all, err := w.api.ServerGroupsAndResourcesWithContext(ctx)
	if err != nil && !discovery.IsGroupDiscoveryFailedError(err) {
		return nil, fmt.Errorf("discover the kinds that there are: %w", err)
	}
	scales := scalable(all)
	for _, list := range lists {
		gv, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			return nil, fmt.Errorf("discover the kinds that there are: %w", err)
		}
		for _, r := range list.APIResources {
			if slices.Contains(r.Verbs, "list") && slices.Contains(r.Verbs, "delete") && !slices.Contains(passing, r.Kind) {
				kinds = append(kinds, Kind{gv.WithKind(r.Kind), r.Name, r.Namespaced, scales[list.GroupVersion+"/"+r.Name]})
			}
		}
	}
	return kinds, nil
}

var passing = []string{"Event", "IPAddress"}

// scalable are the resources that have a subresource scale.
func scalable(lists []*metav1.APIResourceList) map[string]bool {
	found := map[string]bool{}
	for _, list := range lists {
		for _, r := range list.APIResources {
			if name, ok := strings.CutSuffix(r.Name, "/scale"); ok {
				found[list.GroupVersion+"/"+name] = true
			}
		}
	}
	return found
}

// path is where the API server keeps the objects of a kind, in all namespaces when none is named.
func (k Kind) path(namespace string, name ...string) []string {
	segments := []string{"/apis", k.Group, k.Version}
	if k.Group == "" {
		segments = []string{"/api", k.Version}
	}
	if k.Namespaced && namespace != "" {
		segments = append(segments, "namespaces", namespace)
	}
	return append(append(segments, k.Resource), name...)
}

// The kinds that are known without asking: every Kubernetes has them.
var (
	Namespaces = Kind{GroupVersionKind: schema.GroupVersionKind{Version: "v1", Kind: "Namespace"}, Resource: "namespaces"}
	Maps       = Kind{GroupVersionKind: schema.GroupVersionKind{Version: "v1", Kind: "ConfigMap"}, Resource: "configmaps", Namespaced: true}
	Pods       = Kind{GroupVersionKind: schema.GroupVersionKind{Version: "v1", Kind: "Pod"}, Resource: "pods", Namespaced: true}
)
