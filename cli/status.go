// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/event"
)

func (a App) statusCommand(streams Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use: "status", Short: "What stands, which version, since when", Args: cobra.NoArgs, GroupID: groupStanding,
		Long: "What stands, which version, since when: read from the inventories in the cluster.\n\n" +
			"It tells what was deployed; verify tells whether it works.",
		Example: fmt.Sprintf("  %s status --topology %s", a.Name, a.Topologies[0].Name),
	}
	common := a.commonFlags(cmd.Flags())
	all := cmd.Flags().BoolP("all-namespaces", "A", false, "of every namespace")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := a.begin(cmd.Context(), common, streams)
		if err != nil {
			return err
		}
		namespace := common.namespace
		if *all {
			namespace = ""
		}
		ctx, cancel := untilStop(cmd.Context())
		defer cancel()
		ctx = event.Into(ctx, s.run.Events)
		looked := event.Begin(ctx, "look")
		standing, err := s.place.Components(ctx, namespace)
		looked(err)
		if err == nil {
			err = s.standing(standing)
		}
		return errors.Join(err, s.end())
	}
	return cmd
}

func (s *session) standing(standing []kube.Standing) error {
	if s.common.output == "json" {
		return writeJSON(s.streams.Out, standing)
	}
	fmt.Fprintf(s.streams.Err, "on %s (%s)\n", s.place.Name(), s.place.Target())
	if len(standing) == 0 {
		_, err := io.WriteString(s.streams.Out, "nothing stands here\n")
		return err
	}
	t := tabwriter.NewWriter(s.streams.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "COMPONENT\tNAMESPACE\tVERSION\tSINCE\tOBJECTS\tDATA KEPT")
	for _, c := range standing {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s ago\t%d\t%d\n", c.Component, c.Namespace, c.Version, event.Human(time.Since(c.Since)), len(c.Objects), len(c.Data))
	}
	return t.Flush()
}
