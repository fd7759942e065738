// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"nationtech.io/harmony/diag"
)

// options are the flags of every command.
type options struct {
	kubeconfig, context, fleet, namespace, output string
}

func (o *options) flags(fs *pflag.FlagSet) {
	fs.StringVar(&o.kubeconfig, "kubeconfig", "", "path of a kubeconfig (default: as kubectl finds it)")
	fs.StringVar(&o.context, "context", "", "context of the kubeconfig (default: its current one)")
	fs.StringVar(&o.fleet, "fleet", "harmony-fleet", "the fleet: the namespace of its operator")
	fs.StringVarP(&o.namespace, "namespace", "n", "", "namespace of Deployments (default: that of the fleet)")
}

// outputs declares --output, with the forms that a command knows.
func (o *options) outputs(fs *pflag.FlagSet, forms ...string) func() error {
	fs.StringVarP(&o.output, "output", "o", forms[0], "form of what is shown: "+strings.Join(forms, ", "))
	return func() error {
		if slices.Contains(forms, o.output) {
			return nil
		}
		return diag.New(diag.BadFlag, "--output").Saw(fmt.Sprintf("%q is not a form of output", o.output)).Try("take " + strings.Join(forms, " or "))
	}
}

// in is the namespace of Deployments.
func (o *options) in() string {
	if o.namespace == "" {
		return o.fleet
	}
	return o.namespace
}
