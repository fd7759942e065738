// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package needs

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"nationtech.io/harmony/wait"
)

// Podman starts podman's service in a network for the length of the test, apart from the machine's own: with storage,
// state, processes and mounts of its own, which go with it. It pulls from these registries (HOST:PORT) by plain HTTP.
// It gives the path of the socket.
func Podman(t testing.TB, network *Network, registries ...string) (socket string) {
	t.Helper()
	root(t)
	for _, program := range []string{"podman", "runc", "conmon", "netavark", "catatonit"} {
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
	tidy(t)
	p := podman{t, dir}
	p.configure(registries)
	service := p.service()
	var said strings.Builder
	service.Stdout, service.Stderr = &said, &said
	network.within(func() { err = service.Start() })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = service.Process.Kill() // and with the first process of its namespace all others
		_ = service.Wait()
	})
	p.listens(&said)
	return p.socket()
}

type podman struct {
	t   testing.TB
	dir string
}

func (p podman) socket() string { return filepath.Join(p.dir, "sock") }

// isolated hides what podman keeps outside of its directories, and has a first process that reaps what podman leaves.
const isolated = `set -e
mount -t proc proc /proc
for dir in /run /dev/shm /var/lib; do mount -t tmpfs tmpfs $dir; done
exec catatonit -- podman "$@"`

// service is podman's service in namespaces of its own, where it ends with the thread that starts it at the latest.
func (p podman) service() *exec.Cmd {
	//nolint:noctx // ended by the clean-up, which outlives the test's context
	cmd := exec.Command("sh", "-c", isolated, "podman",
		"--root", filepath.Join(p.dir, "root"), "--runroot", filepath.Join(p.dir, "run"), "--tmpdir", filepath.Join(p.dir, "tmp"),
		"--network-config-dir", filepath.Join(p.dir, "net"), "--storage-driver", "overlay",
		"system", "service", "--time=0", "unix://"+p.socket())
	cmd.Env = append(os.Environ(), "CONTAINERS_CONF="+filepath.Join(p.dir, "containers.conf"), "CONTAINERS_REGISTRIES_CONF="+filepath.Join(p.dir, "registries.conf"))
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:   syscall.CLONE_NEWPID,
		Unshareflags: syscall.CLONE_NEWNS, // by which Go also sees to it that no mount is seen outside
		Pdeathsig:    syscall.SIGKILL,
	}
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
	err := wait.Until(p.t.Context(), "podman to listen", wait.Pace{Limit: 10 * time.Second}, func(ctx context.Context) (string, bool, error) {
		conn, err := new(net.Dialer).DialContext(ctx, "unix", p.socket())
		if err != nil {
			return err.Error(), false, nil
		}
		_ = conn.Close() // it was to see that someone listens
		return "", true, nil
	})
	if err != nil {
		p.t.Fatalf("%v: %s", err, said)
	}
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
