// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/fleet/agent"
	"nationtech.io/harmony/fleet/agent/config"
	"nationtech.io/harmony/fleet/agent/folder"
	"nationtech.io/harmony/fleet/agent/join"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/secret"
)

// joining is what the command line says about joining a fleet.
type joining struct {
	token                                secret.Value
	tokenFile, issuer, caFile, name, dir string
	wait                                 time.Duration
	device                               contract.DeviceID
}

func (j *joining) flags(fs *flag.FlagSet) {
	fs.Func("token", "", func(text string) error { j.token = secret.New(text); return nil })
	fs.StringVar(&j.tokenFile, "token-file", "", "")
	fs.StringVar(&j.issuer, "issuer", "", "")
	fs.StringVar(&j.caFile, "ca-file", "", "")
	fs.StringVar(&j.name, "name", "", "")
	fs.StringVar(&j.dir, "dir", folder.Installed, "")
	fs.DurationVar(&j.wait, "wait", time.Hour, "")
}

// complete tells what is missing or wrong.
func (j *joining) complete() (err error) {
	if j.token.IsZero() == (j.tokenFile == "") {
		return errors.New("join needs --token or --token-file, and not both: harmony-fleet join-token create makes one")
	}
	if u, err := url.Parse(j.issuer); err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" || strings.HasSuffix(j.issuer, "/") {
		return errors.New("join needs --issuer, such as https://issuer.example.com, without a / at its end")
	}
	if j.name == "" {
		if j.name, err = os.Hostname(); err != nil {
			return fmt.Errorf("the machine has no name: give --name NAME: %w", err)
		}
	}
	if j.device, err = contract.ParseDeviceID(j.name); err != nil {
		return fmt.Errorf("%w; give --name NAME", err)
	}
	j.dir, err = filepath.Abs(j.dir)
	return err
}

// run waits until the device was let in.
func (j *joining) run() int {
	if j.tokenFile != "" {
		text, err := os.ReadFile(j.tokenFile)
		if err != nil {
			fmt.Fprintf(os.Stderr, "error: %v\n", err)
			return misuse
		}
		j.token = secret.New(strings.TrimSpace(string(text)))
	}
	facts := agent.Gather(version(), "")
	ctx, stop := interruptible()
	defer stop()
	err := join.Joining{
		Device: j.device, Issuer: j.issuer, CAFile: j.caFile, Token: j.token, Limit: j.wait, Folder: folder.Folder{Dir: j.dir, At: j.dir}, Say: say,
		Facts: contract.JoinFacts{
			Hostname: facts.Hostname, Machine: facts.Machine, OS: facts.Boot.OS, Arch: facts.Boot.Arch, Kernel: facts.Boot.Kernel, Agent: facts.Version,
		},
	}.Run(ctx)
	if err != nil {
		return complain(err)
	}
	fmt.Printf("joined; start the agent:\n  harmony-fleet-agent install\n")
	return done
}

// rotateKey gives the device another key.
func rotateKey(c config.Config) int {
	if c.Profile == nil {
		fmt.Fprintln(os.Stderr, `error: credentials.type is not "jwt-profile": this device has no key`)
		return misuse
	}
	ctx, stop := interruptible()
	defer stop()
	if err := join.Rotate(ctx, *c.Profile, say); err != nil {
		return complain(err)
	}
	return done
}

func say(line string) { fmt.Println(line) }

// interruptible ends what is waited for when somebody wants that.
func interruptible() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
}

func complain(err error) int {
	for _, d := range diag.All(err) {
		if err := (diag.Style{}).Write(os.Stderr, d); err != nil {
			break // nobody reads
		}
	}
	return failed
}
