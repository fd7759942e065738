// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent/folder"
	"nationtech.io/harmony/fleet/assertion"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/enrolment"
)

// An enrolling is a device that is about to be enrolled.
type enrolling struct {
	device  contract.DeviceID
	labels  map[string]string
	given   []byte // a public key; empty when one is made, or is in the folder
	folder  folder.Folder
	replace bool
	say     func(line string)
}

func (p *program) enroll() *cobra.Command {
	var dir, keyFile string
	var labels []string
	var replace bool
	cmd := &cobra.Command{
		Use: "enroll DEVICE --output-dir DIR", Short: "Take a device in: make it known to Kubernetes and to the identity provider, and write what its agent needs",
		Long: "Makes the Device, enrols it at the fleet's identity provider, its own issuer or a Zitadel, and writes agent.toml, key.pem and\n" +
			"ca.pem into a folder, which is then copied to the device. Again with the same folder it keeps the key and changes nothing\n" +
			"that is right.\n\n" +
			"With --key only a public key is given: the private one stays on the device. A Zitadel takes RSA keys alone. A device that\n" +
			"shall make its key and ask by itself needs a token in place of this, and the fleet's own issuer: harmony-fleet join-token create.",
		Example: "  harmony-fleet enroll press-07 --label site=lyon --output-dir press-07\n" +
			"  harmony-fleet enroll press-07 --key press-07.pub --output-dir press-07",
		Args: exactly(1, "the name of a device"), GroupID: groupEnrol,
	}
	cmd.Flags().StringVar(&dir, "output-dir", "", "the folder that is written (required)")
	cmd.Flags().StringVar(&keyFile, "key", "", "a public key that the device has made (default: a key is made in the folder)")
	cmd.Flags().StringArrayVar(&labels, "label", nil, "a label of the Device, such as site=lyon; may be given again")
	cmd.Flags().BoolVar(&replace, "replace", false, "take all other keys from the device, which was made anew or lost, and close its connections")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		e := enrolling{replace: replace, folder: folder.Folder{Dir: dir, At: folder.Installed}}
		e.say = func(line string) { fmt.Fprintln(p.streams.Out, line) }
		var err error
		if e.device, err = contract.ParseDeviceID(args[0]); err != nil {
			return diag.New(diag.UnknownCommand, cmd.CommandPath()).Because(err)
		}
		if e.labels, err = labelled(labels); err != nil {
			return err
		}
		if dir == "" {
			return diag.New(diag.BadFlag, "--output-dir").Saw("no folder is named").Try(cmd.CommandPath() + " " + args[0] + " --output-dir " + args[0])
		}
		if err := e.folder.Claim(e.device); err != nil {
			return err
		}
		if e.given, err = given(keyFile, e.device); err != nil {
			return err
		}
		s, err := p.options.open()
		if err != nil {
			return err
		}
		return s.enroll(cmd.Context(), e)
	}
	return cmd
}

// A shown is a public key.
type shown struct {
	id     string
	public []byte
}

// given reads the public key of a device; nothing when none is named.
func given(file string, device contract.DeviceID) ([]byte, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, diag.New(diag.BadFlag, "--key").Because(err)
	}
	if _, err := assertion.PublicID(text); err != nil {
		return nil, diag.New(diag.BadFlag, "--key").Saw(file).Because(err).Try("openssl pkey -in key.pem -pubout -out " + device.String() + ".pub")
	}
	return text, nil
}

// key is the device's public key: one that is given, or that of the folder, which is made if there is none. The provider takes it.
func (e enrolling) key(at enrolment.Provider) (shown, error) {
	k := shown{public: e.given}
	if len(e.given) == 0 || e.folder.HasKey() {
		own, made, err := e.folder.Key(at.NewKey)
		if err != nil {
			return k, err
		}
		if made {
			e.say(e.folder.Dir + "/" + folder.KeyFile + ": made, for this device alone: keep no other copy")
		}
		k = shown{own.ID, own.Public()}
	}
	if len(e.given) > 0 {
		id, err := assertion.PublicID(e.given)
		if err != nil {
			return k, diag.New(diag.BadFlag, "--key").Because(err)
		}
		if k.id != "" && k.id != id {
			return k, diag.New(diag.FolderUnusable, e.folder.Dir).Saw("the private key in it is another than that of --key").Try("name another folder, or move the key away")
		}
		k = shown{id, e.given}
	}
	return k, at.Takes(k.public)
}

// enroll makes a device known, and then writes its folder: where that is, all is.
func (s *session) enroll(ctx context.Context, e enrolling) error {
	way, err := s.entrance(ctx)
	if err != nil {
		return err
	}
	provider, err := s.provider(ctx, way)
	if err != nil {
		return err
	}
	key, err := e.key(provider)
	if err != nil {
		return err
	}
	did, err := s.register(ctx, e.device.String(), e.labels, key.id)
	if err != nil {
		return err
	}
	e.say(did)
	known, err := e.enrol(ctx, provider, key)
	if err != nil {
		return err
	}
	if e.replace {
		if err := s.rekeyed(ctx, e.device.String(), time.Now()); err != nil {
			return err
		}
		e.say("the operator closes its connections; it comes back with the key " + key.id)
	}
	wrote, err := e.folder.Write(folder.Told{
		Device: e.device, Plane: way.plane, Issuer: way.issuer, Access: way.Access, Machine: known.Name, KeyID: known.KeyID, Scope: known.Scope,
	})
	for _, line := range wrote {
		e.say(line)
	}
	if err != nil {
		return err
	}
	e.say(fmt.Sprintf("copy what is in %s to %s on the device, and start its agent there:\n  harmony-fleet-agent install", e.folder.Dir, folder.Installed))
	return nil
}

// enrol makes the device known to its provider by the key, and takes all others away if that is wanted.
func (e enrolling) enrol(ctx context.Context, at enrolment.Provider, key shown) (enrolment.Machine, error) {
	known, err := at.Enrol(ctx, e.device, key.public)
	if err != nil {
		return known, err
	}
	e.say("enrolled " + e.device.String() + " with the key " + key.id)
	for _, other := range known.Keys {
		switch {
		case other == cmp.Or(known.KeyID, key.id):
		case !e.replace:
			e.say("it has the key " + other + ", too; --replace takes it away")
		default:
			if err := at.Retire(ctx, e.device, other); err != nil {
				return known, err
			}
			e.say("took the key " + other + " from it")
		}
	}
	return known, nil
}
