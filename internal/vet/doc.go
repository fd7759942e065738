// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package vet has the rules of the house that a machine can check in code: one analyzer for each.
// Command harmony-vet runs them, on this repository and on that of anyone who writes Scores.
//
// A package that must do what a rule forbids says so in its doc.go, with the reason:
//
//	//harmony:exempt kubeobjects it keeps the inventory of each component in a ConfigMap
//
// There is no exemption for less than a package and none without a reason.
package vet
