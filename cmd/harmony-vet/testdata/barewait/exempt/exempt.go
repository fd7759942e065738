// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package exempt

import "time"

func rest() { time.Sleep(time.Second) }

var _ = rest
