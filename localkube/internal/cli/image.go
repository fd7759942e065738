// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"net"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/image"
)

func (a *app) image() *cobra.Command {
	command := &cobra.Command{
		Use:   "image",
		Short: "Load images into the nodes of a cluster, and list them",
		Example: `  localkube image load app.tar
  localkube image list --output json
  localkube image trust 10.90.1.1:5000`,
	}
	command.AddCommand(a.imageLoad(), a.imageList(), a.imageTrust())
	return command
}

func (a *app) imageLoad() *cobra.Command {
	return &cobra.Command{
		Use:   "load FILE…",
		Short: "Load archives of images into every node",
		Long: `Load archives of images into every node that runs: what "docker save" writes, or a
tar of an OCI layout whose index names each image in the annotation
org.opencontainers.image.ref.name. An OCI layout keeps its digests.`,
		Example: "  localkube image load app.tar other.tar",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			m, err := a.manager()
			if err != nil {
				return err
			}
			nodes, err := m.LoadImages(c.Context(), a.name, args)
			if err != nil {
				return err
			}
			return a.out.result("loaded", map[string]any{"nodes": nodes}, imagesText(nodes))
		},
	}
}

func (a *app) imageList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the images of every node that runs",
		Example: "  localkube image list",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			m, err := a.manager()
			if err != nil {
				return err
			}
			nodes, err := m.Images(c.Context(), a.name)
			if err != nil {
				return err
			}
			return a.out.result("images", map[string]any{"nodes": nodes}, imagesText(nodes))
		},
	}
}

func imagesText(nodes map[string][]image.Image) string {
	var names []string
	for name := range nodes {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	for _, name := range names {
		for _, i := range nodes[name] {
			_, _ = fmt.Fprintf(&b, "%s  %s  %s\n", name, i.Name, i.Digest)
		}
	}
	return b.String()
}

func (a *app) imageTrust() *cobra.Command {
	return &cobra.Command{
		Use:   "trust HOST:PORT",
		Short: "Let every node pull from a registry that speaks plain HTTP",
		Long: `Let every node pull from a registry that speaks plain HTTP, for instance one on the
host's end of the nodes' network (the gateway of "localkube status").`,
		Example: "  localkube image trust 10.90.1.1:5000",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			host, port, err := net.SplitHostPort(args[0])
			if err != nil || host == "" || port == "" || strings.ContainsAny(args[0], "/\\\"") {
				return fault.New(fault.Usage, "registry %q: want HOST:PORT", args[0])
			}
			m, err := a.manager()
			if err != nil {
				return err
			}
			if err := m.TrustRegistry(c.Context(), a.name, args[0]); err != nil {
				return err
			}
			return a.out.result("trusted", map[string]string{"registry": args[0]}, "local  nodes pull from http://"+args[0])
		},
	}
}
