// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package exempt writes credentials where they belong.
//
//harmony:exempt secretprint it writes the configuration of a server
package exempt
