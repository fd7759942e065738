// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package v1alpha1 has the kinds of Harmony Fleet, as people write them and as the operator reports on them:
// Deployment says what shall run on which devices, Device is one device, FleetState is a fleet itself, Release is what
// a Deployment once asked for.
//
// The definitions, the deep copies and the page docs/reference/fleet-api.md are made from these types by
// go run ./internal/house/generate.
//
// +kubebuilder:object:generate=true
// +groupName=fleet.nationtech.io
//
//harmony:exempt kubeobjects it has the definitions of the kinds, which the Score of the operator applies
package v1alpha1
