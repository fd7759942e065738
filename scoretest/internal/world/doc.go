// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package world looks at a Kubernetes as a stranger does: at every object of every kind that discovery lists,
// whoever's it is, and edits and deletes by hand.
//
// It handles objects as JSON with the metadata that all have, so that it knows no kind and makes no object.
package world
