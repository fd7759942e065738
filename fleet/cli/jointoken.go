// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer/admin"
	"nationtech.io/harmony/secret"
)

const (
	byHand        = "by-hand"
	automatically = "automatically"
)

func (p *program) joinToken() *cobra.Command {
	cmd := &cobra.Command{
		Use: "join-token", Short: "Let devices ask by themselves to be taken in: make a token for them, list tokens, take one away", GroupID: groupEnrol,
		Example: "  harmony-fleet join-token create --devices 20 --name-prefix press- --label site=lyon\n  harmony-fleet join-token list",
		Args:    knownCommand,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(p.joinTokenCreate(), p.joinTokenList(), p.joinTokenDelete())
	return cmd
}

func (p *program) joinTokenCreate() *cobra.Command {
	var t admin.JoinToken
	var expires time.Duration
	var approve string
	var labels []string
	cmd := &cobra.Command{
		Use: "create [DEVICE...]", Short: "Make a short-lived token, which devices ask with to join",
		Long: "The token is written once, to standard output; nobody can read it later. A device that asks with it waits until somebody\n" +
			"approves it: harmony-fleet enrollments.\n\n" +
			"With --approve automatically the devices that are named need no approval. Their Devices are made now, with their labels: the\n" +
			"issuer has no rights in Kubernetes, so whoever makes the token says now what the devices shall be.",
		Example: "  harmony-fleet join-token create --devices 20 --expires 4h --name-prefix press- --label site=lyon\n" +
			"  harmony-fleet join-token create press-07 press-08 --approve automatically --label site=lyon",
	}
	cmd.Flags().IntVar(&t.Left, "devices", 0, "how many devices the token is for (default: those that are named, or 1)")
	cmd.Flags().DurationVar(&expires, "expires", time.Hour, "how long the token is good, a week at most")
	cmd.Flags().StringVar(&approve, "approve", byHand, "who approves: "+byHand+", or "+automatically+" for devices that are named")
	cmd.Flags().StringArrayVar(&labels, "label", nil, "a label of the Devices, such as site=lyon; may be given again")
	cmd.Flags().StringVar(&t.Prefix, "name-prefix", "", "what the names of devices must begin with")
	cmd.RunE = func(cmd *cobra.Command, args []string) (err error) {
		if t.Labels, err = labelled(labels); err != nil {
			return err
		}
		t.Devices, t.Automatic = args, approve == automatically
		if err := checkToken(&t, approve); err != nil {
			return err
		}
		s, err := p.options.open()
		if err != nil {
			return err
		}
		t.Until = time.Now().Add(expires)
		return s.makeToken(cmd.Context(), t, p.streams.Out, p.streams.Err)
	}
	return cmd
}

// checkToken finds what is wrong with what was asked for, and completes it.
func checkToken(t *admin.JoinToken, approve string) error {
	for _, name := range t.Devices {
		if _, err := contract.ParseDeviceID(name); err != nil {
			return diag.New(diag.UnknownCommand, "harmony-fleet join-token create").Because(err)
		}
		if !strings.HasPrefix(name, t.Prefix) {
			return diag.New(diag.BadFlag, "--name-prefix").Saw(name + " does not begin with it")
		}
	}
	switch {
	case approve != byHand && approve != automatically:
		return diag.New(diag.BadFlag, "--approve").Saw(fmt.Sprintf("%q is not known", approve)).Try("take " + byHand + " or " + automatically)
	case t.Automatic && len(t.Devices) == 0:
		return diag.New(diag.BadFlag, "--approve").Saw("devices that nobody looks at must be named").
			Try("harmony-fleet join-token create press-07 press-08 --approve " + automatically)
	case len(t.Devices) > 0 && t.Left != 0 && t.Left != len(t.Devices):
		return diag.New(diag.BadFlag, "--devices").Saw(fmt.Sprintf("%d devices are named", len(t.Devices)))
	}
	t.Left = cmp.Or(t.Left, len(t.Devices), 1)
	return nil
}

// makeToken makes a token, and the Devices that nobody will approve. The token is all that is written to out.
func (s *session) makeToken(ctx context.Context, t admin.JoinToken, out, say io.Writer) error {
	way, err := s.entrance(ctx)
	if err != nil {
		return err
	}
	issuer, err := s.asked(ctx)
	if err != nil {
		return err
	}
	if t.Automatic {
		if err := s.expect(ctx, issuer, t, say); err != nil {
			return err
		}
	}
	made := secret.Random()
	id := sha256.Sum256([]byte(made.Reveal())) // the issuer is told no more than that
	t.ID, t.Access = hex.EncodeToString(id[:]), way.Access
	if t, err = issuer.AddJoinToken(ctx, t); err != nil {
		return err
	}
	fmt.Fprintf(say, "token %.12s is for %d devices, until %s\n", t.ID, t.Left, t.Until.Local().Format(time.RFC3339))
	trust := ""
	if way.OfIssuer() != "" {
		key := authoritiesKey
		if way.IssuerAuthorities != nil {
			key = issuerAuthoritiesKey
		}
		fmt.Fprintf(say, "the authorities of the issuer's certificate, for the devices:\n  kubectl --namespace %s get configmap %s --output 'jsonpath={.data.%s}' > ca.pem\n",
			s.fleet, accessName, strings.ReplaceAll(key, ".", `\.`))
		trust = " --ca-file ca.pem"
	}
	fmt.Fprintf(say, "on each device, with the token below:\n  harmony-fleet-agent join --token TOKEN --issuer %s%s\n", way.issuer, trust)
	_, err = io.WriteString(out, made.Reveal()+"\n")
	return err
}

// expect makes the Devices that a token lets in by itself. A name that is somebody's is refused: its device is replaced by
// an approval, and not by whoever holds a token.
func (s *session) expect(ctx context.Context, issuer admin.Client, t admin.JoinToken, say io.Writer) error {
	all, err := issuer.List(ctx)
	if err != nil {
		return err
	}
	for _, m := range all.Machines {
		if slices.Contains(t.Devices, m.Name) {
			return diag.New(diag.NameTaken, m.Name).Saw("the issuer knows it").Try("leave it out; a device that takes its place is approved by hand:",
				"harmony-fleet approve "+m.Name+" --replace")
		}
	}
	for _, name := range t.Devices {
		d, err := s.registered(ctx, name)
		if err != nil {
			return err
		}
		if d != nil && d.Annotations[enrolledKey] != "" {
			return diag.New(diag.NameTaken, name).Saw("there is a Device of that name, which was made for the key "+d.Annotations[enrolledKey]).
				Try("leave it out; a device that takes its place is approved by hand:", "harmony-fleet approve "+name+" --replace")
		}
	}
	for _, name := range t.Devices {
		did, err := s.register(ctx, name, t.Labels, "")
		if err != nil {
			return err
		}
		fmt.Fprintln(say, did)
	}
	return nil
}

func (p *program) joinTokenList() *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "Which tokens there are, and how many devices may ask with each yet", Args: exactly(0, "no arguments"),
		Example: "  harmony-fleet join-token list --output json",
	}
	known := p.options.outputs(cmd.Flags(), "text", "json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := known(); err != nil {
			return err
		}
		issuer, err := p.administrator(cmd.Context())
		if err != nil {
			return err
		}
		list, err := issuer.JoinTokens(cmd.Context())
		if err != nil {
			return err
		}
		if p.options.output == "json" {
			return writeJSON(p.streams.Out, list)
		}
		return table(p.streams.Out, tokenRows(list, time.Now())...)
	}
	return cmd
}

