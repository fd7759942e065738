// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package guards

import (
	"context"

	"nationtech.io/harmony"
)

var _ harmony.Remover[Place] = tested{} // nobody who builds the package compiles it

type double struct{ base }

func (double) Remove(context.Context, Place, harmony.Removal) (harmony.Removed, error) { // want "double.Remove has no guard"
	return harmony.Removed{}, nil
}

type proved struct{ base }

func (proved) Parts(Place) []*harmony.Placement { return nil }

var _ harmony.Composite[Place] = proved{}
