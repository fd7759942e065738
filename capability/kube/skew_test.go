// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"errors"
	"testing"

	"k8s.io/apimachinery/pkg/version"

	"nationtech.io/harmony/diag"
)

func TestTheSupportedRangeIsOfServerSideApplyAndOfTheSkewPolicy(t *testing.T) {
	for _, c := range []struct {
		major, minor string
		client       int
		supported    bool
	}{
		{"1", "21", 37, false}, {"1", "22", 37, true}, {"1", "37", 37, true}, {"1", "38", 37, true}, {"1", "39", 37, false},
		{"1", "27+", 37, true}, {"1", "21+", 37, false}, // as providers write it
		{"1", "99", 0, true}, {"1", "21", 0, false}, // nobody knows the client's
		{"2", "30", 37, false}, {"", "", 37, false},
	} {
		err := skew(version.Info{Major: c.major, Minor: c.minor, GitVersion: "v" + c.major + "." + c.minor}, c.client)
		var d *diag.Diagnostic
		if skewed := errors.As(err, &d) && d.Code == diag.VersionSkew; skewed == c.supported {
			t.Errorf("%s.%s with a client of 1.%d: %v", c.major, c.minor, c.client, err)
		}
	}
}
