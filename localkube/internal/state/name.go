// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package state

import (
	"regexp"

	"nationtech.io/harmony/localkube/internal/fault"
)

// DefaultName is the name of the cluster when none is given.
const DefaultName = "harmony"

// maxName leaves room for a node's number in an RFC 1123 label and keeps paths short.
const maxName = 40

var label = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

// CheckName refuses a cluster name that is not a short RFC 1123 label.
func CheckName(name string) error {
	if len(name) > maxName || !label.MatchString(name) {
		return fault.New(fault.Usage, "cluster name %q: want at most %d of a-z, 0-9 and -, with - neither first nor last", name, maxName)
	}
	return nil
}
