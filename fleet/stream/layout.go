// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package stream

import (
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"nationtech.io/harmony/fleet/contract"
)

// Layout is what differs between fleets; the rest of the configuration is fixed.
type Layout struct {
	// Replicas is on how many servers each bucket stands: 1 (default), 3 or 5.
	Replicas int
	// DesiredBytes limits the bucket of desired state; 256 MiB when zero: 50,000 devices
	// (the size that the protocol was measured at) with 20 deployments each, at about 250 bytes a deployment.
	// A full bucket refuses writes. It never makes room by dropping another device's state.
	DesiredBytes int64
	// ReleasesBytes limits the bucket of contents; 256 MiB when zero: the last 10 releases of
	// 100 Deployments, each of the largest size.
	ReleasesBytes int64
}

const (
	// A manifest of 64 KiB names about 250 deployments on one device, and fits in what a device's account lets through.
	maxManifest = 64 << 10
	// A content of 256 KiB fits well in one object of Kubernetes (etcd takes 1.5 MiB) and in one message of NATS (1 MiB).
	maxBody = 256 << 10
	// Nothing in a fleet consumes a bucket: devices are republished to, and fetch. What is left is for a few people who watch.
	maxConsumers = 16
	// The shortest that the server takes. Message ids are not used; a long window would only cost memory.
	duplicateWindow = 100 * time.Millisecond

	defaultBytes = 256 << 20
)

// Buckets gives the whole configuration. Everything that the server would fill in is
// spelled out, so that what it gives back can be compared field by field.
func (l Layout) Buckets() []jetstream.StreamConfig {
	desired := l.bucket(contract.BucketDesired, "*", l.DesiredBytes, maxManifest)
	desired.RePublish = &jetstream.RePublish{Source: "$KV." + contract.BucketDesired + ".*", Destination: "fleet.desired.{{wildcard(1)}}"}
	releases := l.bucket(contract.BucketReleases, "*", l.ReleasesBytes, maxBody)
	// A content is named by its digest: whoever writes a key again writes either the same bytes or a lie.
	releases.DiscardNewPerSubject = true
	return []jetstream.StreamConfig{desired, releases}
}

func (l Layout) bucket(name, keys string, bytes int64, message int32) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        streamName(name),
		Description: "Harmony Fleet: derived from the Kubernetes API, may be deleted at any time",
		Subjects:    []string{"$KV." + name + "." + keys},
		Retention:   jetstream.LimitsPolicy,
		Storage:     jetstream.FileStorage,
		Replicas:    max(l.Replicas, 1),
		// One value a key; a full bucket refuses rather than forget someone else's key.
		MaxMsgsPerSubject: 1,
		Discard:           jetstream.DiscardNew,
		MaxMsgs:           -1,
		MaxBytes:          orDefault(bytes),
		MaxMsgSize:        message,
		MaxConsumers:      maxConsumers,
		Duplicates:        duplicateWindow,
		// As every bucket: values go by key, not by deleting single messages. Reads go to any replica.
		DenyDelete:  true,
		AllowDirect: true,
		// With rollup one header on one message wipes the bucket.
		AllowRollup: false,
	}
}

// Inbox is below what the operator takes the answers of JetStream: its user may subscribe to nothing else for that.
const Inbox = "_INBOX.operator"

func streamName(bucket string) string { return "KV_" + bucket }

func orDefault(bytes int64) int64 {
	if bytes == 0 {
		return defaultBytes
	}
	return bytes
}
