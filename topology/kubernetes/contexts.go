// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kubernetes

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"k8s.io/client-go/tools/clientcmd"
)

// contexts is what a kubeconfig has to choose from.
type contexts struct {
	names  []string
	chosen string // empty: credentials of the Pod that this program runs in
}

// find reads the kubeconfig as kube.Connect does, which has said what is wrong with it.
func find(options Options) contexts {
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = options.Kubeconfig
	config, err := rules.Load()
	if err != nil {
		return contexts{chosen: options.Context}
	}
	found := contexts{names: slices.Sorted(maps.Keys(config.Contexts)), chosen: config.CurrentContext}
	if options.Context != "" {
		found.chosen = options.Context
	}
	return found
}

func (c contexts) list() string { return strings.Join(c.names, ", ") }

func (c contexts) target(host string) string {
	if c.chosen == "" {
		return host
	}
	return "context " + strconv.Quote(c.chosen) + " (" + host + ")"
}
