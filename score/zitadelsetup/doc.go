// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package zitadelsetup is what a fleet needs within a Zitadel: a project with roles, an application for who verifies tokens,
// and machine users that have keys and roles.
//
// It speaks the management API, version 1, as the administrator that package zitadel makes. What is there already and
// as it should be stays untouched; what someone edited is put right and named. A machine's key is given once, by Zitadel,
// when it is made: it is put into a Secret at once, and made anew when that Secret is gone.
//
// A machine's id in Zitadel is its name, so that the subject of its tokens is the id of a device.
package zitadelsetup
