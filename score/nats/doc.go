// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package nats is a NATS server with JetStream, or a cluster of them, on Kubernetes.
//
// Every user has a generated password in a Secret of its own, so that a client is
// given one credential and no other. Another Score gets a Ref, which is computed from
// this Score's fields alone.
package nats
