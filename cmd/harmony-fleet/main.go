// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command harmony-fleet looks after a fleet: how it stands, commands to devices, and what runs on them.
package main

import (
	"os"

	"nationtech.io/harmony/cli"
	pages "nationtech.io/harmony/docs/errors"
	fleetcli "nationtech.io/harmony/fleet/cli"
)

func main() {
	os.Exit(fleetcli.Main(os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}, pages.Page))
}
