// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package exempt

import (
	"fmt"

	"nationtech.io/harmony/secret"
)

// Config has the password in it.
func Config(password secret.Value) string { return fmt.Sprintf("password: %q", password.Reveal()) }
