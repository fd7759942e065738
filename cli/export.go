// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
)

// An Exporter declares the flags of the verb export and returns what does it, once they are parsed: it writes down what a
// deploy of the offer to the namespace would apply.
type Exporter func(*pflag.FlagSet) func(ctx context.Context, run harmony.Run, offer harmony.Offer, namespace string) (Exported, error)

// Exported is what an export has written.
type Exported struct {
	Dir    string         `json:"directory"`
	Format string         `json:"format"`
	Files  []ExportedFile `json:"files"`
	// Left is what a deploy does and no one does who applies the export.
	Left []string `json:"notInTheExport"`
	// Beware is what whoever applies it must know.
	Beware []string `json:"beware"`
}

// An ExportedFile is one file of an export; only its owner may read it if it is secret.
type ExportedFile struct {
	Name   string `json:"name"`
	Secret bool   `json:"secret"`
}

const aboutExport = "Interprets the component on a place that is written down instead of made: what a deploy would apply, and its\n" +
	"images. No cluster is needed or asked. Give the flags that it would be deployed with.\n\n" +
	"As manifests: a file for each object, in the order of application, for kubectl apply --server-side, Argo CD or Flux.\n" +
	"Generated credentials, and all else that has a credential in it, are in secrets.yaml alone.\n\n" +
	"As a chart: no credential is in it. They are values that its schema requires, and are in values-secrets.yaml beside it;\n" +
	"images are values, too. It is for the one namespace.\n\n" +
	"The directory must be new, empty, or an earlier export of the same component, which is replaced as a whole. Its\n" +
	"credentials are kept; all other files come out the same to the byte. README.md there says how to apply it, and what a\n" +
	"deploy does that is not in it."

func (a App) exportCommand(streams Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use: "export COMPONENT", Short: "Write down what a deploy would apply, as manifests or a Helm chart", GroupID: groupStanding,
		Long: "Write down what a deploy would apply, as manifests or a Helm chart.\n\n" + aboutExport,
		Args: a.knownComponent, FParseErrWhitelist: cobra.FParseErrWhitelist{UnknownFlags: true},
		RunE: func(cmd *cobra.Command, _ []string) error { return a.noComponent(cmd) },
	}
	for _, c := range a.Components {
		cmd.AddCommand(a.exportOf(c, streams))
	}
	return cmd
}

// exportOf makes the command that exports one component.
func (a App) exportOf(c Component, streams Streams) *cobra.Command {
	one := &cobra.Command{
		Use: c.Name, Short: c.What, Args: cobra.NoArgs, Long: c.What + ".\n\n" + aboutExport,
		Example: strings.Join([]string{
			fmt.Sprintf("  %s export %s --format manifests --to deploy/%s %s", a.Name, c.Name, c.Name, c.Example),
			fmt.Sprintf("  %s export %s --format chart --to charts/%s --registry registry.example/harmony", a.Name, c.Name, c.Name),
		}, "\n"),
	}
	common := a.runFlags(one.Flags())
	offer, write := c.Bind(one.Flags()), a.Export(one.Flags())
	one.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := common.check(); err != nil {
			return err
		}
		o, err := offer(common.namespace)
		if err != nil {
			return flagged(err)
		}
		s, err := a.listen(common, streams)
		if err != nil {
			return err
		}
		fmt.Fprintf(streams.Err, "exporting %s (namespace %s)\n", o.Name(), common.namespace)
		ctx, cancel := untilStop(cmd.Context())
		defer cancel()
		exported, err := write(ctx, s.run, o, common.namespace)
		return errors.Join(flagged(err), s.exported(o.Name(), exported, err), s.end())
	}
	return one
}

// chartOf makes the command that exports one component as a chart, under the component's own name: its export, with the form
// chosen.
func (a App) chartOf(c Component, streams Streams) *cobra.Command {
	export := a.exportOf(c, streams)
	cmd := &cobra.Command{
		Use: "chart", Short: "Write it down as a Helm chart", Args: cobra.NoArgs,
		Long:    "Write " + c.Name + " down as a Helm chart: export " + c.Name + " --format chart --to DIR.\n\n" + aboutExport,
		Example: fmt.Sprintf("  %s %s chart --output charts/%s --registry registry.example/harmony", a.Name, c.Name, c.Name),
	}
	export.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Name != "format" && f.Name != "to" && f.Name != "output" {
			cmd.Flags().AddFlag(f)
		}
	})
	dir := cmd.Flags().StringP("output", "o", "", export.Flags().Lookup("to").Usage)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		export.SetContext(cmd.Context())
		return errors.Join(export.Flags().Set("format", "chart"), export.Flags().Set("to", *dir), export.RunE(export, args))
	}
	return cmd
}

// exported writes what has become of an export.
func (s *session) exported(name string, e Exported, err error) error {
	if s.common.output == "json" {
		return writeJSON(s.streams.Out, struct {
			Component string `json:"component"`
			Namespace string `json:"namespace"`
			Exported
			Errors []*diag.Diagnostic `json:"errors"`
		}{name, s.common.namespace, e, append([]*diag.Diagnostic{}, diag.All(err)...)})
	}
	if err != nil {
		return nil //nolint:nilerr // the caller tells of it; here is nothing to be shown
	}
	for _, f := range e.Files {
		mark := ""
		if f.Secret {
			mark = "  (secret: only you may read it)"
		}
		fmt.Fprintf(s.streams.Out, "  %s%s\n", f.Name, mark)
	}
	fmt.Fprintf(s.streams.Out, "%d files of %s in %s, as %s\n", len(e.Files), name, e.Dir, e.Format)
	for _, what := range e.Beware {
		fmt.Fprintf(s.streams.Out, "beware: %s\n", what)
	}
	for _, what := range e.Left {
		fmt.Fprintf(s.streams.Out, "not in the export: %s\n", what)
	}
	return nil
}
