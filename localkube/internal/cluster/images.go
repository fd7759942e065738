// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"nationtech.io/harmony/localkube/internal/config"
	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/image"
	"nationtech.io/harmony/localkube/internal/supervisor"
)

// openStore connects to the containerd of a node that runs, through the root directory of its first process.
func openStore(node supervisor.Node) (*image.Store, error) {
	if node.PID == 0 {
		return nil, fault.New(fault.Absent, "node %q does not run", node.Name)
	}
	return image.Open(node.Name, fmt.Sprintf("/proc/%d/root%s", node.PID, config.ContainerdSocket))
}

// loadImages waits for the node's containerd and loads the images of localkube that it lacks.
func (b *bringUp) loadImages(ctx context.Context, name string) error {
	var store *image.Store
	err := b.until(ctx, "containerd of node "+name+" to answer", name, config.Containerd, func(ctx context.Context) (bool, string, error) {
		status, err := b.client.Status(ctx)
		if err != nil {
			return false, err.Error(), nil
		}
		node := status.Node(name)
		if node == nil || node.PID == 0 {
			return false, "the node does not run", nil
		}
		if c := node.Component(config.Containerd); c == nil || c.State != "running" {
			return false, "containerd does not run", nil
		}
		s, err := openStore(*node)
		if err != nil {
			return false, err.Error(), nil
		}
		if !s.Serving(ctx) {
			s.Close()
			return false, "containerd does not serve", nil
		}
		store = s
		return true, "", nil
	})
	if err != nil {
		return err
	}
	defer store.Close()
	there, err := store.List(ctx)
	if err != nil {
		return err
	}
	has := map[string]bool{}
	for _, i := range there {
		has[i.Name] = true
	}
	for _, archive := range b.programs.Images {
		if !has[archive.Reference] {
			if _, err := store.Load(ctx, archive.File); err != nil {
				return err
			}
		}
	}
	return nil
}

// Images lists the images of each node that runs.
func (m Manager) Images(ctx context.Context, name string) (map[string][]image.Image, error) {
	return m.eachNode(ctx, name, func(ctx context.Context, s *image.Store) ([]image.Image, error) { return s.List(ctx) })
}

// LoadImages loads archives into every node that runs and gives what was loaded.
func (m Manager) LoadImages(ctx context.Context, name string, archives []string) (map[string][]image.Image, error) {
	return m.eachNode(ctx, name, func(ctx context.Context, s *image.Store) ([]image.Image, error) {
		var loaded []image.Image
		for _, archive := range archives {
			images, err := s.Load(ctx, archive)
			if err != nil {
				return nil, err
			}
			loaded = append(loaded, images...)
		}
		return loaded, nil
	})
}

func (m Manager) eachNode(ctx context.Context, name string, do func(context.Context, *image.Store) ([]image.Image, error)) (map[string][]image.Image, error) {
	_, status, err := running(ctx, m.Root.Cluster(name))
	if err != nil {
		return nil, err
	}
	results := make([][]image.Image, len(status.Nodes))
	group, ctx := errgroup.WithContext(ctx)
	for i, node := range status.Nodes {
		if node.State == supervisor.Stopped {
			continue
		}
		group.Go(func() error {
			store, err := openStore(node)
			if err != nil {
				return err
			}
			defer store.Close()
			results[i], err = do(ctx, store)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	all := map[string][]image.Image{}
	for i, node := range status.Nodes {
		if node.State != supervisor.Stopped {
			all[node.Name] = results[i]
		}
	}
	return all, nil
}

// TrustRegistry lets every node pull from a registry that speaks plain HTTP.
func (m Manager) TrustRegistry(_ context.Context, name, hostPort string) error {
	c := m.Root.Cluster(name)
	spec, err := c.Load()
	if err != nil {
		return err
	}
	for _, node := range spec.Nodes {
		if err := config.TrustRegistry(c, node, hostPort); err != nil {
			return err
		}
	}
	return nil
}
