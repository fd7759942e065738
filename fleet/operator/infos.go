// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/people"
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
type info struct {
	agentVersion, os, arch, kernel string
	inventory                      *fleet.DeviceInventory // not to be changed; its hash is of the whole
}

// infoOf is what a Device has of that; there is no inventory while there is none in the Device.
func infoOf(s fleet.DeviceStatus) info {
	return info{s.AgentVersion, s.OS, s.Arch, s.Kernel, s.Inventory}
}

// infos is what devices said about themselves and is yet to be written into their Devices.
type infos struct {
	mu sync.Mutex
	// said has the hash of what each device said last: the text is in the Device, and there are many.
	said    map[string]string
	changed map[string]time.Time // until when nothing else is written that a device says; of those that have changed it
	due     map[string]waits
	looked  time.Time
}

// waits is what a device said that is to be written from then on; nil where it said nothing new.
type waits struct {
	said *info
	from time.Time
}

func newInfos() *infos {
	return &infos{said: map[string]string{}, changed: map[string]time.Time{}, due: map[string]waits{}}
}

func (i *infos) set(device string, said info, now time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	was, known := i.said[device]
	if was == said.inventory.Hash {
		return
	}
	i.said[device] = said.inventory.Hash
	w, due := i.due[device]
	if !due {
		w.from = i.changed[device]
	}
	if !due && known {
		i.changed[device] = later(now, w.from).Add(infoEvery)
	}
	w.said = &said
	i.due[device] = w
}

// mark makes a device due.
func (i *infos) mark(device string) { i.again(device, nil) }

// again makes a device due with what it said, unless it said something else since.
func (i *infos) again(device string, said *info) {
	i.mu.Lock()
	defer i.mu.Unlock()
	w := i.due[device]
	if w.from = (time.Time{}); w.said == nil {
		w.said = said
	}
	i.due[device] = w
}

func (i *infos) drop(device string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.said, device)
	delete(i.changed, device)
	delete(i.due, device)
}

// take gives a device that is due, which then is due no longer, and what it said, if that is to be written.
func (i *infos) take(now time.Time) (device string, said *info, ok bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for device, w := range i.due {
		if !w.from.After(now) {
			delete(i.due, device)
			return device, w.said, true
		}
	}
	return "", nil, false
}

// told tells whether a device said what it is, to this process.
func (i *infos) told(device string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	_, told := i.said[device]
	return told
}

// unwritten is what a device said and its Device does not say yet; nil when there is nothing.
func (i *infos) unwritten(device string) *info {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.due[device].said
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
	for looked, written := 0, 0; looked < lookMost && written < infosMost && !o.revisions.doubted.Load(); looked++ {
		device, said, ok := i.take(time.Now())
		if !ok {
			return
		}
		wrote, err := writeOne(ctx, o, device, said)
		if client.IgnoreNotFound(err) != nil {
			if !outdated(err) {
				o.log.Warn("what a device says of itself was not written, trying again", "device", device, "reason", err.Error())
			}
			i.again(device, said)
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
func writeOne(ctx context.Context, o *operator, device string, said *info) (wrote bool, err error) {
	var cached fleet.Device
	if err := o.client.Get(ctx, types.NamespacedName{Name: device}, &cached); err != nil {
		return false, err
	}
	before, d := cached.DeepCopy(), cached.DeepCopy() // the cache hands out its own objects
	if said != nil {
		d.Status.AgentVersion, d.Status.OS, d.Status.Arch, d.Status.Kernel = said.agentVersion, said.os, said.arch, said.kernel
		if has := before.Status.Inventory; has == nil || has.Hash != said.inventory.Hash {
			// The cache has not all of it, so it is written as if there had been none: a patch names every field then.
			before.Status.Inventory, d.Status.Inventory = nil, said.inventory.DeepCopy() // the answer is read into it
		}
	}
	online := o.state.Online(device)
	why, text := o.standing(device, online)
	set(&d.Status.Conditions, d.Generation, fleet.ConditionReady, online, why, text)
	if reflect.DeepEqual(before.Status, d.Status) {
		return false, nil
	}
	return true, o.client.Status().Patch(ctx, d, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
}

// inventory is what a device says about itself: as much as every answer about many devices has, or the whole.
func (o *operator) inventory(ctx context.Context, device string, whole bool) (people.Inventory, error) {
	said := o.infos.unwritten(device)
	if said == nil {
		from := client.Reader(o.client)
		if whole {
			from = o.reader
		}
		var d fleet.Device
		if err := client.IgnoreNotFound(from.Get(ctx, types.NamespacedName{Name: device}, &d)); err != nil {
			return people.Inventory{}, fmt.Errorf("read Device %s: %w", device, err)
		}
		said = new(infoOf(d.Status))
	}
	is := people.Inventory{Agent: said.agentVersion, OS: said.os, Arch: said.arch, Kernel: said.kernel}
	has := said.inventory
	if has == nil {
		return is, nil
	}
	is.Hostname, is.CPUs, is.MemoryBytes, is.Runtime = has.Hostname, int(has.CPUs), has.MemoryBytes, has.Runtime
	for _, disk := range has.Disks {
		is.Disks = append(is.Disks, people.Disk{Path: disk.Path, Bytes: disk.Bytes})
	}
	for _, l := range has.Labels {
		if is.Reported == nil {
			is.Reported = map[string]string{}
		}
		is.Reported[l.Name] = l.Value
	}
	return is, nil
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
