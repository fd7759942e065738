// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

//harmony:runtime

// Package kick closes connections of devices that stand, whichever servers of NATS they are on. It asks the servers who is
// connected, as a user of the system account who may do these two things and nothing else.
//
// A connection of a device is recognised by what the server itself vouches for: by its user where each device has one, and
// by its name where tokens are shown, as the callout lets a device in under contract.ConnectionName alone.
package kick
