// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package stream_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/stream"
	"nationtech.io/harmony/streams"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var press, _ = contract.ParseDeviceID("press-07")

var wholeLayout = []string{"KV_desired-state: missing", "KV_releases: missing"}

func connect(t *testing.T) (*nats.Conn, jetstream.JetStream) {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	conn, err := nats.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	if err != nil {
		t.Fatal(err)
	}
	return conn, js
}

func ensure(t *testing.T, js jetstream.JetStream, layout stream.Layout, want ...string) {
	t.Helper()
	corrected, err := streams.Ensure(t.Context(), js, layout.Buckets()...)
	var changed []string
	for _, d := range corrected {
		changed = append(changed, d.String())
	}
	if diff := cmp.Diff(want, changed); err != nil || diff != "" {
		t.Fatalf("%v, changed (-want +got):\n%s", err, diff)
	}
}

func verify(t *testing.T, js jetstream.JetStream, layout stream.Layout, want ...streams.Deviation) {
	t.Helper()
	got, err := streams.Verify(t.Context(), js, layout.Buckets()...)
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Fatalf("%v, deviations (-want +got):\n%s", err, diff)
	}
}

func TestMadeOnceThenUnchanged(t *testing.T) {
	_, js := connect(t)
	verify(t, js, stream.Layout{}, streams.Deviation{Stream: "KV_desired-state"}, streams.Deviation{Stream: "KV_releases"})
	ensure(t, js, stream.Layout{}, wholeLayout...)
	ensure(t, js, stream.Layout{Replicas: 1})
	verify(t, js, stream.Layout{})
}

func TestSeveralMakersAtOnce(t *testing.T) {
	_, js := connect(t)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := streams.Ensure(context.Background(), js, stream.Layout{}.Buckets()...); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	verify(t, js, stream.Layout{})
}

func TestASecondMakerWithoutRepublishIsFoundAndCorrected(t *testing.T) {
	conn, js := connect(t)
	if _, err := js.CreateKeyValue(t.Context(), jetstream.KeyValueConfig{Bucket: contract.BucketDesired}); err != nil {
		t.Fatal(err)
	}
	found, err := streams.Verify(t.Context(), js, stream.Layout{}.Buckets()...)
	if err != nil {
		t.Fatal(err)
	}
	fields := map[string]bool{}
	for _, d := range found {
		fields[d.Field] = true
	}
	for _, field := range []string{"republish", "allow_rollup_hdrs", "max_msg_size", "duplicate_window", "max_bytes", "max_consumers"} {
		if !fields[field] {
			t.Errorf("%s is not among %v", field, found)
		}
	}
	if _, err := streams.Ensure(t.Context(), js, stream.Layout{}.Buckets()...); err != nil {
		t.Fatal(err)
	}
	verify(t, js, stream.Layout{})
	mustRepublish(t, conn, js)
}

func TestWhatTheServerCannotChangeIsSaidWhole(t *testing.T) {
	_, js := connect(t)
	if _, err := js.CreateKeyValue(t.Context(), jetstream.KeyValueConfig{Bucket: contract.BucketDesired, Storage: jetstream.MemoryStorage}); err != nil {
		t.Fatal(err)
	}
	_, err := streams.Ensure(t.Context(), js, stream.Layout{}.Buckets()...)
	var stuck *streams.Unchangeable
	if !errors.As(err, &stuck) || !strings.Contains(err.Error(), `storage "memory" -> "file"`) || !strings.Contains(err.Error(), "republish") {
		t.Fatalf("got %v, want Unchangeable that names every deviation", err)
	}
	if err := js.DeleteStream(t.Context(), "KV_desired-state"); err != nil {
		t.Fatal(err)
	}
	ensure(t, js, stream.Layout{}, wholeLayout...)
}

