// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"context"
	"slices"
	"testing"

	"nationtech.io/harmony"
	"nationtech.io/harmony/capability/kube"
	"nationtech.io/harmony/secret"
)

// standing is a cluster in which some Secrets are, and which notes what is removed.
type standing struct {
	kube.Cluster
	secrets []string
	removed *[]string
}

func (s standing) Secret(_ context.Context, _, name string) (map[string]secret.Value, error) {
	if !slices.Contains(s.secrets, name) {
		return nil, nil
	}
	return map[string]secret.Value{}, nil
}

func (s standing) Remove(_ context.Context, i kube.Inventory, how harmony.Removal) (harmony.Removed, error) {
	if how.Purge {
		*s.removed = append(*s.removed, "the data of "+i.Name)
	}
	*s.removed = append(*s.removed, i.Name)
	return harmony.Removed{Gone: []string{"Object/" + i.Name}}, nil
}

func TestAServerTakesAwayWhoKnewDevicesBefore(t *testing.T) {
	both := []string{"nats-user-callout", issuerAdmin}
	ours, passwords, other, beside := identified(t), identified(t), identified(t), identified(t)
	passwords.Identity = nil
	other.Identity = &Identity{Provider: elsewhere{}}
	beside.Identity = &Identity{Provider: ours.Issuer().Ref()}
	for name, c := range map[string]struct {
		server  Server
		secrets []string
		want    []string
	}{
		"passwords after an issuer":          {passwords, both, []string{"callout", "issuer", "server"}},
		"passwords after another provider":   {passwords, both[:1], []string{"callout", "server"}},
		"passwords from the beginning":       {passwords, nil, nil},
		"another provider after an issuer":   {other, both, []string{"issuer"}},
		"another provider from the begin":    {other, both[:1], nil},
		"an issuer":                          {ours, both, nil},
		"an issuer that is placed by itself": {beside, both, nil},
	} {
		var removed []string
		outcome, err := c.server.clear(t.Context(), standing{secrets: c.secrets, removed: &removed})
		if err != nil || !slices.Equal(removed, c.want) || len(outcome.Changes) != len(c.want) {
			t.Errorf("%s: removed %v, changed %v, %v", name, removed, outcome.Changes, err)
		}
	}
}
