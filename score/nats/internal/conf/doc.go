// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package conf writes the configuration file of a NATS server, in which passwords must stand as they are. It gives the
// file away as a secret, and is the only place where those passwords are text.
//
//harmony:exempt secretprint it renders the configuration of the servers as JSON, with the passwords of their users
package conf
