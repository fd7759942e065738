// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestCluster follows one cluster through its life. The steps build on each other.
func TestCluster(t *testing.T) {
	const name = "lke2e-life"
	u := newUser(t)
	before := snapshot(t, name, u.state)

	var gateway string
	step(u, name, "two at once bring it up, one of them", func(t *testing.T) {
		gateway = upTwice(t, u, name)
	})
	step(u, name, "up again changes nothing", func(t *testing.T) { assertUnchanged(t, u, name) })
	step(u, name, "other users of the machine read nothing", func(t *testing.T) { assertPrivate(t, u.dir(name)) })
	step(u, name, "images of both kinds are loaded and listed", func(t *testing.T) { assertImages(t, u, name) })
	step(u, name, "a node pulls from a registry on the gateway once it is trusted", func(t *testing.T) { assertPull(t, u, name, gateway) })
	step(u, name, "a Pod that is not root writes to a volume", func(t *testing.T) { applyWriter(t, u, name, "first") })
	step(u, name, "a secret is encrypted at rest", func(t *testing.T) { assertEncrypted(t, u, name) })

	for _, c := range []string{"kube-apiserver", "etcd", "containerd", "kubelet"} {
		step(u, name, "a killed "+c+" is started again and reported", func(t *testing.T) {
			u.kill(name, c)
			u.eventually(c+" to run again", 30*time.Second, func() (bool, string) {
				s := u.component(name, c)
				return s.State == "running" && s.Restarts > 0 && strings.Contains(s.LastExit, "signal 9"), s.State + " " + s.LastExit
			})
			u.run("up", "--name", name)
		})
	}
	step(u, name, "a killed node is started again", func(t *testing.T) {
		check(t, syscall.Kill(u.nodes(name)[0].PID, syscall.SIGKILL))
		u.eventually("the node to run again", 30*time.Second, func() (bool, string) {
			n := u.nodes(name)[0]
			return n.State == "running" && n.Restarts > 0, n.State
		})
		u.run("up", "--name", name)
		assertHolds(t, u, name, "first")
	})
	step(u, name, "a killed supervisor takes its node with it and up goes on", func(t *testing.T) {
		status := u.run("status", "--name", name)
		check(t, syscall.Kill(status.Supervisor, syscall.SIGKILL))
		u.run("up", "--name", name)
		assertHolds(t, u, name, "first")
	})
	step(u, name, "objects and data survive stop and up", func(t *testing.T) { assertSurvival(t, u, name, gateway) })
	step(u, name, "a released volume is deleted", func(t *testing.T) {
		u.kubectl(name, "delete", "statefulset,pvc", "--all", "-n", "e2e")
		u.eventually("the volume's directory to go", 30*time.Second, func() (bool, string) {
			left, _ := filepath.Glob(u.dir(name, "volumes", name, "*"))
			return len(left) == 0, strings.Join(left, " ")
		})
	})
	step(u, name, "down leaves nothing, after the supervisor was killed", func(t *testing.T) {
		check(t, syscall.Kill(u.run("status", "--name", name).Supervisor, syscall.SIGKILL))
		u.run("down", "--name", name)
		assertNothingLeft(t, before, name, gateway, u)
	})
}

// upTwice brings the cluster up by two commands at once, and gives its gateway.
func upTwice(t *testing.T, u *user, name string) string {
	t.Helper()
	var results [2]result
	var group sync.WaitGroup
	for i := range results {
		group.Go(func() { results[i] = u.run("up", "--name", name) })
	}
	group.Wait()
	if results[0].Already == results[1].Already {
		t.Errorf("already: %t and %t, want one of each", results[0].Already, results[1].Already)
	}
	return results[0].Gateway
}

// assertUnchanged looks that the cluster that stands is not started anew.
func assertUnchanged(t *testing.T, u *user, name string) {
	t.Helper()
	pid := u.run("status", "--name", name).Supervisor
	if r := u.run("up", "--name", name); !r.Already {
		t.Errorf("not already up: %+v", r)
	}
	if now := u.run("status", "--name", name).Supervisor; now != pid {
		t.Errorf("supervisor %d became %d", pid, now)
	}
}

