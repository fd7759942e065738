// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"nationtech.io/harmony/diag"
)

// wrongFlag explains why flags could not be parsed.
func wrongFlag(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return diag.New(diag.BadFlag, cmd.CommandPath()).Because(err).Try(cmd.CommandPath() + " --help")
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	d := diag.New(diag.UnknownFlag, cmd.CommandPath()).Because(err)
	for _, name := range diag.Near(unknown.GetSpecifiedName(), names) {
		d.Try("did you mean --" + name + "?")
	}
	return d.Try(cmd.CommandPath() + " --help")
}
