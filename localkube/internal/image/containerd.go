// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package image makes the few images that localkube itself needs and speaks with
// the containerd of a node about images.
package image

import (
	"context"
	"os"
	"sort"
	"strings"

	"github.com/containerd/containerd/v2/client"
	"github.com/containerd/containerd/v2/pkg/namespaces"

	"nationtech.io/harmony/localkube/internal/fault"
)

// kubernetesNamespace is where containerd keeps what Kubernetes runs.
const kubernetesNamespace = "k8s.io"

// Image is an image in a node.
type Image struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

// Store is the images of one node.
type Store struct {
	node   string
	client *client.Client
}

// Open connects to the containerd at a socket.
func Open(node, socket string) (*Store, error) {
	c, err := client.New(socket, client.WithDefaultNamespace(kubernetesNamespace))
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "connect to containerd of node %s", node)
	}
	return &Store{node: node, client: c}, nil
}

// Close closes the connection.
func (s *Store) Close() { _ = s.client.Close() }

// Serving reports whether containerd answers.
func (s *Store) Serving(ctx context.Context) bool {
	ok, err := s.client.IsServing(ctx)
	return err == nil && ok
}

// List gives the node's images by name; names that are only a digest are left out.
func (s *Store) List(ctx context.Context) ([]Image, error) {
	list, err := s.client.ImageService().List(namespaces.WithNamespace(ctx, kubernetesNamespace))
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "list the images of node %s", s.node)
	}
	found := []Image{}
	for _, i := range list {
		if !strings.HasPrefix(i.Name, "sha256:") {
			found = append(found, Image{Name: i.Name, Digest: i.Target.Digest.String()})
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Name < found[j].Name })
	return found, nil
}

// Load loads an archive, as `docker save` or an OCI layout has it, and makes its
// images ready to run. An OCI layout keeps its digests; the other gets a new manifest.
func (s *Store) Load(ctx context.Context, archive string) ([]Image, error) {
	file, err := os.Open(archive)
	if err != nil {
		return nil, fault.Wrap(fault.Usage, err, "open an archive of images")
	}
	defer func() { _ = file.Close() }()
	ctx = namespaces.WithNamespace(ctx, kubernetesNamespace)
	imported, err := s.client.Import(ctx, file)
	if err != nil {
		return nil, fault.Wrap(fault.Failed, err, "load %s into node %s", archive, s.node)
	}
	if len(imported) == 0 {
		return nil, fault.New(fault.Usage, "%s names no image: an OCI layout needs the annotation org.opencontainers.image.ref.name with the whole reference", archive)
	}
	var loaded []Image
	for _, i := range imported {
		if err := client.NewImage(s.client, i).Unpack(ctx, "overlayfs"); err != nil {
			return nil, fault.Wrap(fault.Failed, err, "unpack %s in node %s", i.Name, s.node)
		}
		loaded = append(loaded, Image{Name: i.Name, Digest: i.Target.Digest.String()})
	}
	return loaded, nil
}
