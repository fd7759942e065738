// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package join is how a device becomes one of a fleet by itself, and how it changes its key: it makes keys, tells the
// issuer their public halves, and writes what it is told. No private key leaves the device.
package join
