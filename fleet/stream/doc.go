// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package stream says how the JetStream buckets of a fleet are configured. It is the
// only place that knows: the NATS Score and the operator share it, because a second
// creator that left out one field (republish) once silenced every device.
package stream