// assertSurvival stops the cluster and starts it again.
func assertSurvival(t *testing.T, u *user, name, gateway string) {
	t.Helper()
	uid := u.kubectl(name, "get", "statefulset", "writer", "-n", "e2e", "-o", "jsonpath={.metadata.uid}")
	u.run("stop", "--name", name)
	if left := network(t, gateway); len(left) > 0 {
		t.Errorf("stopped, and left of the network: %q", left)
	}
	if state := u.run("status", "--name", name).State; state != "stopped" {
		t.Errorf("state %q, want stopped", state)
	}
	u.run("up", "--name", name)
	if now := u.kubectl(name, "get", "statefulset", "writer", "-n", "e2e", "-o", "jsonpath={.metadata.uid}"); now != uid {
		t.Errorf("uid %s became %s", uid, now)
	}
	assertHolds(t, u, name, "first")
}

// assertPrivate looks that keys and kubeconfigs are their owner's, and that others do not get past the directory.
func assertPrivate(t *testing.T, dir string) {
	t.Helper()
	info, err := os.Stat(dir)
	check(t, err)
	if mode := info.Mode().Perm(); mode != 0o700 {
		t.Errorf("%s has mode %o, want 700", dir, mode)
	}
	seen := 0
	check(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // files come and go below a cluster that runs
		}
		private := strings.Contains(path, "/pki/") || strings.Contains(path, "/conf/") || d.Name() == "kubeconfig"
		if d.IsDir() || !private || strings.Contains(path, "/kubelet/") {
			return nil
		}
		info, err := d.Info()
		check(t, err)
		seen++
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o, want 600", path, mode)
		}
		return nil
	}))
	if seen < 20 {
		t.Errorf("looked at %d files only", seen)
	}
}

func assertImages(t *testing.T, u *user, name string) {
	t.Helper()
	image := writerImage(t)
	u.run("image", "load", dockerArchive(t, image, "e2e.internal/writer:docker"), ociArchive(t, image, "e2e.internal/writer:oci"), "--name", name)
	var nodes map[string][]struct{ Name, Digest string }
	check(t, json.Unmarshal(u.run("image", "list", "--name", name).Nodes, &nodes))
	found := map[string]string{}
	for _, i := range nodes[name] {
		found[i.Name] = i.Digest
	}
	digest, err := image.Digest()
	check(t, err)
	if found["e2e.internal/writer:oci"] != digest.String() {
		t.Errorf("OCI layout came as %q, want %s", found["e2e.internal/writer:oci"], digest)
	}
	if found["e2e.internal/writer:docker"] == "" {
		t.Errorf("docker archive is not listed in %v", found)
	}
}

func applyWriter(t *testing.T, u *user, name, content string) {
	t.Helper()
	manifest, err := os.ReadFile("testdata/volume.yaml")
	check(t, err)
	file := filepath.Join(t.TempDir(), "volume.yaml")
	check(t, os.WriteFile(file, bytes.ReplaceAll(manifest, []byte("CONTENT"), []byte(content)), 0o600))
	u.kubectl(name, "apply", "-f", file)
	u.kubectl(name, "rollout", "status", "statefulset/writer", "-n", "e2e", "--timeout=60s")
	assertHolds(t, u, name, content)
}

// assertHolds looks that the writer found, or made, the content on its volume, as the user that it should be.
func assertHolds(t *testing.T, u *user, name, content string) {
	t.Helper()
	u.eventually("the writer to hold "+content, 60*time.Second, func() (bool, string) {
		output, err := u.command(t.Context(), "kubectl", "--name", name, "logs", "writer-0", "-n", "e2e").CombinedOutput()
		return err == nil && strings.TrimSpace(string(output)) == "uid 65532 holds "+content, string(output)
	})
}

// assertEncrypted looks for a secret's value in every file of etcd. That it looks in the right
// place is seen by the secret's key, which is there in the clear.
func assertEncrypted(t *testing.T, u *user, name string) {
	t.Helper()
	clear, key := false, "/registry/secrets/e2e/password"
	check(t, filepath.WalkDir(u.dir(name, "nodes", name, "etcd"), func(path string, d fs.DirEntry, err error) error {
		check(t, err)
		if d.IsDir() {
			return nil
		}
		content, err := os.ReadFile(path)
		check(t, err)
		if bytes.Contains(content, []byte("correct-horse-battery-staple")) {
			t.Errorf("the secret is readable in %s", path)
		}
		clear = clear || bytes.Contains(content, []byte(key))
		return nil
	}))
	if !clear {
		t.Errorf("the key %s is nowhere in etcd's files: looked in the wrong place", key)
	}
}
