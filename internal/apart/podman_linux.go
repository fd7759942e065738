// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package apart

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"nationtech.io/harmony/wait"
)

// Programs are what podman runs with.
func Programs() []string { return []string{"podman", "runc", "conmon", "netavark", "catatonit"} }

// A Podman is podman's service, and all that it started.
type Podman struct {
	// Socket is where it listens.
	Socket  string
	dir     string
	network *Network
	user    *user // whose it is; nil for root
	size    int   // of the disk that it keeps images and containers on, in bytes; that of this machine when zero
	process *exec.Cmd
	cgroups cgroups
}

// StartPodman starts podman's service in a network. It pulls from these registries (HOST:PORT) by plain HTTP. It ends with
// the calling process at the latest, and then leaves its directory and its cgroups behind, which Stop does not.
func StartPodman(ctx context.Context, network *Network, registries ...string) (*Podman, error) {
	return StartSmallPodman(ctx, network, 0, registries...)
}

// StartSmallPodman is StartPodman, with a disk for images and containers that has so many bytes. Cut empties it.
func StartSmallPodman(ctx context.Context, network *Network, size int, registries ...string) (*Podman, error) {
	p, err := newPodman(network)
	if err != nil {
		return nil, err
	}
	p.size = size
	if p.cgroups, err = watchCgroups(ctx); err != nil {
		return nil, errors.Join(err, p.Stop(ctx))
	}
	return p.started(ctx, registries)
}

func newPodman(network *Network) (*Podman, error) {
	dir, err := os.MkdirTemp("", "podman-") // a socket's path has about 100 bytes at most
	if err != nil {
		return nil, fmt.Errorf("make podman's directory: %w", err)
	}
	return &Podman{Socket: filepath.Join(dir, "sock"), dir: dir, network: network}, nil
}

func (p *Podman) started(ctx context.Context, registries []string) (*Podman, error) {
	if err := p.configure(registries); err != nil {
		return nil, errors.Join(err, p.Stop(ctx))
	}
	if err := p.boot(ctx); err != nil {
		return nil, errors.Join(err, p.Stop(ctx))
	}
	return p, nil
}

// boot starts the service and returns when it listens.
func (p *Podman) boot(ctx context.Context) (err error) {
	var said strings.Builder
	p.process = p.service()
	p.process.Stdout, p.process.Stderr = &said, &said
	p.network.within(func() { err = p.process.Start() })
	if err != nil {
		p.process = nil
		return fmt.Errorf("start podman: %w", err)
	}
	if err := p.listens(ctx); err != nil {
		p.Cut() // only then all is said
		return fmt.Errorf("%w: %s", err, &said)
	}
	return nil
}

// Cut ends it with all that it started, as when the power is cut. Its disk stays, for Boot.
func (p *Podman) Cut() {
	if p.process != nil {
		_ = p.process.Process.Kill() // and with the first process of its namespace all others
		_ = p.process.Wait()         // it was killed
		p.process = nil
	}
}

// Boot starts it after Cut, with what its disk has. What stood in memory is gone, as after a boot of a machine.
func (p *Podman) Boot(ctx context.Context) error {
	for _, volatile := range []string{"run", "tmp", "sock"} {
		if err := os.RemoveAll(filepath.Join(p.dir, volatile)); err != nil {
			return fmt.Errorf("forget what stood in memory: %w", err)
		}
	}
	return p.boot(ctx)
}

// Kill is kill -9 of the service alone: containers go on, and the service is started again.
func (p *Podman) Kill() error { return p.signal(syscall.SIGKILL) }

// Hang lets the service take questions and answer none, until Wake is called. Containers go on.
func (p *Podman) Hang() error { return p.signal(syscall.SIGSTOP) }

// Wake ends Hang.
func (p *Podman) Wake() error { return p.signal(syscall.SIGCONT) }

func (p *Podman) signal(s syscall.Signal) error {
	first := p.process.Process.Pid
	for _, shell := range children(first, "sh") {
		for _, service := range children(shell, "podman") {
			return syscall.Kill(service, s)
		}
	}
	return fmt.Errorf("find podman's service: %w", os.ErrProcessDone)
}

