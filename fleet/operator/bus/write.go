// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"nationtech.io/harmony/fleet/contract"
)

// A Manifest is what one device is told, as it goes over the wire.
type Manifest struct {
	Device contract.DeviceID
	Data   []byte
	// Early are contents that go ahead of it.
	Early []Content
}

// A Content is what has that digest.
type Content struct {
	Digest string
	Data   []byte
}

// writeLimit bounds how long writes are waited for, which take milliseconds.
const writeLimit = 10 * time.Second

// Write writes manifests and waits until they are acknowledged. It gives the devices whose manifests were not.
func (b *Bus) Write(ctx context.Context, manifests []Manifest) (failed []contract.DeviceID, err error) {
	ctx, cancel := context.WithTimeout(ctx, writeLimit)
	defer cancel()
	acks := make([]jetstream.PubAckFuture, len(manifests))
	for i, m := range manifests {
		for _, c := range m.Early { // one that is lost is asked for
			_ = b.AnswerBody(m.Device, c.Digest, c.Data) // if there is no connection, the manifest is refused as well
		}
		ack, refused := b.js.PublishAsync(key(contract.BucketDesired, m.Device.String()), m.Data)
		if refused != nil {
			failed, err = append(failed, m.Device), refused
			continue
		}
		acks[i] = ack
	}
	for i, ack := range acks {
		if ack == nil {
			continue
		}
		select {
		case <-ack.Ok():
			continue
		case refused := <-ack.Err():
			err = refused
		case <-ctx.Done():
			err = fmt.Errorf("no acknowledgement came in time: %w", context.Cause(ctx))
		}
		failed = append(failed, manifests[i].Device)
	}
	if err != nil {
		b.doubt.Store(true)
		err = fmt.Errorf("write %d of %d manifests: %w", len(failed), len(manifests), err)
	}
	return failed, err
}

// fullSubject is what the server answers when a key of a bucket that takes one value has it already.
const fullSubject = 10077

// PutBody stores a content under its digest and waits until that is acknowledged. What is there already stays.
func (b *Bus) PutBody(ctx context.Context, digest string, data []byte) error {
	ctx, cancel := context.WithTimeout(ctx, writeLimit)
	defer cancel()
	_, err := b.js.Publish(ctx, key(contract.BucketReleases, digest), data)
	var refused *jetstream.APIError
	if errors.As(err, &refused) && refused.ErrorCode == fullSubject {
		return nil
	}
	if err != nil {
		b.doubt.Store(true)
		return fmt.Errorf("store content %.12s: %w", digest, err)
	}
	return nil
}

// Doubtful tells whether a write has failed since this was last asked: the buckets may not be as they must be.
func (b *Bus) Doubtful() bool { return b.doubt.Swap(false) }

// Keys lists the keys of a bucket.
func (b *Bus) Keys(ctx context.Context, bucket string) ([]string, error) {
	s, err := b.js.Stream(ctx, "KV_"+bucket)
	if err != nil {
		return nil, fmt.Errorf("list the keys of %s: %w", bucket, err)
	}
	info, err := s.Info(ctx, jetstream.WithSubjectFilter(key(bucket, "*")))
	if err != nil {
		return nil, fmt.Errorf("list the keys of %s: %w", bucket, err)
	}
	var keys []string
	for subject := range info.State.Subjects {
		keys = append(keys, strings.TrimPrefix(subject, key(bucket, "")))
	}
	return keys, nil
}

// Purge takes a key out of a bucket, with all that it had.
func (b *Bus) Purge(ctx context.Context, bucket, name string) error {
	s, err := b.js.Stream(ctx, "KV_"+bucket)
	if err == nil {
		err = s.Purge(ctx, jetstream.WithPurgeSubject(key(bucket, name)))
	}
	if err != nil {
		return fmt.Errorf("take %s out of %s: %w", name, bucket, err)
	}
	return nil
}

func key(bucket, name string) string { return "$KV." + bucket + "." + name }
