// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package bus is how the operator speaks NATS: it keeps the fleet's buckets as they must be, writes manifests and
// contents into them, listens to devices, and answers what they fetch. It decides nothing.
package bus
