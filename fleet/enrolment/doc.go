// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package enrolment is what whoever enrols devices asks of an identity provider, whichever that is.
package enrolment
