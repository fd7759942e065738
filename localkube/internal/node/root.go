// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"nationtech.io/harmony/localkube/internal/config"
	"nationtech.io/harmony/localkube/internal/fault"
)

// root builds the file system of a node in a directory and makes it the root.
// The node sees programs of the host, read-only, and its own state; nothing else
// of the host, so a Pod that mounts "/" sees nothing else either, and no mount
// of the host is held open here.
type root struct {
	dir string
	err error
}

// enterRoot replaces the file system of this process, which is in a mount namespace of its own.
func enterRoot(c Config) error {
	r := &root{dir: c.Cluster.Node(c.Name(), "root")}
	r.check("keep mounts from the host", syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""))
	r.check("make the root directory", os.MkdirAll(r.dir, 0o700))
	r.mount("tmpfs", "/", "tmpfs", "mode=755")
	r.hostPrograms()
	r.kernel()
	r.state(c)
	r.etc(c)
	r.programs(c)
	r.hideSysctls()
	r.pivot()
	return r.err
}

func (r *root) path(p string) string { return filepath.Join(r.dir, p) }

func (r *root) check(what string, err error) {
	if r.err == nil && err != nil {
		r.err = fault.Wrap(fault.Start, err, "node: %s", what)
	}
}

func (r *root) mount(source, target, kind, options string) {
	if r.err != nil {
		return
	}
	r.check("make "+target, os.MkdirAll(r.path(target), 0o755))
	r.check("mount "+target, syscall.Mount(source, r.path(target), kind, 0, options))
}

func (r *root) bind(source, target string, flags uintptr) {
	if r.err != nil {
		return
	}
	r.check("make "+target, os.MkdirAll(r.path(target), 0o755))
	r.check("bind "+target, syscall.Mount(source, r.path(target), "", syscall.MS_BIND|flags, ""))
}

func (r *root) bindReadOnly(source, target string) {
	r.bind(source, target, 0)
	if r.err == nil {
		r.check("make "+target+" read-only", syscall.Mount("", r.path(target), "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	}
}

func (r *root) write(target, content string) {
	if r.err != nil {
		return
	}
	r.check("make the directory of "+target, os.MkdirAll(filepath.Dir(r.path(target)), 0o755))
	r.check("write "+target, os.WriteFile(r.path(target), []byte(content), 0o644))
}

// hostPrograms shows the host's programs: nft, mount and umount, and what they need.
func (r *root) hostPrograms() {
	r.bindReadOnly("/usr", "/usr")
	for _, dir := range []string{"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"} {
		info, err := os.Lstat(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			r.check("look at "+dir, err)
		case info.Mode()&fs.ModeSymlink != 0:
			to, err := os.Readlink(dir)
			r.check("look at "+dir, err)
			r.check("link "+dir, os.Symlink(to, r.path(dir)))
		default:
			r.bindReadOnly(dir, dir)
		}
	}
}

// kernel mounts what the kernel offers, for the node's own namespaces.
func (r *root) kernel() {
	r.mount("proc", "/proc", "proc", "")
	r.mount("sysfs", "/sys", "sysfs", "")
	r.bind("/sys/fs/cgroup", "/sys/fs/cgroup", syscall.MS_REC)
	r.bind("/dev", "/dev", syscall.MS_REC)
	r.mount("tmpfs", "/run", "tmpfs", "mode=755")
	r.mount("tmpfs", "/tmp", "tmpfs", "mode=1777")
	for _, dir := range []string{"/run/lock", "/run/localkube"} {
		r.check("make "+dir, os.MkdirAll(r.path(dir), 0o700))
	}
}

// state shows the node's own directories where the components look for them.
func (r *root) state(c Config) {
	r.bind(c.Cluster.Node(c.Name()), config.Home, 0)
	r.bind(c.Cluster.Volumes(), config.Home+"/volumes", 0)
	for target, source := range map[string]string{
		"/var/lib/kubelet": "kubelet", "/var/lib/containerd": "containerd",
		"/var/log/pods": "pods", "/var/log/containers": "containers",
	} {
		r.bind(c.Cluster.Node(c.Name(), source), target, 0)
	}
	r.check("make /var/lib/cni", os.MkdirAll(r.path("/var/lib/cni"), 0o755))
}

// etc has just enough for programs to find their libraries, users and certificates.
func (r *root) etc(c Config) {
	id := sha256.Sum256([]byte(c.Cluster.Dir + "/" + c.Name()))
	r.write("/etc/machine-id", hex.EncodeToString(id[:16])+"\n")
	r.write("/etc/hostname", c.Name()+"\n")
	r.write("/etc/hosts", fmt.Sprintf("127.0.0.1 localhost\n%s %s\n", c.Spec.Index.Node(c.Index), c.Name()))
	r.write("/etc/resolv.conf", fmt.Sprintf("nameserver %s\n", c.Spec.Index.DNS()))
	r.write("/etc/passwd", "root:x:0:0:root:/root:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n")
	r.write("/etc/group", "root:x:0:\nnogroup:x:65534:\n")
	r.write("/etc/nsswitch.conf", "hosts: files dns\n")
	for _, file := range []string{"/etc/ld.so.cache", "/etc/protocols", "/etc/services"} {
		if content, err := os.ReadFile(file); err == nil {
			r.write(file, string(content))
		}
	}
	for _, dir := range []string{"/etc/ssl", "/etc/pki", "/etc/alternatives"} {
		if _, err := os.Stat(dir); err == nil {
			r.bindReadOnly(dir, dir)
		}
	}
}

// programs shows the programs that were built for the node. Whole directories:
// runc protects itself by an overlay over its own, which would not see a file mounted there.
func (r *root) programs(c Config) {
	for name, source := range c.Programs {
		r.bindReadOnly(source, config.Programs+"/"+name)
	}
}

// hideSysctls shows the kubelet the values of machine-wide sysctls that it wants
// instead of letting it change the host's.
func (r *root) hideSysctls() {
	for file, value := range map[string]string{
		"vm/overcommit_memory": "1", "vm/panic_on_oom": "0",
		"kernel/panic": "10", "kernel/panic_on_oops": "1",
		"kernel/keys/root_maxkeys": "1000000", "kernel/keys/root_maxbytes": "25000000",
	} {
		shown := "/run/localkube/sysctl/" + strings.ReplaceAll(file, "/", ".")
		r.write(shown, value+"\n")
		if r.err == nil {
			r.check("hide sysctl "+file, syscall.Mount(r.path(shown), r.path("/proc/sys/"+file), "", syscall.MS_BIND, ""))
		}
	}
}

// pivot makes the directory the root, lets the old one go, and shares mounts
// among what runs in the node, as the kubelet wants.
func (r *root) pivot() {
	if r.err != nil {
		return
	}
	old := r.path("/old")
	r.check("make /old", os.MkdirAll(old, 0o700))
	r.check("pivot", syscall.PivotRoot(r.dir, old))
	if r.err != nil {
		return
	}
	r.check("change directory", os.Chdir("/"))
	r.check("let the host's file system go", syscall.Unmount("/old", syscall.MNT_DETACH))
	r.check("remove /old", os.Remove("/old"))
	r.check("share mounts", syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_SHARED, ""))
}
