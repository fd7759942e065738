// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package image is the capability to make a program runnable as a container image
// on a place: published somewhere, or built from Go source and delivered.
//
// A Builder compiles a Go main package with the Go toolchain and puts it into an OCI
// image by itself: no Docker, no Dockerfile, no base image. An image holds the static
// program as /name, /etc/passwd and /etc/group with the user nonroot (65532) that it runs as,
// and an empty /tmp. The same sources and the same Go give the same digest on any machine, so
// that an unchanged program is neither delivered again nor are its Pods restarted. That is
// why there are no times, paths or versions in it, and no CA certificates of the host either: a
// program that talks TLS is told by its Score which authority to trust, from a Secret or a ConfigMap.
//
// How an image reaches a place is the place's Store: Registry pushes what was built,
// Published names what a release has published, and topology/local loads it into
// its nodes.
package image
