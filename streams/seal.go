// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package streams

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// wantedKey is the metadata of a stream that has the digest of what was wanted when it was made or corrected.
const wantedKey = "harmony.nationtech.io/wanted"

// sealed is the configuration with its own digest among its metadata.
func sealed(want jetstream.StreamConfig) jetstream.StreamConfig {
	text, err := json.Marshal(want)
	if err != nil {
		return want // a configuration of plain fields; the server would refuse one that is none
	}
	sum := sha256.Sum256(text)
	metadata := maps.Clone(want.Metadata)
	if metadata == nil {
		metadata = map[string]string{}
	}
	metadata[wantedKey] = hex.EncodeToString(sum[:8])
	want.Metadata = metadata
	return want
}

// own is the metadata without the digest and without what the server notes about itself; nil when nothing is left.
func own(metadata map[string]string) map[string]string {
	var left map[string]string
	for key, value := range metadata {
		if strings.HasPrefix(key, "_nats.") || key == wantedKey {
			continue
		}
		if left == nil {
			left = map[string]string{}
		}
		left[key] = value
	}
	return left
}
