// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"nationtech.io/harmony/diag"
)

// A listing is what list tells of one component.
type listing struct {
	Component string          `json:"component"`
	What      string          `json:"what"`
	Needs     []string        `json:"needs"`
	Fits      map[string]bool `json:"topologies"`
}

func (a App) listCommand(streams Streams) *cobra.Command {
	output := "text"
	cmd := &cobra.Command{
		Use: "list", Short: "What can be deployed, what it needs, and which topologies can host it", Args: cobra.NoArgs, GroupID: groupHelp,
		RunE: func(*cobra.Command, []string) error {
			if err := knownOutput(output); err != nil {
				return err
			}
			listings, err := a.listings()
			if err != nil {
				return err
			}
			if output == "json" {
				return writeJSON(streams.Out, listings)
			}
			return a.table(streams.Out, listings)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", output, "text or json")
	return cmd
}

func (a App) listings() (all []listing, err error) {
	for _, c := range a.Components {
		offer, err := c.Bind(pflag.NewFlagSet(c.Name, pflag.ContinueOnError))(a.Namespace)
		if err != nil {
			return nil, flagged(err)
		}
		l := listing{Component: c.Name, What: c.What, Needs: offer.Needs(), Fits: map[string]bool{}}
		for _, t := range a.Topologies {
			l.Fits[t.Name] = offer.Fits(t.Type)
		}
		all = append(all, l)
	}
	return all, nil
}

func (a App) table(w io.Writer, listings []listing) error {
	yes, no := "✓", "–"
	if lookOf(w).ascii {
		yes, no = "yes", "-"
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "COMPONENT\tWHAT\tNEEDS\t%s\n", strings.Join(a.topologyNames(), "\t"))
	for _, l := range listings {
		fmt.Fprintf(t, "%s\t%s\t%s", l.Component, l.What, strings.Join(l.Needs, ", "))
		for _, name := range a.topologyNames() {
			mark := no
			if l.Fits[name] {
				mark = yes
			}
			fmt.Fprintf(t, "\t%s", mark)
		}
		fmt.Fprintln(t)
	}
	return t.Flush()
}

// Explain is the command that shows the page of an error code, or of a topic.
func Explain(program string, pages func(code string) (text string, ok bool), streams Streams) *cobra.Command {
	return &cobra.Command{
		Use: "explain CODE|" + topicWaiting, Short: "What an error code means, how it comes about, and what to do",
		Example: "  " + program + " explain " + string(diag.NobodyAnswered) + "\n  " + program + " explain " + topicWaiting,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if args[0] == topicWaiting {
				return explainWaiting(streams.Out)
			}
			code := strings.ToUpper(args[0])
			page, ok := pages(code)
			if !ok {
				return diag.New(diag.UnknownCode, "explain").Saw(code + " is not an error code of " + program)
			}
			_, err := io.WriteString(streams.Out, page)
			return err
		},
	}
}
