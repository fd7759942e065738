// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package faults

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/e2e/faults/internal/victim"
	"nationtech.io/harmony/topology/kubernetes"
)

// reaching are faults of the way to the API server, and of who asks it.
func reaching() []Fault {
	elsewhere := func(name string, code diag.Code, cause string, change func(context.Context, *api.Config) error) Fault {
		return Fault{
			Name: name, Code: code, Cause: says(cause), Score: fixed(Score{Image: "unused.example/unused:1"}),
			Place: func(ctx context.Context, s *Stage) (victim.Place, error) { return s.through(ctx, change) },
		}
	}
	return []Fault{
		elsewhere("api-unreachable", diag.APIUnreachable, `connection refused`, func(ctx context.Context, c *api.Config) error {
			listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
			if err != nil {
				return fmt.Errorf("find a port that nobody listens on: %w", err)
			}
			each(c, func(cluster *api.Cluster) { cluster.Server = "https://" + listener.Addr().String() })
			return listener.Close()
		}),
		elsewhere("other-cluster", diag.OtherCluster, `unknown authority`, func(_ context.Context, c *api.Config) error {
			each(c, func(cluster *api.Cluster) { cluster.CertificateAuthorityData, cluster.CertificateAuthority = nil, "" })
			return nil
		}),
		elsewhere("certificate-expired", diag.CertificateExpired, `expired`, func(ctx context.Context, c *api.Config) error {
			server, authority, err := expired(ctx)
			each(c, func(cluster *api.Cluster) { cluster.Server, cluster.CertificateAuthorityData = server, authority })
			return err
		}),
		elsewhere("rbac-forbids", diag.Forbidden, `nobody.*cannot`, func(_ context.Context, c *api.Config) error {
			for _, user := range c.AuthInfos {
				user.Impersonate = "nobody"
			}
			return nil
		}),
		elsewhere("wrong-context", diag.NoContext, `no context|does not exist`, func(_ context.Context, c *api.Config) error {
			c.Contexts = map[string]*api.Context{"another": c.Contexts[c.CurrentContext]}
			return nil
		}),
	}
}

func each(c *api.Config, change func(*api.Cluster)) {
	for _, cluster := range c.Clusters {
		change(cluster)
	}
}

// through is the stage's cluster as a changed copy of its kubeconfig leads to it.
func (s *Stage) through(ctx context.Context, change func(context.Context, *api.Config) error) (victim.Place, error) {
	config, err := clientcmd.LoadFromFile(s.Place.Cluster().Kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig: %w", err)
	}
	was := config.CurrentContext
	if err := change(ctx, config); err != nil {
		return nil, err
	}
	path, err := written(config)
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(filepath.Dir(path)) }() // it was read when it is open, and it leads to the cluster
	return kubernetes.Open(ctx, kubernetes.Options{Kubeconfig: path, Context: was})
}
