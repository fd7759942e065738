// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package good

import (
	"context"

	"nationtech.io/harmony/capability/kube"
)

// A double stands in a test for what is not looked at.
type double struct{ base }

func (double) SmokeTest(context.Context, kube.Place) error { return nil }
