// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"sync"

	"k8s.io/client-go/tools/cache"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/contract"
)

// devices is what is kept of the Devices of a fleet, of which there may be many: whether each is revoked, by name.
type devices struct {
	plane  contract.PlaneID // before listed is closed
	listed chan struct{}
	once   sync.Once

	mu      sync.RWMutex
	revoked map[string]bool
}

var _ cache.ReflectorStore = (*devices)(nil)

func (d *devices) standing(name string) callout.Standing {
	d.mu.RLock()
	defer d.mu.RUnlock()
	revoked, enrolled := d.revoked[name]
	switch {
	case !enrolled:
		return callout.NotEnrolled
	case revoked:
		return callout.Revoked
	}
	return callout.Allowed
}

// Add keeps a Device.
func (d *devices) Add(object any) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.revoked == nil {
		d.revoked = map[string]bool{}
	}
	set(d.revoked, object)
	return nil
}

// Update keeps a Device as it is now.
func (d *devices) Update(object any) error { return d.Add(object) }

// Delete forgets a Device.
func (d *devices) Delete(object any) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if one, ok := object.(*fleet.Device); ok {
		delete(d.revoked, one.Name)
	}
	return nil
}

// Replace keeps those Devices and no others. After the first time the directory knows the fleet.
func (d *devices) Replace(all []any, _ string) error {
	revoked := make(map[string]bool, len(all))
	for _, object := range all {
		set(revoked, object)
	}
	d.mu.Lock()
	d.revoked = revoked
	d.mu.Unlock()
	d.once.Do(func() { close(d.listed) })
	return nil
}

// Resync has nothing to do.
func (d *devices) Resync() error { return nil }

// set keeps of a Device what is asked. What this program does not know it takes for Revoked.
func set(revoked map[string]bool, object any) {
	if one, ok := object.(*fleet.Device); ok {
		revoked[one.Name] = one.Spec.Access != "" && one.Spec.Access != fleet.AccessAllowed
	}
}
