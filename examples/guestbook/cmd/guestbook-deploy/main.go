// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command guestbook-deploy puts a guestbook on a place.
package main

import (
	"os"

	"github.com/spf13/pflag"

	"nationtech.io/harmony"
	"nationtech.io/harmony/cli"
	"nationtech.io/harmony/cli/places"
	pages "nationtech.io/harmony/docs/errors"

	"example.com/guestbook"
)

func main() {
	app := cli.App{
		Name:       "guestbook-deploy",
		Short:      "Put a guestbook on a place; returns when its smoke test has passed",
		Namespace:  "guestbook",
		Whole:      "guestbook",
		Components: []cli.Component{{Name: "guestbook", What: "a guestbook with its database and NATS", Bind: bind}},
		Topologies: places.All(),
		Export:     places.Export,
		Pages:      pages.Page,
	}
	os.Exit(app.Main(os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}

// bind declares a flag for each field of the Score that a user decides.
func bind(fs *pflag.FlagSet) func(namespace string) (harmony.Offer, error) {
	bytes := fs.Int64("store-bytes", 0, "size of the database's volume claim (default 1 GiB)")
	return func(namespace string) (harmony.Offer, error) {
		return harmony.Place(guestbook.Score{Namespace: namespace, Bytes: *bytes}), nil
	}
}