// administrator is how the fleet's issuer is administrated.
func (p *program) administrator(ctx context.Context) (admin.Client, error) {
	s, err := p.options.open()
	if err != nil {
		return admin.Client{}, err
	}
	return s.asked(ctx)
}

const shownID = 12

func tokenRows(list []admin.JoinToken, now time.Time) [][]string {
	rows := [][]string{{"ID", "LEFT", "EXPIRES", "APPROVAL", "NAMES", "LABELS"}}
	for _, t := range list {
		approval, names, expires := byHand, orDash(t.Prefix), "expired"
		if t.Automatic {
			approval = automatically
		}
		if t.Prefix != "" {
			names += "*"
		}
		if len(t.Devices) > 0 {
			names = some(t.Devices, shownDevices)
		}
		if t.Until.After(now) {
			expires = "in " + t.Until.Sub(now).Round(time.Second).String()
		}
		rows = append(rows, []string{t.ID[:min(shownID, len(t.ID))], strconv.Itoa(t.Left), expires, approval, names, pairs(t.Labels)})
	}
	return rows
}

func (p *program) joinTokenDelete() *cobra.Command {
	cmd := &cobra.Command{
		Use: "delete ID", Short: "Take a token away; devices that have asked with it are not concerned", Args: exactly(1, "the id of a token"),
		Example: "  harmony-fleet join-token delete 4f1c2a9e5b1d",
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		issuer, err := p.administrator(cmd.Context())
		if err != nil {
			return err
		}
		list, err := issuer.JoinTokens(cmd.Context())
		if err != nil {
			return err
		}
		list = slices.DeleteFunc(list, func(t admin.JoinToken) bool { return !strings.HasPrefix(t.ID, args[0]) })
		if len(list) != 1 {
			return diag.New(diag.NobodyJoins, "token "+args[0]).Saw(fmt.Sprintf("%d tokens begin like that", len(list))).Try("harmony-fleet join-token list")
		}
		if err := issuer.DropJoinToken(cmd.Context(), list[0].ID); err != nil {
			return err
		}
		fmt.Fprintf(p.streams.Out, "token %.12s deleted\n", list[0].ID)
		return nil
	}
	return cmd
}
