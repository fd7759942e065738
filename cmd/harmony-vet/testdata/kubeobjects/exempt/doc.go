// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package exempt says why it has objects.
//
//harmony:exempt kubeobjects it shows an exemption
package exempt
