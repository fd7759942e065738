// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package needs

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Podman starts podman's service for the length of the test, apart from the machine's own: with storage, state and
// networks of its own, which go with it. It pulls from these registries (HOST:PORT) by plain HTTP. It gives the path of
// the socket. One test of the machine has it at a time, for all use the same addresses for containers.
func Podman(t testing.TB, registries ...string) (socket string) {
	t.Helper()
	root(t)
	for _, program := range []string{"podman", "runc", "conmon", "netavark"} {
		// Debian keeps netavark where only podman looks.
		if _, err := exec.LookPath(program); err != nil && !exists("/usr/lib/podman/"+program) {
			Lacking(t, "podman: "+program+" is not installed; scripts/setup.sh does that")
		}
	}
	dir, err := os.MkdirTemp("", "podman-") // a socket's path has about 100 bytes at most: t.TempDir's is longer
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("podman has left something behind: %v", err)
		}
	})
	alone(t)
	p := podman{t, dir}
	p.configure(registries)
	service := p.command("system", "service", "--time=0", "unix://"+p.socket())
	var said strings.Builder
	service.Stdout, service.Stderr = &said, &said
	if err := service.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.end(service) })
	p.listens(&said)
	return p.socket()
}

type podman struct {
	t   testing.TB
	dir string
}

func (p podman) socket() string { return filepath.Join(p.dir, "sock") }

func (p podman) command(args ...string) *exec.Cmd {
	own := []string{
		"--root", filepath.Join(p.dir, "root"), "--runroot", filepath.Join(p.dir, "run"), "--tmpdir", filepath.Join(p.dir, "tmp"),
		"--network-config-dir", filepath.Join(p.dir, "net"), "--storage-driver", "overlay",
	}
	//nolint:noctx // ended by the clean-up, which outlives the test's context
	cmd := exec.Command("podman", append(own, args...)...)
	cmd.Env = append(os.Environ(), "CONTAINERS_CONF="+filepath.Join(p.dir, "containers.conf"), "CONTAINERS_REGISTRIES_CONF="+filepath.Join(p.dir, "registries.conf"))
	return cmd
}

// configure needs no systemd, and no more open files than this machine may have.
func (p podman) configure(registries []string) {
	p.t.Helper()
	containers := `[containers]
default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
[network]
network_backend = "netavark"
`
	var trusted strings.Builder
	for _, host := range registries {
		fmt.Fprintf(&trusted, "[[registry]]\nlocation = %q\ninsecure = true\n", host)
	}
	for name, text := range map[string]string{"containers.conf": containers, "registries.conf": trusted.String()} {
		if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p podman) listens(said *strings.Builder) {
	p.t.Helper()
	for range 200 {
		if conn, err := new(net.Dialer).DialContext(p.t.Context(), "unix", p.socket()); err == nil {
			_ = conn.Close() // it was to see that someone listens
			return
		}
		<-time.After(50 * time.Millisecond)
	}
	p.t.Fatalf("podman does not listen: %s", said)
}

// end stops what runs and the service, and unmounts what that has mounted.
func (p podman) end(service *exec.Cmd) {
	if out, err := p.command("rm", "--all", "--force", "--time", "0").CombinedOutput(); err != nil {
		p.t.Errorf("containers cannot be removed: %v %s", err, out)
	}
	_ = service.Process.Kill() // what it did is removed, whatever it says to that
	_ = service.Wait()
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		p.t.Error(err)
	}
	lines := strings.Split(string(mounts), "\n")
	slices.Reverse(lines)
	for _, line := range lines {
		if field := strings.Fields(line); len(field) > 1 && strings.HasPrefix(field[1], p.dir+"/") {
			if err := syscall.Unmount(field[1], syscall.MNT_DETACH); err != nil {
				p.t.Errorf("%s cannot be unmounted: %v", field[1], err)
			}
		}
	}
}

// alone waits until no other test of this machine has a podman.
func alone(t testing.TB) {
	t.Helper()
	lock, err := os.OpenFile(filepath.Join(os.TempDir(), "harmony-needs-podman.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = lock.Close() }) // which ends the lock
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
