// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
)

// knowWithin is how long a leader waits for Deployments that cannot be looked at, before it tells devices of the others.
const knowWithin = 5 * time.Second

// looked are the Deployments that were looked at by this process, until nobody asks any longer.
type looked struct {
	mu    sync.Mutex
	over  bool
	names map[types.NamespacedName]bool
}

func (l *looked) add(name types.NamespacedName) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return
	}
	if l.names == nil {
		l.names = map[types.NamespacedName]bool{}
	}
	l.names[name] = true
}

func (l *looked) has(name types.NamespacedName) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.names[name]
}

func (l *looked) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over, l.names = true, nil
}

// knowsAll tells whether every Deployment was looked at that there was when this leader began: until then devices would be told of a
// part of them, and at once again of the others.
func (r *reign) knowsAll(ctx context.Context) bool {
	if r.knows.Load() {
		return true
	}
	var all fleet.DeploymentList
	if err := r.client.List(ctx, &all); err != nil {
		r.log.Warn("the Deployments cannot be listed", "reason", err.Error())
		return false
	}
	if r.tells.IsZero() {
		r.tells = time.Now()
	}
	unknown := slices.IndexFunc(all.Items, func(p fleet.Deployment) bool { return !r.looked.has(client.ObjectKeyFromObject(&p)) })
	if unknown >= 0 && time.Since(r.tells) < knowWithin {
		return false
	}
	if unknown >= 0 {
		r.log.Warn("devices are told without one that cannot be looked at", "deployment", client.ObjectKeyFromObject(&all.Items[unknown]).String())
	}
	r.knows.Store(true)
	r.looked.end()
	return true
}
