// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package podman_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/fleet/agent/podman"
	"nationtech.io/harmony/fleet/agent/podmantest"
)

func TestPodmanDoesWhatItIsAsked(t *testing.T) {
	does(t, podmantest.Start(t), &podman.Limits{
		Memory: &podman.MemoryLimit{Limit: 64 << 20, Swap: 64 << 20}, CPU: &podman.CPULimit{Quota: 50_000, Period: 100_000},
	})
}

func TestARootlessPodmanDoesWhatItIsAsked(t *testing.T) { does(t, podmantest.StartRootless(t), nil) }

func does(t *testing.T, m podmantest.Machine, limits *podman.Limits) {
	t.Helper()
	c, ctx := podman.New(m.Socket), t.Context()
	if v, err := c.Version(ctx); err != nil || !strings.Contains(v, ".") {
		t.Fatalf("version %q, %v", v, err)
	}
	if has, err := c.HasImage(ctx, m.Image); has || err != nil {
		t.Fatalf("it has an image that nobody pulled: %v, %v", has, err)
	}
	if err := c.Pull(ctx, m.Missing(), podman.Login{}, func() {}); err == nil || podman.IsUnreachable(err) {
		t.Errorf("pulling what is not there: %v", err)
	}
	if err := c.Pull(ctx, m.Image, podman.Login{}, func() {}); err != nil {
		t.Fatal(err)
	}
	if has, err := c.HasImage(ctx, m.Image); !has || err != nil {
		t.Fatalf("after the pull: %v, %v", has, err)
	}
	if err := c.Pull(ctx, m.Pinned(t), podman.Login{}, func() {}); err != nil {
		t.Errorf("by its digest: %v", err)
	}
	id, err := c.Create(ctx, podman.Spec{
		Name: "one", Image: m.Image, Command: []string{"say=hello", "env=GREETING", "write=/data/file:x", "wait"},
		Env: map[string]string{"GREETING": "good day"}, Labels: map[string]string{"test": "1"},
		Volumes: []podman.NamedVolume{{Name: "kept", Dest: "/data"}}, Restart: "always",
		Limits: limits,
		Health: &podman.Health{Test: []string{"CMD", "/service", "exists=/data/file"}, Timeout: 2e9, Retries: 1}, Grace: 20,
	})
	if err != nil {
		t.Fatal(err)
	}
	if d, err := c.Inspect(ctx, id); !d.Keeps(limits) || err != nil {
		t.Errorf("it has not the limits that were asked for: %+v, %v", d.HostConfig, err)
	}
	if err := c.Start(ctx, id); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(ctx, id); err != nil {
		t.Errorf("starting what runs: %v", err)
	}
	talks(t, c, id)
	ends(t, c, id)
}

// talks holds a container that runs to what it says.
func talks(t *testing.T, c *podman.Client, id string) {
	t.Helper()
	ctx := t.Context()
	if health, err := c.Health(ctx, id); health != "healthy" || err != nil {
		t.Errorf("health %q, %v", health, err)
	}
	if d, err := c.Inspect(ctx, id); d.State.Health.Status != "healthy" || err != nil {
		t.Errorf("it is known to be %q, %v", d.State.Health.Status, err)
	}
	output, code, cut, err := c.Exec(ctx, id, []string{"/service", "say=within", "exit=3"}, 100)
	if string(output) != "within\n" || code != 3 || cut || err != nil {
		t.Errorf("exec: %q, %d, %v, %v", output, code, cut, err)
	}
	if output, _, cut, err = c.Exec(ctx, id, []string{"/service", "say=" + strings.Repeat("x", 1000)}, 100); len(output) != 100 || !cut || err != nil {
		t.Errorf("exec with much output: %d bytes, %v, %v", len(output), cut, err)
	}
	var log bytes.Buffer
	if err := c.Logs(ctx, id, 10, false, &log); err != nil || log.String() != "hello\ngood day\n" {
		t.Errorf("log %q, %v", &log, err)
	}
	if all, err := c.Containers(ctx, "test"); err != nil || len(all) != 1 || all[0].State != "running" || all[0].ID != id {
		t.Errorf("listed %+v, %v", all, err)
	}
}

// ends ends a container by its own will, and takes it away.
func ends(t *testing.T, c *podman.Client, id string) {
	t.Helper()
	ctx, begin := t.Context(), time.Now()
	if err := c.Stop(ctx, id); err != nil || time.Since(begin) > 10*time.Second {
		t.Errorf("stop: %v after %s", err, time.Since(begin))
	}
	if d, err := c.Inspect(ctx, id); err != nil || d.State.Status != "exited" {
		t.Errorf("%+v, %v", d, err)
	}
	for range 2 {
		if err := c.Remove(ctx, id); err != nil {
			t.Errorf("remove: %v", err)
		}
	}
	if _, err := c.Inspect(ctx, id); !podman.IsMissing(err) {
		t.Errorf("inspect what is gone: %v", err)
	}
}

func TestAPullTellsOfWhatComesOverABadLink(t *testing.T) {
	m := podmantest.Start(t)
	c, ctx := podman.New(m.Socket), t.Context()
	image, heard := m.PushLarger(t, podmantest.Slow+":1", 1<<20), 0
	if err := c.Pull(ctx, image, podman.Login{}, func() { heard++ }); err != nil {
		t.Fatal(err)
	}
	said := heard
	heard = 0
	if err := c.Pull(ctx, image, podman.Login{}, func() { heard++ }); err != nil {
		t.Fatal(err)
	}
	if said < heard+2 {
		t.Errorf("it was heard of %d times, and %d times when there was nothing to fetch", said, heard)
	}
}

func TestAPodmanThatIsNotThereIsTold(t *testing.T) {
	_, err := podman.New(filepath.Join(t.TempDir(), "none")).Version(t.Context())
	if !podman.IsUnreachable(err) {
		t.Errorf("got %v", err)
	}
}
