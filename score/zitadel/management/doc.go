// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package management speaks the management API of a Zitadel, version 1: as its administrator, who sets it up, and as one who
// enrols devices. It asks for what is there before it makes anything, so everything may be done again.
package management
