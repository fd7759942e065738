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
	"strings"

	"nationtech.io/harmony/fleet/agent/config"
)

const help = `Connect this device to its fleet:

  harmony-fleet-agent --config /etc/harmony-fleet-agent/agent.toml

usage:
  harmony-fleet-agent [run]   [--config FILE]   run until SIGTERM
  harmony-fleet-agent check   [--config FILE]   say what is wrong with a configuration, all at once
  harmony-fleet-agent status  [--config FILE]   say how the agent of this device stands, what it runs, and what is amiss
  harmony-fleet-agent install [--root DIR]      put this program and its systemd unit in their places, and start it
  harmony-fleet-agent join --token T --issuer URL [--ca-file FILE] [--name NAME] [--dir DIR] [--wait DURATION]
                                                become a device of a fleet: make a key, which stays here, ask to be
                                                let in, wait until that is approved, and write the configuration;
                                                run it again to go on where it was
  harmony-fleet-agent rotate-key [--config FILE]
                                                make a new key, and have it take the place of the one in use
  harmony-fleet-agent --version
  harmony-fleet-agent --help

  --config FILE   default: $FLEET_AGENT_CONFIG, then /etc/harmony-fleet-agent/agent.toml if it is there
  --root DIR      install below this directory, and start nothing: for images of devices
  --token T       of harmony-fleet join-token create; or --token-file FILE, which other users of the machine do not see
  --issuer URL    the fleet's issuer, as it calls itself
  --ca-file FILE  the authorities of its certificate (default: those of the system)
  --name NAME     the name of this device (default: the name of the machine)
  --dir DIR       where key.pem, ca.pem and agent.toml are written (default: /etc/harmony-fleet-agent)
  --wait DURATION how long an approval is waited for (default: 1h)

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
	what   string // one of commands, "help" or "version"
	config string
	root   string // where to install
	join   joining
}

var commands = []string{"run", "check", "status", "install", "join", "rotate-key"}

func parse(args []string) (request, error) {
	r := request{what: "run"}
	if len(args) > 0 && (args[0] == "help" || slices.Contains(commands, args[0])) {
		r.what, args = args[0], args[1:]
	}
	flags := flag.NewFlagSet("harmony-fleet-agent", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&r.config, "config", usual(), "")
	if r.what == "install" || r.what == "join" {
		flags = flag.NewFlagSet("harmony-fleet-agent "+r.what, flag.ContinueOnError)
		flags.SetOutput(io.Discard)
	}
	switch r.what {
	case "install":
		flags.StringVar(&r.root, "root", "/", "")
	case "join":
		r.join.flags(flags)
	}
	version := flags.Bool("version", false, "")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		r.what = "help"
	case err != nil:
		return request{}, err
	case flags.NArg() > 0:
		return request{}, fmt.Errorf("%q is not known here; there are %s", flags.Arg(0), strings.Join(commands, ", "))
	case *version:
		r.what = "version"
	case r.what == "join":
		return r, r.join.complete()
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
