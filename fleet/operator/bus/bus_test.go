// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package bus

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"nationtech.io/harmony/fleet/contract"
)

// started gives a bus on a real server, with its buckets made, and the connection of a device.
func started(t *testing.T) (*Bus, *nats.Conn) {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
		Username: "operator", Password: "p",
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server does not start")
	}
	password := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(password, []byte("p\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := Open(Config{URL: s.ClientURL(), User: "operator", PasswordFile: password}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	if yes, why := b.Connected(); !yes {
		t.Fatal(why)
	}
	if changed, err := b.Mend(t.Context()); err != nil || len(changed) != 2 {
		t.Fatalf("made %v: %v", changed, err)
	}
	device, err := nats.Connect(s.ClientURL(), nats.UserInfo("operator", "p"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(device.Close)
	return b, device
}

func id(t *testing.T, name string) contract.DeviceID {
	t.Helper()
	id, err := contract.ParseDeviceID(name)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestAManifestThatIsWrittenReachesItsDeviceAlone(t *testing.T) {
	b, device := started(t)
	heard := make(chan *nats.Msg, 4)
	for _, subject := range []string{contract.DesiredSubject(id(t, "press-07")), contract.AnswerBodySubject(id(t, "press-07"), "*")} {
		if _, err := device.ChanSubscribe(subject, heard); err != nil {
			t.Fatal(err)
		}
	}
	if err := device.Flush(); err != nil {
		t.Fatal(err)
	}
	failed, err := b.Write(t.Context(), []Manifest{
		{Device: id(t, "oven-3"), Data: []byte("for the oven")},
		{Device: id(t, "press-07"), Data: []byte("for the press"), Early: []Content{{"some-digest", []byte("a content")}}},
	})
	if err != nil || len(failed) != 0 {
		t.Fatalf("%v: %v", failed, err)
	}
	for _, want := range []string{"a content", "for the press"} {
		if got := string((<-heard).Data); got != want {
			t.Errorf("heard %q, not %q", got, want)
		}
	}
	if len(heard) != 0 {
		t.Errorf("heard more: %q", (<-heard).Data)
	}
	keys, err := b.Keys(t.Context(), contract.BucketDesired)
	slices.Sort(keys)
	if err != nil || !slices.Equal(keys, []string{"oven-3", "press-07"}) {
		t.Errorf("keys %v: %v", keys, err)
	}
	if err := b.Purge(t.Context(), contract.BucketDesired, "oven-3"); err != nil {
		t.Fatal(err)
	}
	if keys, err = b.Keys(t.Context(), contract.BucketDesired); err != nil || !slices.Equal(keys, []string{"press-07"}) {
		t.Errorf("after a purge: keys %v: %v", keys, err)
	}
}

func TestAManifestThatTheServerRefusesIsSaidToHaveFailed(t *testing.T) {
	b, _ := started(t)
	failed, err := b.Write(t.Context(), []Manifest{
		{Device: id(t, "oven-3"), Data: []byte("small")}, {Device: id(t, "press-07"), Data: make([]byte, 100<<10)},
	})
	if err == nil || len(failed) != 1 || failed[0] != id(t, "press-07") {
		t.Errorf("%v: %v", failed, err)
	}
}

func TestAContentIsStoredOnceAndMayBeStoredAgain(t *testing.T) {
	b, _ := started(t)
	for range 2 {
		if err := b.PutBody(t.Context(), contract.DigestOf([]byte("body")).String(), []byte("body")); err != nil {
			t.Error(err)
		}
	}
}

// ears write down what they hear.
type ears chan string

func (e ears) State(d contract.DeviceID, data []byte) { e <- d.String() + " state " + string(data) }
func (e ears) Info(d contract.DeviceID, data []byte)  { e <- d.String() + " info " + string(data) }
func (e ears) Heartbeat(d contract.DeviceID, data []byte) {
	e <- d.String() + " heartbeat " + string(data)
}
func (e ears) Fetch(d contract.DeviceID, digest string) { e <- d.String() + " fetch " + digest }

func TestWhatDevicesSayIsHeardWithTheirNames(t *testing.T) {
	b, device := started(t)
	heard := make(ears, 16)
	stop, err := b.Listen(heard)
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if err := b.conn.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := b.beats.Flush(); err != nil {
		t.Fatal(err)
	}
	press, digest := id(t, "press-07"), contract.DigestOf([]byte("body")).String()
	for _, said := range []struct{ subject, data, want string }{
		{contract.StateSubject(press), "s", "press-07 state s"},
		{contract.InfoSubject(press), "i", "press-07 info i"},
		{contract.HeartbeatSubject(press), "h", "press-07 heartbeat h"},
		{contract.FetchManifestSubject(press), "", "press-07 fetch "},
		{contract.FetchBodySubject(press, "too-short"), "", ""},
		{"fleet.state.Not_A_Device", "s", ""},
		{contract.FetchBodySubject(press, digest), "", "press-07 fetch " + digest},
	} {
		if err := device.Publish(said.subject, []byte(said.data)); err != nil {
			t.Fatal(err)
		}
		if said.want == "" {
			continue
		}
		if got := <-heard; got != said.want {
			t.Errorf("heard %q, want %q", got, said.want)
		}
	}
}
