// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"nationtech.io/harmony/fleet/agent/config"
)

const help = `Connect this device to its fleet:

  harmony-fleet-agent --config /etc/harmony-fleet-agent/agent.toml

usage:
  harmony-fleet-agent [run]   [--config FILE]   run until SIGTERM
  harmony-fleet-agent check   [--config FILE]   say what is wrong with a configuration, all at once
  harmony-fleet-agent --version
  harmony-fleet-agent --help

  --config FILE   default: $FLEET_AGENT_CONFIG

A configuration with every field; all but device, nats.urls and [credentials] may be left out:

` + config.Example + `
environment:
  FLEET_AGENT_CONFIG   the configuration file
  POD_UID              UID of the Pod that the agent runs in (downward API); told in answers to a ping
  GOMEMLIMIT, GOGC     as for every Go program; the defaults here keep the agent small

health endpoint: /healthz (200 while the agent makes progress), /readyz (200 when it runs; tells the state of the
connection to NATS as JSON, which is no reason to be unready)

exit codes: 0 done, 1 failed, 2 wrong usage or a configuration that cannot be used
`

// request is what the command line asks for.
type request struct {
	what   string // "run", "check", "help" or "version"
	config string
}

func parse(args []string) (request, error) {
	r := request{what: "run"}
	if len(args) > 0 && (args[0] == "run" || args[0] == "check" || args[0] == "help") {
		r.what, args = args[0], args[1:]
	}
	flags := flag.NewFlagSet("harmony-fleet-agent", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&r.config, "config", os.Getenv("FLEET_AGENT_CONFIG"), "")
	version := flags.Bool("version", false, "")
	err := flags.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		r.what = "help"
	case err != nil:
		return request{}, err
	case flags.NArg() > 0:
		return request{}, fmt.Errorf("%q is not known here; there are run and check", flags.Arg(0))
	case *version:
		r.what = "version"
	case r.config == "" && r.what != "help":
		return request{}, errors.New("no configuration: give --config FILE, or set FLEET_AGENT_CONFIG")
	}
	return r, nil
}
