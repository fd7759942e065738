// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
)

// dropped tells which users the configuration that stands knows and this Score does not: who
// deploys is told whom that locks out.
func (s Score) dropped(ctx context.Context, on kube.Reader) (changes []harmony.Change, err error) {
	stands, err := on.Secret(ctx, s.Namespace, s.configName())
	if err != nil {
		return nil, err
	}
	for _, user := range usersOf(stands[configFile].Reveal()) {
		if !slices.Contains(s.users(), user) {
			changes = append(changes, harmony.Change{Action: harmony.Deleted, Object: "user " + user, Detail: "it may no longer log in"})
		}
	}
	return changes, nil
}

// usersOf lists the users of a configuration file that named has written, sorted; none of a file that someone
// else has, which is about to be replaced.
func usersOf(text string) (names []string) {
	_, fields, _ := strings.Cut(text, "\n")
	var c serverConfig
	if json.Unmarshal([]byte("{"+fields+"}"), &c) != nil {
		return nil
	}
	for _, account := range c.Accounts {
		for _, user := range account.Users {
			names = append(names, user.User)
		}
	}
	slices.Sort(names)
	return names
}
