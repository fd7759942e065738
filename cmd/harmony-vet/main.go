// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command harmony-vet checks the rules of the house in Go code, this repository's and that of anyone who
// writes Scores:
//
//	go build -o bin/harmony-vet nationtech.io/harmony/cmd/harmony-vet
//	go vet -vettool=bin/harmony-vet ./...
//
// Each finding says why the rule is there and what to do instead. docs/rules has a page for each.
package main

import (
	"golang.org/x/tools/go/analysis/unitchecker"

	"nationtech.io/harmony/internal/vet"
)

func main() { unitchecker.Main(vet.Rules()...) }
