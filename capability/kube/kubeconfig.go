// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"nationtech.io/harmony/diag"
)

func (o Options) load() (*rest.Config, error) {
	if o.Config != nil {
		return o.Config, nil
	}
	raw, from, err := o.raw()
	if err != nil {
		return nil, diag.New(diag.BadKubeconfig).Saw(from + " cannot be read").Because(err)
	}
	if o.Context != "" && raw.Contexts[o.Context] == nil {
		return nil, diag.New(diag.NoContext).
			Saw(from + " has no context " + o.Context).Saw(contexts(raw)).
			Try("choose one of the contexts that there are")
	}
	if len(raw.Clusters) == 0 && o.Context == "" && !o.explicit() {
		return inCluster(from)
	}
	config, err := clientcmd.NewNonInteractiveClientConfig(*raw, o.Context, &clientcmd.ConfigOverrides{}, nil).ClientConfig()
	if err != nil {
		return nil, diag.New(diag.BadKubeconfig).Saw(from + ": " + err.Error()).Saw(contexts(raw)).Because(err)
	}
	return config, nil
}

func (o Options) explicit() bool { return o.Kubeconfig != "" || len(o.Content) > 0 }

// raw reads the kubeconfig and tells where it came from.
func (o Options) raw() (*api.Config, string, error) {
	if len(o.Content) > 0 {
		raw, err := clientcmd.Load(o.Content)
		return raw, "the kubeconfig", err
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	if o.Kubeconfig != "" {
		rules = &clientcmd.ClientConfigLoadingRules{ExplicitPath: o.Kubeconfig}
	}
	raw, err := rules.Load()
	from := orElse(o.Kubeconfig, strings.Join(rules.Precedence, ", "))
	return raw, from, err
}

func inCluster(from string) (*rest.Config, error) {
	config, err := rest.InClusterConfig()
	if err != nil {
		d := diag.New(diag.BadKubeconfig).Saw("there is no kubeconfig at " + from + ", and this is no Pod")
		if os.Getenv("KUBECONFIG") != "" {
			return nil, d.Try("point KUBECONFIG at a file that exists")
		}
		return nil, d.Try("name a kubeconfig")
	}
	return config, nil
}

func contexts(raw *api.Config) string {
	if len(raw.Contexts) == 0 {
		return "it has no contexts"
	}
	return "its contexts: " + strings.Join(slices.Sorted(maps.Keys(raw.Contexts)), ", ")
}

// coreClient reaches what the dynamic client cannot: logs and port-forwards.
func coreClient(config *rest.Config, httpClient *http.Client) (*rest.RESTClient, error) {
	config = rest.CopyConfig(config)
	config.APIPath, config.GroupVersion = "/api", &corev1.SchemeGroupVersion
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	return rest.RESTClientForConfigAndClient(config, httpClient)
}
