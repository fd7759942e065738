// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package rollout

import (
	"crypto/sha256"
	"fmt"
)

// A Key is where a device stands in the order of a Deployment's rollouts. Keys compare as strings.
type Key string

const (
	nobody   Key = ""
	everyone Key = "~" // above every key
)

// KeyOf is the key of a device: by class first, the lower the earlier, as a person orders them by labels; and among
// those of one class by a hash, so that neighbours by name are not struck together. The Deployment is part of it, so
// that not always the same devices are first. Classes are from 0 to 255.
func KeyOf(class uint8, deployment, device string) Key {
	sum := sha256.Sum256([]byte(deployment + "/" + device))
	return Key(fmt.Sprintf("%02x-%x", class, sum[:8]))
}