func TestEditsOfOneFieldAreCorrectedAndNamed(t *testing.T) {
	conn, js := connect(t)
	ensure(t, js, stream.Layout{}, wholeLayout...)
	put(t, js, contract.BucketReleases, strings.Repeat("ab", 32), "content")
	edit(t, js, "KV_desired-state", func(c *jetstream.StreamConfig) { c.RePublish = nil; c.AllowRollup = true })
	edit(t, js, "KV_releases", func(c *jetstream.StreamConfig) { c.Metadata["by"] = "hand" })
	republish := `{"src":"$KV.desired-state.*","dest":"fleet.desired.{{wildcard(1)}}"}`
	verify(t, js, stream.Layout{},
		streams.Deviation{Stream: "KV_desired-state", Field: "allow_rollup_hdrs", Want: "false", Have: "true", Edited: true},
		streams.Deviation{Stream: "KV_desired-state", Field: "republish", Want: republish, Have: "null", Edited: true},
		streams.Deviation{Stream: "KV_releases", Field: "metadata", Want: "null", Have: `{"by":"hand"}`, Edited: true})
	ensure(t, js, stream.Layout{DesiredBytes: 1 << 20},
		"KV_desired-state: max_bytes 268435456 -> 1048576", "KV_desired-state: allow_rollup_hdrs true -> false",
		"KV_desired-state: republish null -> "+republish, `KV_releases: metadata {"by":"hand"} -> null`)
	verify(t, js, stream.Layout{DesiredBytes: 1 << 20})
	mustRepublish(t, conn, js)
	kv, err := js.KeyValue(t.Context(), contract.BucketReleases)
	if err != nil {
		t.Fatal(err)
	}
	if entry, err := kv.Get(t.Context(), strings.Repeat("ab", 32)); err != nil || string(entry.Value()) != "content" {
		t.Errorf("correcting lost a value: %v", err)
	}
}

func edit(t *testing.T, js jetstream.JetStream, name string, change func(*jetstream.StreamConfig)) {
	t.Helper()
	s, err := js.Stream(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	config := s.CachedInfo().Config
	change(&config)
	if _, err := js.UpdateStream(t.Context(), config); err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, js jetstream.JetStream, bucket, key, value string) {
	t.Helper()
	kv, err := js.KeyValue(t.Context(), bucket)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := kv.Put(t.Context(), key, []byte(value)); err != nil {
		t.Fatal(err)
	}
}

func mustRepublish(t *testing.T, conn *nats.Conn, js jetstream.JetStream) {
	t.Helper()
	sub, err := conn.SubscribeSync(contract.DesiredSubject(press))
	if err != nil {
		t.Fatal(err)
	}
	put(t, js, contract.BucketDesired, press.String(), "manifest")
	if m, err := sub.NextMsg(5 * time.Second); err != nil || string(m.Data) != "manifest" {
		t.Errorf("the device was not sent its state: %v, %v", m, err)
	}
}

func TestWhatABucketRefuses(t *testing.T) {
	conn, js := connect(t)
	ensure(t, js, stream.Layout{}, wholeLayout...)
	mustRepublish(t, conn, js)
	digest := strings.Repeat("cd", 32)
	put(t, js, contract.BucketReleases, digest, "content")
	rollup := nats.NewMsg("$KV.desired-state.oven-11")
	rollup.Header.Set("Nats-Rollup", "all")
	for name, m := range map[string]*nats.Msg{
		"a rollup":                     rollup,
		"another content of a digest":  {Subject: "$KV.releases." + digest, Data: []byte("a lie")},
		"a key of two tokens":          {Subject: "$KV.desired-state.press-07.x"},
		"a manifest that is too large": {Subject: "$KV.desired-state.oven-11", Data: make([]byte, 65<<10)},
		"a content that is too large":  {Subject: "$KV.releases." + strings.Repeat("ef", 32), Data: make([]byte, 257<<10)},
	} {
		if _, err := js.PublishMsg(t.Context(), m); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	mustHold(t, js, "manifest")
}

func TestAFullBucketRefusesAndForgetsNothing(t *testing.T) {
	_, js := connect(t)
	ensure(t, js, stream.Layout{DesiredBytes: 100 << 10}, wholeLayout...)
	put(t, js, contract.BucketDesired, press.String(), "manifest")
	put(t, js, contract.BucketDesired, "d1", strings.Repeat("x", 60<<10))
	if _, err := js.Publish(t.Context(), "$KV.desired-state.d2", make([]byte, 60<<10)); err == nil {
		t.Error("a full bucket accepted a write")
	}
	mustHold(t, js, "manifest")
}

func mustHold(t *testing.T, js jetstream.JetStream, want string) {
	t.Helper()
	kv, err := js.KeyValue(t.Context(), contract.BucketDesired)
	if err != nil {
		t.Fatal(err)
	}
	if entry, err := kv.Get(t.Context(), press.String()); err != nil || string(entry.Value()) != want {
		t.Errorf("a refused write harmed another device's state: %v", err)
	}
}

func TestErrorsNameTheStream(t *testing.T) {
	conn, js := connect(t)
	conn.Close()
	_, err := streams.Ensure(t.Context(), js, stream.Layout{}.Buckets()...)
	var failed *streams.Error
	if !errors.As(err, &failed) || failed.Stream != "KV_desired-state" || !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("got %v", err)
	}
	if _, err = streams.Verify(t.Context(), js, stream.Layout{}.Buckets()...); !errors.As(err, &failed) {
		t.Errorf("got %v", err)
	}
}
