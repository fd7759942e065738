// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"fmt"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"nationtech.io/harmony/capability/kube"
	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
)

// definitionsInventory has the definitions of the fleet's kinds. A cluster has them once, however many fleets are in it, so they
// are listed in a namespace of their own, and several fleets may be deployed at a time.
var definitionsInventory = kube.Inventory{Namespace: "harmony-fleet-definitions", Name: "definitions", Shared: true}

// definitions are made from the Go types; see package v1alpha1.
func definitions() ([]kube.Object, error) {
	texts, err := fleet.Definitions()
	if err != nil {
		return nil, err
	}
	var all []kube.Object
	for _, text := range texts {
		var d apiextensionsv1.CustomResourceDefinition
		if err := yaml.UnmarshalStrict(text, &d); err != nil {
			return nil, fmt.Errorf("read a definition: %w", err)
		}
		all = append(all, &d)
	}
	return all, nil
}
