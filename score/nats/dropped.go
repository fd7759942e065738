// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"context"
	"slices"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/score/nats/internal/conf"
)

// dropped tells which users the configuration that stands knows and this Score does not: who
// deploys is told whom that locks out.
func (s Score) dropped(ctx context.Context, on kube.Reader) (changes []harmony.Change, err error) {
	stands, err := on.Secret(ctx, s.Namespace, s.configName())
	if err != nil {
		return nil, err
	}
	for _, user := range conf.Users(stands[configFile]) {
		if !slices.Contains(s.users(), user) {
			changes = append(changes, harmony.Change{Action: harmony.Deleted, Object: "user " + user, Detail: "it may no longer log in"})
		}
	}
	return changes, nil
}
