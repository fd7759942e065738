// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package config reads the configuration of a fleet agent: a TOML file, read
// strictly. What is wrong with it is found all at once, each with its line and,
// where a name was mistyped, the name that was probably meant.
package config
