// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"nationtech.io/harmony/fleet/people"
)

// completeDevices proposes the names of devices, for as many arguments as a command takes; 0 is for any number. When the fleet
// cannot be asked, nothing is proposed.
func (p *program) completeDevices(most int) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if most > 0 && len(args) >= most {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		s, err := p.options.open()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var list people.DeviceList
		if err := s.get(cmd.Context(), people.DevicesPath, &list); err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var found []cobra.Completion
		for _, d := range list.Devices {
			if strings.HasPrefix(d.Name, begun) {
				found = append(found, d.Name)
			}
		}
		return found, cobra.ShellCompDirectiveNoFileComp
	}
}
