// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package minter gets access tokens for a device from an identity provider, by assertions that it signs with the device's
// key (RFC 7523). It keeps no token: each connection has a new one.
package minter
