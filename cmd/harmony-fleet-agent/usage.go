// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"

	"nationtech.io/harmony/fleet/agent/config"
)

const help = `Connect this device to its fleet:

  harmony-fleet-agent --config /etc/harmony-fleet-agent/agent.toml

usage:
  harmony-fleet-agent [run]   [--config FILE]   run until SIGTERM
  harmony-fleet-agent check   [--config FILE]   say what is wrong with a configuration, all at once
  harmony-fleet-agent status  [--config FILE]   say how the agent of this device stands, what it runs, and what is amiss
  harmony-fleet-agent install [--root DIR]      put this program and its systemd unit in their places, and start it
  harmony-fleet-agent --version
  harmony-fleet-agent --help

  --config FILE   default: $FLEET_AGENT_CONFIG, then /etc/harmony-fleet-agent/agent.toml if it is there
  --root DIR      install below this directory, and start nothing: for images of devices

A configuration with every field; all but device, nats.urls and [credentials] may be left out:

` + config.Example + `
environment:
  FLEET_AGENT_CONFIG   the configuration file
  POD_UID              UID of the Pod that the agent runs in (downward API); told in answers to a ping
  GOMEMLIMIT, GOGC     as for every Go program; the defaults here keep the agent small

health endpoint: /healthz (200 while the agent makes progress), /readyz (200 when it runs; tells the state of the
connection to NATS as JSON, which is no reason to be unready)

exit codes: 0 done, 1 failed, 2 wrong usage or a configuration that cannot be used, 3 no agent runs (status)
`

// request is what the command line asks for.
type request struct {
	what   string // "run", "check", "status", "install", "help" or "version"
	config string
	root   string // where to install
}

func parse(args []string) (request, error) {
	r := request{what: "run"}
	if len(args) > 0 && slices.Contains([]string{"run", "check", "status", "install", "help"}, args[0]) {
		r.what, args = args[0], args[1:]
	}
	flags := flag.NewFlagSet("harmony-fleet-agent", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&r.config, "config", usual(), "")
	if r.what == "install" {
		flags = flag.NewFlagSet("harmony-fleet-agent install", flag.ContinueOnError)
		flags.SetOutput(io.Discard)
		flags.StringVar(&r.root, "root", "/", "")
	}
	version := flags.Bool("version", false, "")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		r.what = "help"
	case err != nil:
		return request{}, err
	case flags.NArg() > 0:
		return request{}, fmt.Errorf("%q is not known here; there are run, check, status and install", flags.Arg(0))
	case *version:
		r.what = "version"
	case r.config == "" && r.what != "help" && r.what != "install":
		return request{}, errors.New("no configuration: give --config FILE, or set FLEET_AGENT_CONFIG")
	}
	return r, nil
}

// usual is where the configuration is when nobody says otherwise; empty if there is none.
func usual() string {
	if named := os.Getenv("FLEET_AGENT_CONFIG"); named != "" {
		return named
	}
	if _, err := os.Stat("/" + configPath); err != nil {
		return ""
	}
	return "/" + configPath
}
