// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command harmony-fleet-deploy puts Harmony Fleet, or one component of it, on a place.
package main

import (
	"os"

	"nationtech.io/harmony/cli"
	"nationtech.io/harmony/cli/places"
	pages "nationtech.io/harmony/docs/errors"
)

func main() {
	os.Exit(program().Main(os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}

func program() cli.App {
	return cli.App{
		Name:       "harmony-fleet-deploy",
		Short:      "Put Harmony Fleet, or one component of it, on a place; returns when its smoke test has passed",
		Namespace:  "harmony-fleet",
		Whole:      "all",
		Components: components(),
		Topologies: places.All(),
		Export:     places.Export,
		Pages:      pages.Page,
	}
}
