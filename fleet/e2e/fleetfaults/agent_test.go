// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package fleetfaults

import (
	"context"

	"nationtech.io/harmony/fleet/contract"
)

type real struct{}

func (*real) runs(context.Context) (map[contract.WorkloadUID]contract.Digest, error) { return nil, nil }

func (*real) lost() int { return 0 }

func agents() []fault { return nil }
