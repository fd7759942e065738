// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/issuer/admin"
)

func (p *program) issuerCommands() *cobra.Command {
	cmd := &cobra.Command{
		Use: "issuer COMMAND", Short: "Keep what the fleet's issuer knows, and bring it back", GroupID: groupEnrol, Args: knownCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.backup(), p.restore())
	return cmd
}

func (p *program) backup() *cobra.Command {
	cmd := &cobra.Command{
		Use: "backup FILE", Short: "Write all that the issuer knows into a new file, which holds private keys",
		Example: "  harmony-fleet issuer backup issuer.backup", Args: exactly(1, "the name of a new file"),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return p.administrate(cmd.Context(), func(issuer admin.Client) error { return p.writeBackup(cmd.Context(), issuer, args[0]) })
	}
	return cmd
}

func (p *program) restore() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use: "restore FILE", Short: "Put a backup in the place of all that the issuer knows",
		Long: "Puts a backup in the place of all that the issuer knows, and lets it start anew. What happened at the issuer since the backup\n" +
			"is undone: who was enrolled is unknown; who was revoked or dismissed there, and keys and secrets that were taken away, are\n" +
			"good again. What harmony-fleet revoke has said stays: that stands in Kubernetes.",
		Example: "  harmony-fleet issuer restore issuer.backup", Args: exactly(1, "a file that backup wrote"),
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		kept, err := os.ReadFile(args[0])
		if err != nil {
			return diag.New(diag.RestoreRefused, args[0]).Because(err)
		}
		if !yes && !p.streams.CanAsk() {
			return diag.New(diag.BadFlag, "--yes").Saw("there is no terminal to ask at").Try("harmony-fleet issuer restore " + args[0] + " --yes")
		}
		return p.administrate(cmd.Context(), func(issuer admin.Client) error { return p.putBack(cmd.Context(), issuer, kept, yes) })
	}
	return cmd
}

// administrate reaches the issuer.
func (p *program) administrate(ctx context.Context, do func(admin.Client) error) error {
	s, err := p.options.open()
	if err != nil {
		return err
	}
	issuer, err := s.issuer(ctx)
	if err != nil {
		return err
	}
	return do(issuer)
}

// writeBackup makes a file for its owner alone, whole or not at all.
func (p *program) writeBackup(ctx context.Context, issuer admin.Client, name string) error {
	out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return diag.New(diag.BackupUnwritten, name).Because(err)
	}
	asked := issuer.Backup(ctx, out)
	if err := errors.Join(out.Sync(), out.Close()); err != nil {
		asked = errors.Join(asked, diag.New(diag.BackupUnwritten, name).Because(err))
	}
	if asked != nil {
		return errors.Join(asked, os.Remove(name))
	}
	fmt.Fprintln(p.streams.Out, name+": written; it holds private keys")
	return nil
}

// putBack says whom the issuer knows now, has the person agree, and sends the backup.
func (p *program) putBack(ctx context.Context, issuer admin.Client, kept []byte, yes bool) error {
	known, err := issuer.List(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.streams.Err, "the issuer knows %d machines and %d people, in whose place comes what was backed up\n", len(known.Machines), len(known.People))
	if !yes {
		if err := p.streams.Ask(ctx); err != nil {
			return err
		}
	}
	if err := issuer.Restore(ctx, kept); err != nil {
		return err
	}
	fmt.Fprintln(p.streams.Out, "restored: the issuer starts anew with it. Revoke again who was revoked since the backup")
	return nil
}