// Fill fills the disk of a small podman until nothing fits, and gives what takes that back.
func (p *Podman) Fill() (free func() error, err error) {
	name := fmt.Sprintf("/proc/%d/root%s", p.process.Process.Pid, filepath.Join(p.dir, "root", "filler"))
	file, err := os.Create(name)
	if err != nil {
		return nil, fmt.Errorf("fill podman's disk: %w", err)
	}
	defer func() { _ = file.Close() }() // it could not all be written, which was the purpose
	for _, size := range []int{1 << 20, 4 << 10, 1} {
		for piece := make([]byte, size); err == nil; {
			_, err = file.Write(piece)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			return nil, fmt.Errorf("fill podman's disk: %w", err)
		}
		err = nil
	}
	return func() error { return os.Remove(name) }, nil
}

// children are the processes of that name which another one has started.
func children(of int, name string) (all []int) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", of, of))
	if err != nil {
		return nil // it has ended
	}
	for _, field := range strings.Fields(string(text)) {
		is, err := os.ReadFile("/proc/" + field + "/comm")
		if pid, bad := strconv.Atoi(field); err == nil && bad == nil && strings.TrimSpace(string(is)) == name {
			all = append(all, pid)
		}
	}
	return all
}

// Stop ends it with all that it started, and takes away what it kept, also when the context has ended.
func (p *Podman) Stop(ctx context.Context) error {
	p.Cut()
	return errors.Join(p.cgroups.tidy(context.WithoutCancel(ctx)), os.RemoveAll(p.dir))
}

// isolated hides what podman keeps outside of its directories, and has a first process that reaps what podman leaves. A service
// that was killed is started again, as systemd does it.
const isolated = `set -e
mount -t proc proc /proc
for dir in /run /dev/shm /var/lib; do mount -t tmpfs tmpfs $dir; done
%s
exec catatonit -- %s sh -c 'while podman "$@"; [ $? = 137 ]; do :; done' podman "$@"`

func (p *Podman) script() string {
	switch {
	case p.size > 0:
		root := filepath.Join(p.dir, "root")
		return fmt.Sprintf(isolated, fmt.Sprintf("mkdir -p %s\nmount -t tmpfs -o size=%d tmpfs %[1]s", root, p.size), "")
	case p.user == nil:
		return fmt.Sprintf(isolated, "", "")
	}
	return fmt.Sprintf(isolated, p.user.known(), p.user.become())
}

// service is podman's service in namespaces of its own, where it ends with the thread that starts it at the latest.
func (p *Podman) service() *exec.Cmd {
	//nolint:noctx // ended by Stop, which outlives any context
	cmd := exec.Command("sh", "-c", p.script(), "podman",
		"--root", filepath.Join(p.dir, "root"), "--runroot", filepath.Join(p.dir, "run"), "--tmpdir", filepath.Join(p.dir, "tmp"),
		"--network-config-dir", filepath.Join(p.dir, "net"), "--storage-driver", "overlay",
		"system", "service", "--time=0", "unix://"+p.Socket)
	cmd.Env = append(os.Environ(), "CONTAINERS_CONF="+filepath.Join(p.dir, "containers.conf"), "CONTAINERS_REGISTRIES_CONF="+filepath.Join(p.dir, "registries.conf"))
	if p.user != nil {
		cmd.Dir = p.dir // where the user may be
		cmd.Env = append(cmd.Env, p.user.environment()...)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:   syscall.CLONE_NEWPID,
		Unshareflags: syscall.CLONE_NEWNS, // by which Go also sees to it that no mount is seen outside
		Pdeathsig:    syscall.SIGKILL,
	}
	return cmd
}

// configure needs no systemd, and no more open files than this machine may have.
func (p *Podman) configure(registries []string) error {
	limits := `default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]`
	if p.user != nil {
		limits = "" // those of the user
	}
	containers := `[containers]
` + limits + `
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
			return fmt.Errorf("configure podman: %w", err)
		}
	}
	if p.user != nil {
		return p.user.settle()
	}
	return nil
}

func (p *Podman) listens(ctx context.Context) error {
	return wait.Until(ctx, "podman to listen", wait.Pace{Limit: 10 * time.Second}, func(ctx context.Context) (string, bool, error) {
		conn, err := new(net.Dialer).DialContext(ctx, "unix", p.Socket)
		if err != nil {
			return err.Error(), false, nil
		}
		_ = conn.Close() // it was to see that someone listens
		return "", true, nil
	})
}
