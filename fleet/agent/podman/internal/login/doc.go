// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package login renders what podman is told of a registry's user.
//
//harmony:exempt secretprint it renders a header of podman's API as JSON, with the password of the registry's user
package login
