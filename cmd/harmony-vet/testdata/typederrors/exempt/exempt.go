// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package exempt

import "errors"

func fail() error { return errors.New("exempt") }

var _ = fail
