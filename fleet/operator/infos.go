// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"reflect"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
)

const (
	// infosMost is how many Devices are written at a time: 20 in a second. Of lookMost is seen whether they must be: after all have
	// said again what stands there, what is news must not wait for its turn among them.
	infosMost = int(20 * writeEvery / time.Second)
	lookMost  = 200
	// presenceAfter is for how long a device must have come or gone before that is written: one that comes and goes costs nothing.
	presenceAfter = 5 * time.Minute
	// presenceEvery is how often presence is compared with what is written.
	presenceEvery = 15 * time.Second
	// infoEvery is how often is written at most what a device says about itself: one that says something else all the time must not
	// take the turns of others.
	infoEvery = time.Minute
)

// An info is what a device says about itself.
type info struct{ agentVersion, os, arch, kernel string }

// infos is what devices said about themselves and is yet to be written into their Devices.
type infos struct {
	mu      sync.Mutex
	said    map[string]info
	changed map[string]time.Time // until when nothing else is written that a device says; of those that have changed it
	due     map[string]time.Time // from then on
	looked  time.Time
}

func newInfos() *infos {
	return &infos{said: map[string]info{}, changed: map[string]time.Time{}, due: map[string]time.Time{}}
}

func (i *infos) set(device string, said info, now time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	was, known := i.said[device]
	if was == said {
		return
	}
	i.said[device] = said
	if _, due := i.due[device]; due {
		return
	}
	i.due[device] = i.changed[device]
	if known {
		i.changed[device] = later(now, i.changed[device]).Add(infoEvery)
	}
}

// mark makes a device due.
func (i *infos) mark(device string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.due[device] = time.Time{}
}

func (i *infos) drop(device string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.said, device)
	delete(i.changed, device)
	delete(i.due, device)
}

// take gives a device that is due, which then is due no longer.
func (i *infos) take(now time.Time) (device string, ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for device, from := range i.due {
		if !from.After(now) {
			delete(i.due, device)
			return device, true
		}
	}
	return "", false
}

func (i *infos) of(device string) (info, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	said, ok := i.said[device]
	return said, ok
}

// look makes the Devices due that say otherwise of who has come or gone.
func (i *infos) look(ctx context.Context, o *operator, now time.Time) {
	if now.Sub(i.looked) < presenceEvery {
		return
	}
	i.looked = now
	o.state.Presence(func(id string, online bool, since time.Time) {
		if !since.IsZero() {
			i.compare(ctx, o, id, online, now.Sub(since) >= presenceAfter)
		}
	})
}

// write writes what devices said, and who has come or gone, into the status of some Devices.
func (i *infos) write(ctx context.Context, o *operator) {
	for looked, written := 0, 0; looked < lookMost && written < infosMost; looked++ {
		device, ok := i.take(time.Now())
		if !ok {
			return
		}
		wrote, err := i.writeOne(ctx, o, device, o.state.Online(device))
		if client.IgnoreNotFound(err) != nil {
			if !outdated(err) {
				o.log.Warn("what a device says of itself was not written, trying again", "device", device, "reason", err.Error())
			}
			i.mark(device)
		}
		if wrote {
			written++
		}
	}
}

// compare makes a device due whose Device says otherwise of its presence for long enough, or says nothing yet.
func (i *infos) compare(ctx context.Context, o *operator, device string, online, lasting bool) {
	var d fleet.Device
	if err := o.client.Get(ctx, types.NamespacedName{Name: device}, &d); err != nil {
		return // it is gone, and its own event tells so
	}
	said := meta.FindStatusCondition(d.Status.Conditions, fleet.ConditionReady)
	why, text := o.standing(device, online)
	switch {
	case said == nil:
		if why != silent {
			i.mark(device)
		}
	case comesAndGoes(why) && comesAndGoes(said.Reason):
		if lasting && (said.Status == "True") != online {
			i.mark(device)
		}
	case said.Reason != why || said.Message != text:
		i.mark(device)
	}
}

// writeOne writes the status of a Device, and tells whether there was something to write.
func (i *infos) writeOne(ctx context.Context, o *operator, device string, online bool) (wrote bool, err error) {
	var cached fleet.Device
	if err := o.client.Get(ctx, types.NamespacedName{Name: device}, &cached); err != nil {
		return false, err
	}
	before, d := cached.DeepCopy(), cached.DeepCopy() // the cache hands out its own objects
	if said, ok := i.of(device); ok {
		d.Status.AgentVersion, d.Status.OS, d.Status.Arch, d.Status.Kernel = said.agentVersion, said.os, said.arch, said.kernel
	}
	why, text := o.standing(device, online)
	set(&d.Status.Conditions, d.Generation, fleet.ConditionReady, online, why, text)
	if reflect.DeepEqual(before.Status, d.Status) {
		return false, nil
	}
	return true, o.client.Status().Patch(ctx, d, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
}

// Info takes what a device says about itself.
func (r *reign) Info(device contract.DeviceID, data []byte) {
	if !r.accept(device, "info") {
		return
	}
	if said, err := decodeInfo(data, device); r.understood(device, "info", err) {
		r.infos.set(device.String(), said, time.Now())
	}
}
