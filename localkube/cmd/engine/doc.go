// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//go:build engine

// Command engine is every program of a Kubernetes node in one binary, as
// upstream wrote them: etcd, kube-apiserver, kube-controller-manager,
// kube-scheduler, kubelet, kube-proxy, containerd and kubectl; and one of ours,
// the provisioner of volumes. It is told which to be by its own name or by its
// first argument.
//
// They share one binary because they share most of their code: together they
// are a fifth of the size, and of the time to link, of one binary each.
//
// It has a build tag of its own, "engine": `go vet ./...` and `go test ./...` would
// otherwise compile and analyse the 3,300 packages below it, for as long as the
// engine itself takes to build.
//
// localkube builds it on first need; it imports nothing
// of localkube but what lies below here, so that a change there costs no link here.
package main
