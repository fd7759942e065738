// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/version"

	"nationtech.io/harmony/diag"
)

const (
	// oldestMinor is the first whose server-side apply, with which everything is applied, is stable:
	// https://kubernetes.io/blog/2021/08/06/server-side-apply-ga/
	oldestMinor = 22
	// ahead is how many minor versions the API server may be ahead of the client: what the version skew policy says of
	// kubectl, which is built on the same library: https://kubernetes.io/releases/version-skew-policy/#kubectl
	ahead = 1
)

// Supported asks the API server for its version and returns nil when that is in the supported range. Its errors carry the
// code VersionSkew, or those of Answers.
func (c *Client) Supported(ctx context.Context) error {
	text, err := c.core.Get().AbsPath("/version").DoRaw(ctx)
	if err != nil {
		return failed(ctx, err, attempt{verb: "tell its version"})
	}
	var server version.Info
	if err := json.Unmarshal(text, &server); err != nil {
		return diag.New(diag.VersionSkew).Saw("its version cannot be read").Because(err)
	}
	return skew(server, libraryMinor())
}

// skew compares the API server's version with the range; newest is that of the client, 0 when nobody knows it.
func skew(server version.Info, client int) error {
	minor, err := strconv.Atoi(strings.TrimRight(server.Minor, "+"))
	switch {
	case err != nil || server.Major != "1":
		return diag.New(diag.VersionSkew).Saw("the API server says that its version is " + server.String() + " (" + server.Major + "." + server.Minor + ")")
	case minor < oldestMinor:
		return diag.New(diag.VersionSkew).Saw("the API server is " + server.GitVersion).
			Saw(fmt.Sprintf("the oldest that is supported is 1.%d: before it server-side apply was not stable", oldestMinor))
	case client > 0 && minor > client+ahead:
		return diag.New(diag.VersionSkew).Saw("the API server is " + server.GitVersion).
			Saw(fmt.Sprintf("this program is made for 1.%d, and up to 1.%d is supported, as Kubernetes says of kubectl", client, client+ahead))
	}
	return nil
}

// libraryMinor is the minor version of Kubernetes that this program's library is of: k8s.io/client-go v0.37.2 is of 1.37.
func libraryMinor() int {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return 0
	}
	for _, dep := range info.Deps {
		if dep.Path == "k8s.io/client-go" {
			parts := strings.Split(dep.Version, ".")
			if len(parts) > 1 {
				minor, _ := strconv.Atoi(parts[1]) // 0 for what is no number
				return minor
			}
		}
	}
	return 0
}
