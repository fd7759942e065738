// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"cmp"
	"os"
	"slices"
	"strings"
	"testing"

	"nationtech.io/harmony/internal/house"
	"nationtech.io/harmony/internal/needs"
)

var tree = house.Tree{Root: "../../.."}

const (
	// which names the environment variable that says which pages are followed: all, or these, with commas between them, or,
	// when it is empty, a sample.
	which  = "HARMONY_PAGES"
	sample = "docs/errors/HRM0325.md"
)

// Every page is followed from its top on a machine on which an empty local Kubernetes runs, as its reader would (all
// of them by make pages, a sample otherwise): nothing in a command line is replaced. A page that begins with localkube up starts without one. What make does is the test
// suite itself, and so is only looked at elsewhere.
func TestWhatPagesTellPeopleToTypeRuns(t *testing.T) {
	needs.Machine(t)
	commands, err := tree.Commands()
	if err != nil || len(commands) < 60 {
		t.Fatalf("%d commands, %v", len(commands), err)
	}
	chosen := cmp.Or(os.Getenv(which), sample)
	r := newReader(t)
	ran := 0
	var left []string
	for _, page := range pages(commands) {
		if !slices.ContainsFunc(page, onCluster) || chosen != "all" && !slices.Contains(strings.Split(chosen, ","), page[0].File) {
			continue
		}
		t.Run(page[0].File, func(t *testing.T) {
			r.begin(t, page[0])
			for _, c := range page {
				switch {
				case c.NotRun != "":
					left = append(left, c.String()+": "+c.NotRun)
				case c.Args[0] != "make":
					r.follow(t, c)
					ran++
				}
			}
		})
	}
	if ran == 0 {
		t.Error("no command line ran")
	}
	t.Logf("%d command lines ran; %d did not:\n%s", ran, len(left), strings.Join(left, "\n"))
}

// pages groups commands by their page.
func pages(commands []house.Command) (all [][]house.Command) {
	for i, c := range commands {
		if i == 0 || c.File != commands[i-1].File {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], c)
	}
	return all
}

// onCluster tells of commands that may reach a cluster. Pages that have none are run by the tests of package house.
func onCluster(c house.Command) bool {
	return c.NotRun == "" && (c.Args[0] == "localkube" || slices.Contains(c.Args, "--topology"))
}
